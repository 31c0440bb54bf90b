"""What is billed in the worked scenarios (U 5), over the wire; named by their rows."""

from datetime import date
from typing import Any

import pytest

from earned.domain.crediting import credit_minor
from earned.domain.money import Currency
from earned.services.credit_fund import CreditFund, credit_fund
from tests.api import Api
from tests.builders import writing
from tests.http.billing import CREDIT_MEMOS, INVOICES
from tests.http.till import CODES_OF_BOOKS, JULY, USAGE, Till, drawn, metered, prepaid, tier, top_up
from tests.http.uploads import HEADER, csv_of
from tests.http.uploads import refused as refused_file


def test_u_2_overage_is_billed_and_a_top_up_draws_it_again_when_the_invoice_is_gone(
    api: Api,
) -> None:
    till = Till(api, prepaid(1000, 100), drawn(1))
    assert till.bill("2022-01-01") == ([("Prepayment", 1, 100, "2022-01-01/2022-12-31")], [])
    nine = [till.use(100, "2022-10-01") for _ in range(9)]
    assert till.bill("2022-11-01") == ([], [])
    assert till.status(*nine) == ["Processed"] * 9

    last = till.use(300, "2022-11-01")
    assert till.status(last) == ["Pending"]
    assert till.bill("2022-12-01") == ([("Drawdown", 200, 200, "2022-11-01/2022-11-30")], [])
    assert till.status(last) == ["Processed"]
    assert till.bill("2022-12-01") == ([], [])
    till.audit()

    till.bill("2022-12-01")
    (invoice,) = [one for one in drafts_and_posted(till) if one["amount"] == 200]
    api.put(f"{INVOICES}/{invoice['id']}/cancel")
    assert till.status(last) == ["Pending"]
    top_up(till, 300, 30, date(2022, 11, 1))

    assert till.bill("2022-12-01") == ([("More", 1, 30, "2022-11-01/2022-11-01")], [])
    assert till.status(last) == ["Processed"]
    with writing(api) as books:
        assert [balance.balance for balance in books.balances.list()] == [100]
    till.audit()


def drafts_and_posted(till: Till) -> list[dict[str, Any]]:
    with writing(till.api) as books:
        found = books.documents.list(kind="Invoice", order_by=["number"])
    return [{"id": one.id, "amount": one.amount_minor // 100} for one in found]


def test_u_3_the_books_of_row_2_after_each_step(api: Api) -> None:
    till = Till(api, prepaid(1000, 100), drawn(1))
    till.bill("2022-01-01")
    for _ in range(9):
        till.use(100, "2022-10-01")
    till.use(300, "2022-11-01")
    assert till.balance(*CODES_OF_BOOKS) == {
        "Receivable": "100.00",
        "Deferred Revenue": "0.00",
        "Unbilled": "200.00",
        "Subscription Revenue": "-300.00",
    }

    till.bill("2022-12-01")
    assert till.balance(*CODES_OF_BOOKS) == {
        "Receivable": "300.00",
        "Deferred Revenue": "0.00",
        "Unbilled": "0.00",
        "Subscription Revenue": "-300.00",
    }

    till.cancel()
    top_up(till, 300, 30, date(2022, 11, 1))
    till.bill("2022-12-01")
    assert till.balance(*CODES_OF_BOOKS) == {
        "Receivable": "130.00",
        "Deferred Revenue": "-10.00",
        "Unbilled": "0.00",
        "Subscription Revenue": "-120.00",
    }
    till.audit()


def test_u_41_late_usage_is_billed_as_the_difference_of_two_totals(api: Api) -> None:
    tiers = tier("10", 100), tier("9", None, 2)
    till = Till(api, metered(*tiers, charge_model="Volume", name="Calls"))
    first = till.use(90, "2022-01-05")
    assert till.bill("2022-02-01") == ([("Calls", 90, 900, "2022-01-01/2022-01-31")], [])

    till.use(20, "2022-01-07")
    assert till.bill("2022-03-01") == ([("Calls", 20, 90, "2022-01-01/2022-01-31")], [])

    (item,) = api.found(f"{INVOICES}/{till.made['invoices'][0]['id']}/items")["invoiceItems"]
    data = api.found(f"{INVOICES}/invoice-item/{item['id']}/usage-rate-detail")["data"]
    assert data["rateDetail"] == (
        "Tier 2: >=101, 110 Min(s) x $9.00/Min = $990.00\nBilled before = -$900.00\nTotal = $90.00"
    )
    assert (data["quantity"], data["amountWithoutTax"], data["uom"]) == ("20", 90, "Min")
    assert data["servicePeriod"] == "2022-01-01 - 2022-01-31"
    (rating,) = api.found("/object-query/rating-results")["data"]
    assert (rating["amount"], rating["invoiceItemId"]) == (990, item["id"])
    processed = api.found("/object-query/processed-usages")["data"]
    assert [(one["amount"], one["quantity"]) for one in processed] == [(900, 90), (90, 20)]
    assert processed[0]["usageId"] == first
    assert processed[1]["invoiceItemId"] == item["id"]
    assert processed[0]["billingPeriodEndDate"] == "2022-01-31"
    till.audit()


def test_u_41_a_rebate_of_late_usage_is_a_credit_memo(api: Api) -> None:
    tiers = tier("10", 100), tier("8", None, 2)
    till = Till(api, metered(*tiers, charge_model="Volume", name="Calls"))
    till.use(90, "2022-01-05")
    till.bill("2022-02-01")
    till.use(20, "2022-01-07")

    credit = ("Calls", -20, 20, "2022-01-01/2022-01-31")
    assert till.bill("2022-03-01") == ([], [credit])
    assert till.bill("2022-03-01") == ([], [])
    till.use(-110, "2022-01-07")
    assert till.bill("2022-03-01")[1] == [("Calls", 110, 880, "2022-01-01/2022-01-31")]
    till.audit()


def test_u_39_billed_usage_is_locked_but_for_its_custom_fields(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    record = till.use(150, "2022-01-05", UniqueKey="k", note__c="a")
    till.bill("2022-02-01")

    locked = "This usage record has been billed and cannt be updated"
    refused = api.put(f"{USAGE}/{record}", {"Quantity": 151})
    (error,) = refused.json()["Errors"]
    assert (refused.status_code, error["Message"]) == (400, locked)
    assert error["Code"] == "ValidateException"
    refused = api.delete(f"{USAGE}/{record}")
    assert refused.json()["Errors"][0]["Code"] == "CANNOT_DELETE"
    assert api.put(f"{USAGE}/{record}", {"note__c": "b", "Quantity": 150}).json()["Success"]
    assert api.found(f"{USAGE}/{record}")["note__c"] == "b"

    till.cancel()
    assert api.put(f"{USAGE}/{record}", {"Quantity": 151}).json()["Success"]
    assert till.bill("2022-02-01")[0][0] == ("Prepayment", 1, 100, "2022-01-01/2022-12-31")
    till.audit()


def test_u_39_billed_usage_is_locked_on_every_surface(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    facts = {"AccountNumber": "A00000001", "UOM": "Min", "StartDateTime": "2022-01-05"}
    keyed = {"X_Zuora_WSDL_Version": "114"}
    known = api.made(USAGE, {**facts, "Quantity": 150, "UniqueKey": "k"}, **keyed)["Id"]
    till.bill("2022-02-01")
    locked = "This usage record has been billed and cannt be updated"

    again = api.post(USAGE, {**facts, "Quantity": 151, "UniqueKey": "k"}, **keyed)
    assert again.json()["Errors"] == [{"Code": "ValidateException", "Message": locked}]
    same = api.post(USAGE, {**facts, "Quantity": 150, "UniqueKey": "k"}, **keyed)
    assert same.json() == {"Success": True, "Id": known}
    update = {"type": "Usage", "objects": [{"Id": known, "Quantity": 1}, {"Id": known, "a__c": 1}]}
    changed, kept = api.post("/v1/action/update", update).json()
    assert changed["Errors"] == [{"Code": "ValidateException", "Message": locked}]
    assert kept == {"Success": True, "Id": known}
    (deleted,) = api.post("/v1/action/delete", {"type": "Usage", "ids": [known]}).json()
    assert deleted["errors"][0]["Code"] == "CANNOT_DELETE"
    row = "A00000001,Min,151,01/05/2022,,,,,k"
    assert refused_file(api, csv_of(row, header=f"{HEADER},UNIQUE_KEY")) == locked
    assert api.found(f"{USAGE}/{known}")["Quantity"] == 150
    till.audit()


def test_u_19_a_quarter_that_is_billed_by_month_adds_up_to_its_list_price(api: Api) -> None:
    by_month = {"billing_period": "Month", "list_price_base": "Per_Validity_Period"}
    till = Till(api, prepaid(30, 10, period="QUARTER", **by_month), drawn(1), months=3)

    bills = [till.bill(f"2022-0{month}-01")[0] for month in (1, 2, 3)]

    assert bills == [
        [("Prepayment", 1, 3.33, "2022-01-01/2022-01-31")],
        [("Prepayment", 1, 3.34, "2022-02-01/2022-02-28")],
        [("Prepayment", 1, 3.33, "2022-03-01/2022-03-31")],
    ]
    till.audit()


def test_u_31_a_month_of_tokens_and_what_is_beyond_them(api: Api) -> None:
    month = {"period": "MONTH", "billing_period": "Month"}
    till = Till(api, prepaid(100_000, 1000, **month), drawn("0.02"), months=1)
    till.use(61_234, "2022-01-05")
    till.use(50_000, "2022-01-20")

    assert till.bill("2022-02-01")[0] == [
        ("Prepayment", 1, 1000, "2022-01-01/2022-01-31"),
        ("Drawdown", 11_234, 224.68, "2022-01-01/2022-01-31"),
    ]
    till.audit()


def test_u_6_and_7_calls_beyond_the_plan_and_a_top_up(api: Api) -> None:
    month = {"period": "MONTH", "billing_period": "Month"}
    till = Till(api, prepaid(10, 20, **month), drawn(5), months=1)
    top_up(till, 1, 3, date(2022, 1, 15), "MONTH")
    till.use("10.6", "2022-01-10")
    till.use("0.5", "2022-01-20")

    assert till.bill("2022-02-01")[0] == [
        ("Prepayment", 1, 20, "2022-01-01/2022-01-31"),
        ("More", 1, 3, "2022-01-15/2022-01-15"),
        ("Drawdown", 0.6, 3, "2022-01-01/2022-01-31"),
    ]
    till.audit()


@pytest.mark.parametrize(
    ("option", "credited"),
    [("TimeBased", 60.49), ("ConsumptionBased", 30), ("FullCreditBack", 120)],
)
def test_u_15_to_17_what_a_fund_is_credited_is_a_credit_memo(
    api: Api, option: str, credited: float
) -> None:
    till = Till(api, prepaid(120, 120), drawn("1.5"))
    till.use(90, "2022-03-10")
    till.bill("2022-01-01")
    with writing(api) as books:
        (fund,) = books.funds.list()
        minor = credit_minor(option, fund, Currency.of("USD"), JULY)
        credit_fund(books, CreditFund(fund_id=fund.id, day=JULY, credit_minor=minor))

    assert till.bill("2022-06-30") == ([], [])
    memo = ("Prepayment", None, credited, "2022-07-01/2022-12-31")
    assert till.bill("2022-07-01") == ([], [memo])
    assert till.bill("2022-12-01") == ([], [])
    till.audit()


def order(till: Till, *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Place an order for the customer's subscription; return the answer."""
    changed = {"subscriptionNumber": till.sold.subscription.number, "orderActions": list(actions)}
    body = {"orderDate": "2022-07-01", "existingAccountNumber": till.account.number}
    return till.api.made("/v1/orders", {**body, "subscriptions": [changed], **more})


def cancel_in_july() -> dict[str, Any]:
    cancel = {"cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": "2022-07-01"}
    return {
        "type": "CancelSubscription",
        "triggerDates": [{"name": "ContractEffective", "triggerDate": "2022-07-01"}],
        "cancelSubscription": cancel,
    }


def test_u_17_a_full_credit_bills_what_was_drawn_as_overage(api: Api) -> None:
    till = Till(api, prepaid(120, 120, credit_option="FullCreditBack"), drawn("1.5"))
    till.use(60, "2022-03-10")
    till.use(30, "2022-06-30")
    till.bill("2022-03-01")
    billing = {"targetDate": "2022-12-01", "documentDate": "2022-12-01"}
    options = {"runBilling": True, "billingOptions": billing}

    ordered = order(till, cancel_in_july(), processingOptions=options)

    assert (ordered["invoiceNumbers"], ordered["creditMemoNumbers"]) == (
        ["INV-00000002"],
        ["CM-00000001"],
    )
    invoice, memo = ordered["invoiceIds"], ordered["creditMemoIds"]
    assert till.items(INVOICES, "invoiceItems", "chargeAmount", [{"id": invoice[0]}]) == [
        ("Drawdown", 60, 90, "2022-03-01/2022-03-31"),
        ("Drawdown", 30, 45, "2022-06-01/2022-06-30"),
    ]
    assert till.items(CREDIT_MEMOS, "items", "amount", [{"id": memo[0]}]) == [
        ("Prepayment", None, 120, "2022-07-01/2022-12-31"),
    ]
    assert till.balance(*CODES_OF_BOOKS) == {
        "Receivable": "135.00",
        "Deferred Revenue": "0.00",
        "Unbilled": "0.00",
        "Subscription Revenue": "-135.00",
    }
    assert till.bill("2022-12-01") == ([], [])
    till.audit()


def test_u_51_what_was_credited_is_billed_again_when_the_order_is_undone(api: Api) -> None:
    till = Till(api, prepaid(120, 120), drawn("1.5"))
    till.use(90, "2022-03-10")
    till.bill("2022-01-01")
    number = order(till, cancel_in_july())["orderNumber"]
    credit = ("Prepayment", None, 60.49, "2022-07-01/2022-12-31")
    assert till.bill("2022-07-01") == ([], [credit])

    assert api.delete(f"/v1/orders/{number}").json()["success"], number

    assert till.bill("2022-07-01")[0] == [("Prepayment", 1, 60.49, "2022-07-01/2022-12-31")]
    assert till.bill("2022-07-01") == ([], [])
    till.audit()


def test_u_48_usage_is_taken_back_after_it_was_billed(api: Api) -> None:
    """What the documents post to a contra account stays with the unbilled receivables here."""
    till = Till(api, metered(tier("1"), charge_model="PerUnit"))

    def books() -> tuple[str, str, str]:
        found = till.balance("Receivable", "Unbilled", "Subscription Revenue")
        return found["Receivable"], found["Unbilled"], found["Subscription Revenue"]

    till.use(100, "2022-01-05")
    assert books() == ("0.00", "100.00", "-100.00")
    assert till.bill("2022-02-01") == ([("Fee", 100, 100, "2022-01-01/2022-01-31")], [])
    assert books() == ("100.00", "0.00", "-100.00")
    till.use(20, "2022-01-06")
    assert books() == ("100.00", "20.00", "-120.00")
    till.use(-50, "2022-01-05")
    assert books() == ("100.00", "-30.00", "-70.00")
    till.use(20, "2022-01-06")
    assert books() == ("100.00", "-10.00", "-90.00")
    assert till.bill("2022-02-01") == ([], [("Fee", 10, 10, "2022-01-01/2022-01-31")])
    assert books() == ("90.00", "0.00", "-90.00")
    till.audit()
