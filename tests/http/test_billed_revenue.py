"""What posting makes of revenue: schedules by the rules of charges, and their taking back."""

from typing import Any

import pytest

from tests import builders
from tests.api import Api
from tests.http.billing import (
    AT_ONCE,
    CREDIT_MEMOS,
    DAILY,
    DEBIT_MEMOS,
    INVOICES,
    NAMED,
    SCHEDULES,
    TERM,
    Shop,
    refused,
)
from tests.http.by_hand import new_amounts
from tests.http.journal import PERIODS

MONTHLY = "Monthly recognition over time"
UNLIMITED = "Custom - Unlimited recognition"
T20 = {"Jan'2024": 55.93, "Feb'2024": 95.41, "Mar'2024": 101.99, "Apr'2024": 46.67}


def negative(amounts: dict[str, float]) -> dict[str, float]:
    return {name: -amount for name, amount in amounts.items()}


def no_schedule(shop: Shop, invoice: dict[str, Any]) -> None:
    (item,) = shop.items(invoice)
    assert item["revenueScheduleNumber"] is None
    assert shop.api.get(f"{SCHEDULES}/RS-00000001").status_code == 404


@pytest.mark.parametrize(
    ("distribution", "amounts"),
    [
        ("Monthly Distribution (Front Load)", (100, 100, 100, 0)),
        ("Monthly Distribution (Back Load)", (0, 100, 100, 100)),
        ("Monthly Distribution (Proration by Days)", (54.74, 100, 100, 45.26)),
    ],
)
def test_r_t18_posting_spreads_by_month(
    api: Api, distribution: str, amounts: tuple[float, ...]
) -> None:
    api.settings(monthly_recognition=True)
    shop = Shop(api)
    shop.rule("By month", MONTHLY, distributionType=distribution)

    shop.posted(shop.item(revenueRecognitionRuleName="By month"))

    expected = dict(zip(T20, amounts, strict=True))
    assert shop.held() == {name: amount for name, amount in expected.items() if amount}
    assert api.found(f"{SCHEDULES}/RS-00000001")["recognitionRuleName"] == "By month"


def test_r_t20_posting_spreads_by_day(api: Api) -> None:
    shop = Shop(api)

    invoice = shop.posted()

    schedule = shop.schedule_of(invoice)
    (item,) = shop.items(invoice)
    assert shop.held(schedule["number"]) == T20
    assert (schedule["amount"], schedule["currency"]) == (300, "USD")
    assert schedule["recognitionRuleName"] == DAILY
    assert schedule["revenueScheduleDate"] == "2024-01-15"
    assert schedule["linkedTransactionType"] == "InvoiceItem"
    assert schedule["linkedTransactionId"] == item["id"]
    assert schedule["linkedTransactionNumber"] == "INV-00000001"
    assert schedule["referenceId"] is None
    assert schedule["subscriptionChargeId"] == shop.charge.original_id
    assert schedule["subscriptionId"] == shop.charge.original_subscription_id
    assert item["revenueScheduleNumber"] == "RS-00000001"
    codes = schedule["revenueItems"][0]
    assert codes["deferredRevenueAccountingCode"] == "Deferred Revenue"
    assert codes["recognizedRevenueAccountingCodeType"] == "Revenue: Sales"
    assert shop.event() == ("Invoice Posted", "InvoicePosted__z")
    (event,) = api.found("/v1/revenue-events/revenue-schedules/RS-00000001")["revenueEventDetails"]
    assert (event["recognitionStart"], event["recognitionEnd"]) == ("2024-01-15", "2024-04-14")


def test_r_t24_a_credit_memo_is_the_mirror_of_its_invoice(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()

    memo = shop.memo_of(CREDIT_MEMOS, invoice, 300)

    item = shop.item_of(CREDIT_MEMOS, memo)
    schedule = api.found(f"{SCHEDULES}/credit-memo-items/{item['id']}")
    assert schedule["number"] == item["financeInformation"]["revenueScheduleNumber"]
    assert schedule["amount"] == -300
    assert schedule["linkedTransactionType"] == "CreditMemoItem"
    assert schedule["linkedTransactionNumber"] == "CM-00000001"
    assert shop.held("RS-00000002") == negative(T20)
    assert shop.event("RS-00000002") == ("Credit Memo Posted", "CreditMemoPosted__z")


def test_r_t25_what_is_for_closed_periods_goes_to_the_next_open_one(api: Api) -> None:
    shop = Shop(api)
    shop.close("Jan'2024", "Feb'2024")

    shop.posted(invoiceDate="2024-03-01")

    assert shop.held() == {"Mar'2024": 253.33, "Apr'2024": 46.67}


def test_a_debit_memo_adds_revenue(api: Api) -> None:
    shop = Shop(api)

    memo = shop.memo(DEBIT_MEMOS, autoPost=True)

    item = shop.item_of(DEBIT_MEMOS, memo)
    schedule = api.found(f"{SCHEDULES}/debit-memo-items/{item['id']}")
    assert (schedule["amount"], schedule["linkedTransactionType"]) == (300, "DebitMemoItem")
    assert shop.held() == T20
    assert shop.event() == ("Debit Memo Posted", "DebitMemoPosted__z")


def test_an_adjustment_has_the_service_period_of_its_item(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()

    credit = shop.adjust(invoice, 300)
    shop.adjust(invoice, 30, Type="Charge")

    schedule = api.found(f"{SCHEDULES}/invoice-item-adjustments/{credit}")
    assert (schedule["number"], schedule["amount"]) == ("RS-00000002", -300)
    assert schedule["linkedTransactionType"] == "InvoiceItemAdjustment"
    assert schedule["linkedTransactionNumber"] == "IIA-00000001"
    assert api.found(f"{SCHEDULES}/invoice-item-adjustments/IIA-00000001") == schedule
    assert shop.held("RS-00000002") == negative(T20)
    assert shop.event("RS-00000002") == (
        "Invoice Item Adjustment Created",
        "InvoiceItemAdjustmentCreated__z",
    )
    assert api.found(f"{SCHEDULES}/RS-00000003")["amount"] == 30


def test_recognition_upon_invoicing_goes_by_the_date_of_the_document(api: Api) -> None:
    shop = Shop(api, rule=AT_ONCE)

    shop.posted(invoiceDate="2024-02-10")

    assert shop.held() == {"Feb'2024": 300}


def test_recognition_on_a_date_goes_by_the_rule(api: Api) -> None:
    shop = Shop(api)
    end = {"dateField": "ServicePeriodEnd"}
    shop.rule("At the end", "Full recognition on a specific date", recognitionStart=end)

    shop.posted(shop.item(revenueRecognitionRuleName="At the end"))

    assert shop.held() == {"Apr'2024": 300}


def test_a_rule_may_count_from_a_date_of_the_subscription(api: Api) -> None:
    shop = Shop(api)
    start = {"dateField": "ContractEffectiveDate", "after": 1, "unit": "Months"}
    shop.rule("A month on", "Full recognition on a specific date", recognitionStart=start)

    shop.posted(shop.item(revenueRecognitionRuleName="A month on"))

    assert shop.held() == {"Feb'2024": 300}


def test_manual_recognition_waits_in_open_ended(api: Api) -> None:
    shop = Shop(api)
    shop.rule("By hand", "Manual recognition")

    shop.posted(shop.item(revenueRecognitionRuleName="By hand"))

    assert shop.held() == {"Open-Ended": 300}
    assert api.found(f"{SCHEDULES}/RS-00000001")["undistributedUnrecognizedRevenue"] == 300


def test_each_item_has_a_schedule_of_its_own(api: Api) -> None:
    shop = Shop(api)

    invoice = shop.posted(
        shop.item("300"),
        shop.item("0"),
        {
            **TERM,
            "amount": "9.10",
            "productRatePlanChargeId": shop.charge.product_rate_plan_charge_id,
        },
    )

    numbers = [item["revenueScheduleNumber"] for item in shop.items(invoice)]
    assert numbers == ["RS-00000001", None, "RS-00000002"]
    listed = api.found(
        f"{SCHEDULES}/product-charges/{shop.charge.product_rate_plan_charge_id}"
        f"/{shop.account.number}"
    )["revenueSchedules"]
    assert [(one["number"], one["amount"]) for one in listed] == [("RS-00000002", "9.10")]
    assert "subscriptionId" not in listed[0]


def test_an_item_of_no_charge_may_have_a_rule_and_codes_of_its_own(api: Api) -> None:
    shop = Shop(api)
    item = {
        **TERM,
        "amount": "300",
        "chargeName": "Workshop",
        "revenueRecognitionRuleName": DAILY,
        "deferredRevenueAccountingCode": "Deferred Revenue",
        "recognizedRevenueAccountingCode": "Subscription Revenue",
    }

    schedule = shop.schedule_of(shop.posted(item))

    assert shop.held() == T20
    assert (schedule["subscriptionId"], schedule["subscriptionChargeId"]) == (None, None)


def test_a_new_period_takes_its_share_of_what_was_billed(api: Api) -> None:
    shop = Shop(api, months=(1, 2))
    shop.posted()
    assert shop.held() == {"Jan'2024": 55.93, "Feb'2024": 95.41, "Open-Ended": 148.66}

    march = {
        "name": "Mar'2024",
        "startDate": "2024-03-01",
        "endDate": "2024-03-31",
        "fiscalYear": 2024,
    }
    api.made(PERIODS, march)

    assert shop.held() == {
        "Jan'2024": 55.93,
        "Feb'2024": 95.41,
        "Mar'2024": 101.99,
        "Open-Ended": 46.67,
    }


def test_each_period_is_rounded_half_up_where_the_rule_says_so(api: Api) -> None:
    """The same rounding when a period is defined later: what the earlier ones hold is known."""
    shop = Shop(api, rule="Half up", months=(1, 2))
    shop.rule("Half up", "Daily recognition over time", rounding="half up per period")
    shop.posted()
    first = {"Jan'2024": 56.04, "Feb'2024": 95.60}
    assert shop.held() == {**first, "Open-Ended": 148.36}

    for month, last in (("Mar", "2024-03-31"), ("Apr", "2024-04-30")):
        period = {"name": f"{month}'2024", "startDate": f"{last[:8]}01", "endDate": last}
        api.made(PERIODS, {**period, "fiscalYear": 2024})

    assert shop.held() == {**first, "Mar'2024": 102.20, "Apr'2024": 46.16}


UNSCHEDULED: dict[str, dict[str, Any]] = {
    "a custom rule": {"rule": UNLIMITED},
    "no rule": {"rule": None},
    "no revenue code": {"recognized_revenue_account": None},
    "no deferred code": {"deferred_revenue_account": None},
    "no automation": {"automatic": False},
}


@pytest.mark.parametrize("terms", UNSCHEDULED.values(), ids=UNSCHEDULED)
def test_posting_makes_no_schedule_for(api: Api, terms: dict[str, Any]) -> None:
    shop = Shop(api, **terms)

    no_schedule(shop, shop.posted())


def test_posting_makes_no_schedule_before_the_automation_start_date(api: Api) -> None:
    shop = Shop(api, automatic=False)
    shop.automate("2024-02-01")

    no_schedule(shop, shop.posted(invoiceDate="2024-01-31"))
    shop.posted(invoiceDate="2024-02-01")

    assert api.found(f"{SCHEDULES}/RS-00000001")["linkedTransactionNumber"] == "INV-00000002"


def test_posting_makes_no_schedule_of_a_draft_older_than_automation(api: Api) -> None:
    shop = Shop(api, automatic=False)
    draft = shop.draft()
    api.clock.now = api.clock.now.replace(minute=30)
    shop.automate("2024-01-01")

    shop.put(f"{INVOICES}/{draft['id']}/post")

    no_schedule(shop, draft)


def test_a_prepayment_charge_has_the_schedules_of_its_funds_only(api: Api) -> None:
    shop = Shop(api)
    with builders.writing(api) as books:
        plan = builders.rate_plan(books, "Prepaid")
        builders.prepayment_charge(books, plan, revenue_recognition_rule_name=DAILY, **NAMED)
        sold = builders.sell(
            books, shop.account, plan, start=shop.sold.subscription.term_start_date
        )
    charge = sold.charge("Prepayment")
    last = f"RS-{len(sold.funds):08}"

    invoice = shop.posted(shop.item("1000", ratePlanChargeId=charge.number))

    (item,) = shop.items(invoice)
    assert api.found(f"{SCHEDULES}/{last}")["linkedTransactionId"] is None
    assert item["revenueScheduleNumber"] is None
    assert item["accountingCode"] == "Deferred Revenue"
    assert refused(api, "POST", f"{SCHEDULES}/invoice-items/{item['id']}", {}) == (
        50600030,
        (
            "The invoice item cannot have a revenue schedule: the fund of its prepayment charge "
            "has one."
        ),
    )


def test_usage_was_earned_before_it_is_billed(api: Api) -> None:
    shop = Shop(api)
    api.made("/v1/accounting-codes", {"name": "Unbilled", "type": "UnbilledReceivables"})
    with builders.writing(api) as books:
        plan = builders.rate_plan(books, "Metered")
        builders.drawdown_charge(books, plan, revenue_recognition_rule_name=DAILY, **NAMED)
        sold = builders.sell(
            books, shop.account, plan, start=shop.sold.subscription.term_start_date
        )

    invoice = shop.posted(shop.item("5", ratePlanChargeId=sold.charge("Drawdown").id))

    no_schedule(shop, invoice)
    (item,) = shop.items(invoice)
    assert item["accountingCode"] == "Unbilled"


def test_canceling_takes_the_schedule_back_in_open_periods(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()

    shop.put(f"{INVOICES}/{invoice['id']}/cancel")

    assert shop.held() == T20
    assert shop.held("RS-00000002") == negative(T20)
    assert shop.event("RS-00000002") == ("Invoice Canceled", "InvoiceCanceled__z")
    back = api.found(f"{SCHEDULES}/RS-00000002")
    assert (back["amount"], back["linkedTransactionNumber"]) == (-300, "INV-00000001")
    summary = api.found(f"/v1/charge-revenue-summaries/subscription-charges/{shop.charge.id}")
    assert summary["amount"] == 0
    assert {item["amount"] for item in summary["revenueItems"]} == {0}
    assert shop.schedule_of(invoice)["number"] == "RS-00000001"


def test_canceling_leaves_closed_periods_and_corrects_in_the_first_open_one(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted(invoiceDate="2024-03-10")
    shop.close("Jan'2024", "Feb'2024")

    shop.put(f"{INVOICES}/{invoice['id']}/cancel")

    assert shop.held() == T20
    assert shop.held("RS-00000002") == {"Mar'2024": -253.33, "Apr'2024": -46.67}
    summary = api.found(f"/v1/charge-revenue-summaries/subscription-charges/{shop.charge.id}")
    amounts = {item["accountingPeriodName"]: item["amount"] for item in summary["revenueItems"]}
    assert amounts == {
        "Jan'2024": 55.93,
        "Feb'2024": 95.41,
        "Mar'2024": -151.34,
        "Apr'2024": 0,
        "Open-Ended": 0,
    }
    assert summary["recognizedRevenue"] == 151.34


def test_canceling_takes_back_what_was_distributed_since(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    path = f"{SCHEDULES}/RS-00000001/distribute-revenue-across-accounting-periods"
    shop.put(path, {"revenueDistributions": new_amounts({"Jan'2024": 0, "Apr'2024": "102.60"})})

    shop.put(f"{INVOICES}/{invoice['id']}/cancel")

    assert shop.held("RS-00000002") == {"Feb'2024": -95.41, "Mar'2024": -101.99, "Apr'2024": -102.6}
    for number in ("RS-00000001", "RS-00000002"):
        path = f"{SCHEDULES}/{number}/distribute-revenue-across-accounting-periods"
        body = {"revenueDistributions": new_amounts({"Jan'2024": 0})}
        assert refused(api, "PUT", path, body) == (
            50600030,
            (
                f"Revenue schedule {number} cannot be distributed: its billing transaction is "
                "canceled."
            ),
        )


def test_a_new_period_takes_nothing_of_what_is_canceled(api: Api) -> None:
    shop = Shop(api, months=(1, 2))
    invoice = shop.posted()
    shop.put(f"{INVOICES}/{invoice['id']}/cancel")

    march = {
        "name": "Mar'2024",
        "startDate": "2024-03-01",
        "endDate": "2024-03-31",
        "fiscalYear": 2024,
    }
    api.made(PERIODS, march)

    held = {"Jan'2024": 55.93, "Feb'2024": 95.41, "Open-Ended": 148.66}
    assert shop.held() == held
    assert shop.held("RS-00000002") == negative(held)


@pytest.mark.parametrize(
    ("path", "label"),
    [(CREDIT_MEMOS, "Credit Memo Canceled"), (DEBIT_MEMOS, "Debit Memo Canceled")],
)
def test_canceling_a_memo_takes_its_schedule_back(api: Api, path: str, label: str) -> None:
    shop = Shop(api)
    memo = shop.memo(path, autoPost=True)

    assert shop.put(f"{path}/{memo['id']}/cancel")["status"] == "Canceled"

    assert shop.held("RS-00000002") == negative(shop.held())
    assert shop.event("RS-00000002")[0] == label


def test_canceling_an_adjustment_takes_its_schedule_back(api: Api) -> None:
    shop = Shop(api)
    adjustment = shop.adjust(shop.posted(), 300)

    answer = api.put(f"/v1/object/invoice-item-adjustment/{adjustment}", {"Status": "Canceled"})

    assert answer.json() == {"Success": True, "Id": adjustment}
    assert shop.held("RS-00000002") == negative(T20)
    assert shop.held("RS-00000003") == T20
    assert shop.event("RS-00000003") == (
        "Invoice Item Adjustment Canceled",
        "InvoiceItemAdjustmentCanceled__z",
    )


def test_what_is_linked_to_a_transaction_is_not_deleted_or_referred_to(api: Api) -> None:
    shop = Shop(api)
    shop.posted()

    assert refused(api, "DELETE", f"{SCHEDULES}/RS-00000001") == (
        50000030,
        "A revenue schedule that is linked to a billing transaction cannot be deleted.",
    )
