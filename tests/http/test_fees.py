"""Fees over the wire: billed by their terms and days, credited for the days that are given up."""

from datetime import date
from typing import Any

import pytest

from earned.domain.terms import Length
from tests import builders
from tests.api import Api
from tests.builders import prices
from tests.http.till import Till, prepaid

ORDERS = "/v1/orders"
PREVIEW = "/v1/operations/billing-preview"


def fee(price: int | str = 30, **facts: Any) -> tuple[Any, dict[str, Any]]:
    return builders.charge, {"tiers": prices(price), **facts}


def act(kind: str, day: str, **body: Any) -> dict[str, Any]:
    """Return an order of one action on the subscription."""
    dates = [{"name": "ContractEffective", "triggerDate": day}]
    named = kind[0].lower() + kind[1:]
    action = {"type": kind, "triggerDates": dates, named: body}
    item = {"subscriptionNumber": "A-S00000001", "orderActions": [action]}
    return {"orderDate": day, "existingAccountNumber": "A00000001", "subscriptions": [item]}


def canceled(day: str) -> dict[str, Any]:
    to = {"cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": day}
    return act("CancelSubscription", day, **to)


def test_a_fee_that_begins_at_the_end_of_a_month_keeps_to_it(api: Api) -> None:
    till = Till(api, fee(), start=date(2024, 1, 31))

    assert [item[3] for item in till.bill("2024-04-30")[0]] == [
        "2024-01-31/2024-02-28",
        "2024-02-29/2024-03-30",
        "2024-03-31/2024-04-29",
        "2024-04-30/2024-05-30",
    ]


@pytest.mark.parametrize(
    ("term", "due", "posted"),
    [
        ("Net 30", "2022-12-31", "2023-01-09"),
        ("Due Upon Receipt", "2022-12-01", "2022-12-10"),
        (None, "2022-12-01", "2022-12-10"),
    ],
)
def test_an_invoice_is_due_by_the_payment_term_of_the_account(
    api: Api, term: str | None, due: str, posted: str
) -> None:
    till = Till(api, fee())
    if term:
        assert api.put("/v1/accounts/A00000001", {"paymentTerm": term}).json()["success"]
    till.bill("2022-01-01", autoPost=False)
    path = f"/v1/invoices/{till.made['invoices'][0]['id']}"
    assert (api.found(path)["dueDate"], api.found(path)["paymentTerm"]) == (due, term)

    assert api.put(f"{path}/post", {"invoiceDate": "2022-12-10"}).json()["success"]

    assert api.found(path)["dueDate"] == posted


def test_a_credit_is_of_the_days_that_are_given_up(api: Api) -> None:
    till = Till(api, fee())
    till.bill("2022-03-01")
    api.made(ORDERS, canceled("2022-01-15"))

    assert till.bill("2022-03-01") == (
        [],
        [
            ("Fee", None, 16.45, "2022-01-15/2022-01-31"),
            ("Fee", None, 30, "2022-02-01/2022-02-28"),
            ("Fee", None, 30, "2022-03-01/2022-03-31"),
        ],
    )
    assert till.bill("2022-03-01") == ([], [])
    assert api.delete(f"{ORDERS}/O-00000001").json()["success"]
    assert till.bill("2022-03-01")[0] == [
        ("Fee", 1, 16.45, "2022-01-15/2022-01-31"),
        ("Fee", 1, 30, "2022-02-01/2022-02-28"),
        ("Fee", 1, 30, "2022-03-01/2022-03-31"),
    ]
    assert till.bill("2022-03-01") == ([], [])
    till.audit()


@pytest.mark.parametrize(
    ("currency", "price", "credit"), [("JPY", "1000", 677), ("KWD", "10.001", 6.775)]
)
def test_days_are_credited_to_the_decimals_of_a_currency(
    api: Api, currency: str, price: str, credit: float
) -> None:
    with builders.writing(api) as books:
        customer = builders.account(books, currency=currency)
        plan = builders.rate_plan(books)
        builders.charge(books, plan, tiers=prices(price, currency))
        builders.sell(books, customer, plan, start=date(2022, 1, 1))
    path = f"/v1/accounts/{customer.number}/billing-documents/generate"
    body = {"effectiveDate": "2022-01-15", "targetDate": "2022-01-15", "autoPost": True}
    assert len(api.made(path, body)["invoices"]) == 1
    api.made(ORDERS, canceled("2022-01-11"))

    (memo,) = api.made(path, body)["creditMemos"]

    (item,) = api.found(f"/v1/credit-memos/{memo['id']}/items")["items"]
    assert (item["amount"], item["serviceStartDate"]) == (credit, "2022-01-11")


def test_a_changed_price_credits_the_days_it_is_changed_on(api: Api) -> None:
    till = Till(api, fee(90, billing_period="Quarter"))
    till.bill("2022-01-01")
    charge = till.sold.charge("Fee")
    update = {
        "chargeNumber": charge.number,
        "pricing": {"recurringFlatFee": {"listPrice": 180}},
    }
    plan = {"ratePlanId": charge.rate_plan_id, "chargeUpdates": [update]}
    api.made(ORDERS, act("UpdateProduct", "2022-02-15", **plan))

    days = "2022-02-15/2022-03-31"
    assert till.bill("2022-02-15") == ([("Fee", 1, 90, days)], [("Fee", None, 45, days)])
    refused = api.delete(f"{ORDERS}/O-00000001").json()["reasons"][0]["message"]
    assert "cancel the invoice first" in refused
    till.cancel()
    assert api.delete(f"{ORDERS}/O-00000001").json()["success"]
    assert till.bill("2022-02-15") == ([("Fee", 1, 45, days)], [])
    till.audit()


def test_what_has_no_end_is_billed_as_far_as_is_asked_for(api: Api) -> None:
    monthly = prepaid(10, 10, period="MONTH", billing_period="Month")
    till = Till(api, monthly, fee(), start=date(2022, 11, 1), months=None)

    billed, _ = till.bill("2023-02-01")  # It is December 1.

    days = ["2022-11-01", "2022-12-01", "2023-01-01", "2023-02-01"]
    assert [str(item[3])[:10] for item in billed] == [*days, *days]
    assert till.bill("2023-02-01") == ([], [])
    till.audit()


@pytest.mark.parametrize(
    "path", ["/v1/bill-runs", "/v1/accounts/A-1/billing-documents/generate", PREVIEW]
)
def test_nobody_is_billed_for_a_hundred_years(wire: Api, path: str) -> None:
    far = {"targetDate": "9999-12-31", "effectiveDate": "2026-01-01"}
    body = {**far, "accountId": "A-1", "batches": ["AllBatches"]}

    (reason,) = wire.post(path, body).json()["reasons"]

    message = "'targetDate' value should be at most 100 years from today"
    assert (reason["message"], reason["code"] % 100) == (message, 20)


def test_a_fee_of_the_term_is_billed_in_each_term(api: Api) -> None:
    by_term = fee(100, billing_period="Subscription_Term")
    till = Till(api, by_term, months=3, renewal_term=Length(3), auto_renew=True)
    first, second = "2022-01-01/2022-03-31", "2022-04-01/2022-06-30"
    assert till.bill("2022-01-01")[0] == [("Fee", 1, 100, first)]

    assert till.bill("2022-04-01", autoRenew=True)[0] == [("Fee", 1, 100, second)]
    api.made(ORDERS, canceled("2022-05-01"))
    assert till.bill("2022-05-01") == ([], [("Fee", None, 67.03, "2022-05-01/2022-06-30")])
    till.audit()


def test_what_is_given_up_is_not_earned(api: Api) -> None:
    rule = {"revenue_recognition_rule_name": "Recognize daily over time"}
    till = Till(api, fee(90, billing_period="Quarter", **rule))
    start = {"startDate": "2022-01-01"}
    assert api.put("/v1/settings/finance/revenue-automation-start-date", start).json()["success"]
    till.bill("2022-01-01", effectiveDate="2022-01-01")
    api.made(ORDERS, canceled("2022-02-11"))

    till.bill("2022-02-11", effectiveDate="2022-02-11")

    schedules = [
        api.found(f"/v1/revenue-schedules/RS-0000000{at}")["revenueItems"] for at in (1, 2)
    ]
    held = [{item["accountingPeriodName"]: item["amount"] for item in one} for one in schedules]
    assert [{name: amount for name, amount in one.items() if amount} for one in held] == [
        {"Jan'2022": 31, "Feb'2022": 28, "Mar'2022": 31},
        {"Feb'2022": -18, "Mar'2022": -31},
    ]
    till.audit()
