"""Subscriptions that billing renews: an order with its funds, once, and undone like any other."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from earned.domain.bill_run import AT_ONCE
from earned.domain.terms import Length
from earned.services.audit_books import audit_books
from earned.services.carry_on_bill_run import CarryOn, carry_on_bill_run
from earned.services.create_bill_run import CreateBillRun, create_bill_run
from tests import builders
from tests.api import Api, serving
from tests.http.till import RUNS, Till, drawn, prepaid


def renewing(api: Api, months: int = 3, **facts: Any) -> Till:
    """Sell 100 minutes a month for 10.00, for a term that renews by itself."""
    monthly = {"period": "MONTH", "billing_period": "Month"}
    terms = {"auto_renew": True, "renewal_term": Length(3), **facts}
    return Till(api, prepaid(100, 10, **monthly), drawn(2), months=months, **terms)


def orders(api: Api) -> list[tuple[str, str, str]]:
    found = api.found("/v1/orders")["orders"]
    return [(one["orderNumber"], one["orderDate"], one["description"]) for one in found]


def term(api: Api) -> tuple[str, str]:
    found = api.found("/v1/subscriptions/A-S00000001")
    return found["termStartDate"], found["termEndDate"]


def test_a_bill_run_renews_who_is_due_and_bills_the_new_term(api: Api) -> None:
    till = renewing(api)
    assert till.run("2022-03-31", autoRenewal=True)["documentCount"] == 1
    assert orders(api) == []

    run = till.run("2022-04-01", autoRenewal=True)

    assert (run["autoRenewal"], run["documentCount"], run["errors"]) == (True, 1, [])
    assert orders(api) == [("O-00000001", "2022-04-01", "Renewed by billing")]
    assert term(api) == ("2022-04-01", "2022-07-01")
    assert [one.amount_minor for one in till.documents(run)] == [1000]
    with builders.writing(api) as books:
        assert books.funds.count() == 6
    till.use(150, "2022-04-10")
    again = till.run("2022-04-01", autoRenewal=True)
    assert (again["documentCount"], len(orders(api))) == (0, 1)
    till.audit()


def test_a_run_that_is_not_told_to_renews_nobody(api: Api) -> None:
    till = renewing(api)

    run = till.run("2022-05-01")

    assert (run["autoRenewal"], orders(api)) == (False, [])
    assert term(api) == ("2022-01-01", "2022-04-01")


def test_term_after_term_is_renewed_up_to_the_target(api: Api) -> None:
    till = renewing(api, renewal_term=Length(1))

    billed, _ = till.bill("2022-06-30", autoRenew=True)

    assert [item[3] for item in billed][-1] == "2022-06-01/2022-06-30"
    assert [one[1] for one in orders(api)] == ["2022-06-01", "2022-05-01", "2022-04-01"]
    assert term(api) == ("2022-06-01", "2022-07-01")
    till.audit()


def test_it_may_renew_to_have_no_end(api: Api) -> None:
    till = renewing(api, renewal_setting="RENEW_TO_EVERGREEN")

    till.bill("2022-04-01", autoRenew=True)

    assert api.found("/v1/subscriptions/A-S00000001")["termType"] == "EVERGREEN"
    assert len(orders(api)) == 1
    assert till.bill("2022-04-01", autoRenew=True) == ([], [])
    till.audit()


def test_who_renews_by_hand_or_is_canceled_is_left_alone(api: Api) -> None:
    till = renewing(api, auto_renew=False)

    till.bill("2022-04-01", autoRenew=True)

    assert orders(api) == []
    path = "/v1/subscriptions/A-S00000001"
    assert api.put(path, {"autoRenew": True, "orderDate": "2022-01-01"}).json()["success"]
    canceled = {"cancellationPolicy": "EndOfCurrentTerm"}
    assert api.put(f"{path}/cancel", canceled).json()["success"]
    till.bill("2022-04-01", autoRenew=True)
    assert len(orders(api)) == 2
    till.audit()


def test_a_renewal_that_cannot_be_is_named_and_nothing_is_billed(api: Api) -> None:
    till = renewing(api, renewal_term=None)

    run = till.run("2022-04-01", autoRenewal=True)

    (error,) = run["errors"]
    assert error["message"] == "The subscription 'A-S00000001' has no renewal term."
    assert (run["status"], orders(api)) == ("Error", [])
    assert till.run("2022-04-01")["documentCount"] == 1


def test_the_order_is_undone_like_any_other(api: Api) -> None:
    till = renewing(api)
    till.bill("2022-04-01", autoRenew=True)
    refused = api.delete("/v1/orders/O-00000001").json()
    assert "was billed" in refused["reasons"][0]["message"]

    till.cancel()
    assert api.delete("/v1/orders/O-00000001").json()["success"]

    assert term(api) == ("2022-01-01", "2022-04-01")
    till.audit()
    till.bill("2022-04-01", autoRenew=True)
    assert orders(api)[0][0] == "O-00000002"
    till.audit()


def test_a_closed_period_keeps_renewals_out_where_the_entity_says_so(api: Api) -> None:
    till = renewing(api)
    till.bill("2022-03-31")
    with builders.writing(api) as books:
        found = {one.name: one.id for one in books.periods.list()}
    for month in ("Jan", "Feb", "Mar", "Apr"):
        path = f"/v1/accounting-periods/{found[month + chr(39) + '2022']}/close"
        assert api.put(path).json()["success"]
    api.settings(allow_creation_in_closed_period=False)

    run = till.run("2022-04-01", autoRenewal=True)

    assert "closed" in run["errors"][0]["message"]
    assert orders(api) == []


def test_a_run_for_many_renews_each_once_whoever_carries_it_on(
    founded_database_url: str,
) -> None:
    day = date(2022, 2, 1)
    command = CreateBillRun(
        target_date=day, invoice_date=day, batches=["AllBatches"], auto_renewal=True
    )
    with serving(founded_database_url) as api, builders.writing(api) as books:
        plan = builders.rate_plan(books)
        builders.charge(books, plan)
        facts: dict[str, Any] = {"auto_renew": True, "renewal_term": Length(1), "months": 1}
        for _ in range(AT_ONCE + 1):
            customer = builders.account(books)
            builders.sell(books, customer, plan, start=date(2022, 1, 1), **facts)
        run = create_bill_run(books, command)
        carry_on_bill_run(books, CarryOn(run_id=run.id))
        assert books.orders.count() == AT_ONCE

    with serving(founded_database_url) as api:
        for _ in range(100):
            if api.found(f"{RUNS}/{run.id}")["status"] == "Completed":
                break
        with builders.writing(api) as books:
            assert books.orders.count() == AT_ONCE + 1
            assert {one.amount_minor for one in books.documents.list()} == {2000}
            assert list(audit_books(books, Counter())) == []


PREVIEW = "/v1/operations/billing-preview"


@pytest.mark.parametrize(
    ("assumed", "days"),
    [
        ("None", ["2022-01-01", "2022-02-01", "2022-03-01"]),
        ("Autorenew", ["2022-01-01", "2022-02-01", "2022-03-01", "2022-04-01"]),
        ("All", ["2022-01-01", "2022-02-01", "2022-03-01", "2022-04-01"]),
    ],
)
def test_a_preview_tells_what_a_renewal_would_be_billed(
    api: Api, assumed: str, days: list[str]
) -> None:
    till = renewing(api, auto_renew=assumed != "All")
    body = {"accountNumber": "A00000001", "targetDate": "2022-04-01", "assumeRenewal": assumed}

    told = api.made(PREVIEW, body)

    items = told["invoiceItems"]
    assert [item["serviceStartDate"] for item in items] == days
    assert {item["chargeAmount"] for item in items} == {"10.00"}
    assert {item["subscriptionNumber"] for item in items} == {"A-S00000001"}
    assert told["accountId"] == till.account.id
    assert (orders(api), term(api)) == ([], ("2022-01-01", "2022-04-01"))
    assert api.found(RUNS)["billRuns"] == []
    till.audit()


def test_a_preview_tells_credits_and_drafts_and_leaves_out_what_it_is_told_to(api: Api) -> None:
    till = renewing(api)
    till.bill("2022-03-01")
    till.use(150, "2022-01-10")
    till.bill("2022-02-01", autoPost=False)
    path = "/v1/subscriptions/A-S00000001/cancel"
    body = {"cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": "2022-02-01"}
    assert api.put(path, body).json()["success"]
    asked = {"accountId": "A00000001", "targetDate": "2022-03-01"}

    told = api.made(PREVIEW, {**asked, "includingDraftItems": True})

    assert [(one["chargeName"], one["quantity"]) for one in told["invoiceItems"]] == [
        ("Drawdown", "50")
    ]
    assert [one["amount"] for one in told["creditMemoItems"]] == [10, 10]
    without = api.made(PREVIEW, {**asked, "chargeTypeToExclude": "Usage, recurring"})
    assert (without["invoiceItems"], without["creditMemoItems"]) == ([], [])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "'accountId' or 'accountNumber' may not be null"),
        (
            {"accountId": "a", "accountNumber": "b"},
            "Only one of 'accountId' and 'accountNumber' may be given.",
        ),
        ({"accountId": "a"}, "Cannot find entity by key: 'a'."),
        (
            {"accountId": "A-1", "chargeTypeToExclude": "gift"},
            "'chargeTypeToExclude' value should be one of: OneTime, Recurring, Usage",
        ),
    ],
)
def test_previews_that_cannot_be(wire: Api, body: dict[str, Any], message: str) -> None:
    answer = wire.post(PREVIEW, {"targetDate": "2022-04-01", **body}).json()

    assert [reason["message"] for reason in answer["reasons"]] == [message]
