"""What billing documents post: journal runs, entries and the trial balance (R 6.1 to 6.3)."""

from typing import Any

import pytest

from tests import builders
from tests.api import Api
from tests.http.billing import ADJUSTMENTS, AT_ONCE, CREDIT_MEMOS, DEBIT_MEMOS, INVOICES, Shop

JAN, FEB, MAR = "Jan'2024", "Feb'2024", "Mar'2024"
INVOICE_ITEM, REVENUE = "Invoice Item", "Revenue Event Item"
CREDIT, DEBIT = "Credit Memo Item (Charge)", "Debit Memo Item (Charge)"
ADJUSTMENT = "Invoice Item Adjustment (Invoice)"
ALL = (INVOICE_ITEM, ADJUSTMENT, REVENUE, DEBIT, CREDIT)


def test_an_invoice_defers_and_its_schedule_earns(api: Api) -> None:
    shop = Shop(api)
    shop.posted(shop.item("300"), shop.item("20"))

    assert shop.run(JAN, *ALL) == [
        "USD Dr Receivable 320.00, Cr Deferred Revenue 320.00",
        "USD Dr Deferred Revenue 59.50, Cr Subscription Revenue 59.50",
    ]
    assert shop.run(JAN, *ALL) == []


def test_r_t24_a_credit_memo_swaps_the_sides(api: Api) -> None:
    shop = Shop(api)
    shop.memo(CREDIT_MEMOS, autoPost=True)

    assert shop.run(JAN, *ALL) == [
        "USD Dr Subscription Revenue 55.93, Cr Deferred Revenue 55.93",
        "USD Dr Deferred Revenue 300.00, Cr Receivable 300.00",
    ]


def test_a_debit_memo_and_adjustments_post_as_an_invoice_does(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    shop.run(JAN, *ALL)
    shop.memo(DEBIT_MEMOS, 40, autoPost=True)
    shop.adjust(invoice, 100)
    shop.adjust(invoice, 30, Type="Charge")

    assert shop.run(JAN, DEBIT, ADJUSTMENT) == [
        "USD Dr Deferred Revenue 100.00, Cr Receivable 100.00",
        "USD Dr Receivable 30.00, Cr Deferred Revenue 30.00",
        "USD Dr Receivable 40.00, Cr Deferred Revenue 40.00",
    ]


def test_what_no_rule_recognizes_is_revenue_at_once(api: Api) -> None:
    shop = Shop(api, rule=None)
    api.made("/v1/accounting-codes", {"name": "Setup Revenue", "type": "SalesRevenue"})
    setup = {"amount": 5, "chargeName": "Setup", "serviceStartDate": "2024-01-15"}
    shop.posted(shop.item("300"), {**setup, "accountingCode": "Setup Revenue"}, setup)

    assert shop.run(JAN, *ALL) == [
        "USD Dr Receivable 5.00, Cr None 5.00",
        "USD Dr Receivable 5.00, Cr Setup Revenue 5.00",
        "USD Dr Receivable 300.00, Cr Subscription Revenue 300.00",
    ]


def test_revenue_by_hand_comes_out_of_what_billing_deferred(api: Api) -> None:
    shop = Shop(api, rule=AT_ONCE, automatic=False)
    (item,) = shop.items(shop.posted())

    assert shop.run(JAN, *ALL) == ["USD Dr Receivable 300.00, Cr Deferred Revenue 300.00"]
    body = {"revenueDistributions": [{"accountingPeriodName": JAN, "newAmount": 300}]}
    api.made(f"/v1/revenue-schedules/invoice-items/{item['id']}", body)
    assert shop.run(JAN, *ALL) == ["USD Dr Deferred Revenue 300.00, Cr Subscription Revenue 300.00"]


def test_usage_clears_what_was_unbilled(api: Api) -> None:
    shop = Shop(api)
    api.made("/v1/accounting-codes", {"name": "Unbilled", "type": "UnbilledReceivables"})
    with builders.writing(api) as books:
        plan = builders.rate_plan(books, "Metered")
        builders.drawdown_charge(books, plan, recognized_revenue_account="Subscription Revenue")
        start = shop.sold.subscription.term_start_date
        sold = builders.sell(books, shop.account, plan, start=start)
    shop.posted(shop.item("5", ratePlanChargeId=sold.charge("Drawdown").id))

    assert shop.run(JAN, *ALL) == ["USD Dr Receivable 5.00, Cr Unbilled 5.00"]


def test_drafts_and_what_has_no_amount_post_nothing(api: Api) -> None:
    shop = Shop(api)
    shop.draft()
    shop.posted(shop.item(0))
    canceled = shop.draft()
    shop.put(f"{INVOICES}/{canceled['id']}/cancel")

    assert shop.run(JAN, *ALL) == []


@pytest.mark.parametrize("journalled", [True, False])
def test_what_is_canceled_is_posted_back(api: Api, *, journalled: bool) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    posted = [
        "USD Dr Receivable 300.00, Cr Deferred Revenue 300.00",
        "USD Dr Deferred Revenue 55.93, Cr Subscription Revenue 55.93",
    ]
    back = [
        "USD Dr Deferred Revenue 300.00, Cr Receivable 300.00",
        "USD Dr Subscription Revenue 55.93, Cr Deferred Revenue 55.93",
    ]
    if journalled:
        assert shop.run(JAN, *ALL) == posted

    shop.put(f"{INVOICES}/{invoice['id']}/cancel")

    lines = shop.run(JAN, *ALL)
    assert sorted(lines) == sorted(back if journalled else posted + back)
    assert shop.run(JAN, *ALL) == []
    assert {code: amounts[-1] for code, amounts in shop.balance(JAN).items()} == {
        "Deferred Revenue": "0.00",
        "Receivable": "0.00",
        "Subscription Revenue": "0.00",
    }


def test_memos_and_adjustments_that_are_canceled_are_posted_back(api: Api) -> None:
    shop = Shop(api, automatic=False)
    invoice = shop.posted()
    memo = shop.memo(CREDIT_MEMOS, 10, autoPost=True)
    adjustment = shop.adjust(invoice, 20)
    shop.run(JAN, *ALL)

    shop.put(f"{CREDIT_MEMOS}/{memo['id']}/cancel")
    api.put(f"{ADJUSTMENTS}/{adjustment}", {"Status": "Canceled"})

    assert shop.run(JAN, *ALL) == [
        "USD Dr Receivable 20.00, Cr Deferred Revenue 20.00",
        "USD Dr Receivable 10.00, Cr Deferred Revenue 10.00",
    ]


def test_the_receivable_rolls_forward_from_trial_balance_to_trial_balance(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    shop.adjust(invoice, 20)
    shop.close(JAN)
    shop.posted(shop.item(100), invoiceDate="2024-02-01")
    shop.memo_of(CREDIT_MEMOS, invoice, 30, effectiveDate="2024-02-02")
    shop.memo(DEBIT_MEMOS, 7, effectiveDate="2024-02-03", autoPost=True)

    assert shop.balance(FEB)["Receivable"] == ("280.00", "107.00", "30.00", "357.00")
    shop.close(FEB)
    assert shop.balance(MAR)["Receivable"] == ("357.00", "0.00", "0.00", "357.00")
    deferred = shop.balance(MAR)["Deferred Revenue"]
    unrecognized = sum(
        schedule["unrecognizedRevenue"]
        for schedule in api.found(
            f"/v1/revenue-schedules/subscription-charges/{shop.charge.id}?pageSize=40"
        )["revenueSchedules"]
    )
    assert -float(deferred[0]) == pytest.approx(unrecognized)


def test_a_code_of_one_s_own_is_debited(api: Api) -> None:
    shop = Shop(api, automatic=False)
    api.made("/v1/accounting-codes", {"name": "On Account", "type": "OnAccountReceivable"})
    shop.memo(
        CREDIT_MEMOS,
        autoPost=True,
        item={"financeInformation": {"onAccountAccountingCode": "On Account"}},
    )

    assert shop.run(JAN, *ALL) == ["USD Dr Deferred Revenue 300.00, Cr On Account 300.00"]
    item: Any = shop.item_of(CREDIT_MEMOS, {"id": "CM-00000001"})
    assert item["financeInformation"]["onAccountAccountingCode"] == "On Account"


def test_the_journal_of_days_takes_the_documents_of_those_days(api: Api) -> None:
    shop = Shop(api)
    shop.posted(invoiceDate="2024-01-10")
    shop.posted(shop.item(20), invoiceDate="2024-01-11")
    body = {
        "targetStartDate": "2024-01-11",
        "targetEndDate": "2024-01-31",
        "transactionTypes": [{"type": INVOICE_ITEM}],
    }

    run = api.made("/v1/journal-runs", body)["journalRunNumber"]

    assert api.found(f"/v1/journal-runs/{run}")["totalJournalEntryCount"] == 1
    assert shop.run(JAN, INVOICE_ITEM) == ["USD Dr Receivable 300.00, Cr Deferred Revenue 300.00"]
