"""Bill runs over the wire: whom they bill, and what becomes of them."""

import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from earned.domain import audit_billed
from earned.domain.bill_run import AT_ONCE
from earned.services.audit_books import audit_books
from earned.services.carry_on_bill_run import CarryOn, carry_on_bill_run
from earned.services.create_bill_run import CreateBillRun, create_bill_run
from tests import builders
from tests.api import Api, serving
from tests.builders import writing
from tests.damages import damages_of, missed
from tests.http.till import (
    RUNS,
    Till,
    drawn,
    prepaid,
)
from tests.http.uploads import POLLS


def test_every_damage_of_what_was_billed_is_found(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    till.use(150, "2022-01-05")
    till.bill("2022-02-01")
    till.use(10, "2022-01-06")
    till.run("2022-03-01")

    assert missed(api, "billed_damages.sql") == []


def test_every_check_of_what_was_billed_has_a_damage() -> None:
    source = Path(audit_billed.__file__).read_text()
    checks = set(re.findall(r'check = "([^"]+)"', source))

    assert checks == {check for check, _ in damages_of("billed_damages.sql")}


def test_a_bill_run_drafts_for_everybody_and_is_posted(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    record = till.use(150, "2022-01-05")

    run = till.run("2022-02-01", name="February", chargeTypeToExclude=["recurring"])

    assert (run["billRunNumber"], run["status"], run["name"]) == (
        "BR-00000001",
        "Completed",
        "February",
    )
    assert (run["documentCount"], run["errors"]) == (1, [])
    (draft,) = till.documents(run)
    assert (draft.status, draft.source, draft.source_type) == ("Draft", "BillRun", "Subscription")
    assert (draft.amount_minor, draft.target_date) == (10000, date(2022, 2, 1))
    assert till.status(record) == ["Processed"]
    assert api.delete(f"{RUNS}/{run['id']}").json()["success"] is False

    posted = api.put(f"{RUNS}/{run['id']}/post", {"invoiceDate": "2022-12-02"}).json()
    assert (posted["success"], posted["status"]) == (True, "Posted")
    (document,) = till.documents(run)
    assert (document.status, document.document_date) == ("Posted", date(2022, 12, 2))
    assert api.put(f"{RUNS}/BR-00000001/cancel").json()["success"] is False
    assert [one["id"] for one in api.found(RUNS)["billRuns"]] == [run["id"]]
    listed = api.found("/v1/billing-documents?billRunNumber=BR-00000001&status=Posted")
    assert [one["id"] for one in listed["documents"]] == [document.id]
    assert api.get("/v1/billing-documents").status_code == 400
    assert api.get("/v1/billing-documents?accountId=A00000001&sort=size").status_code == 400
    till.audit()


def test_a_canceled_bill_run_leaves_nothing_behind(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    record = till.use(150, "2022-01-05")
    run = till.run("2022-02-01")

    assert api.put(f"{RUNS}/{run['id']}/cancel").json()["status"] == "Canceled"

    assert till.documents(run) == ()
    assert till.status(record) == ["Pending"]
    assert api.delete(f"{RUNS}/{run['id']}").json() == {"id": run["id"], "success": True}
    assert api.get(f"{RUNS}/{run['id']}").status_code == 404
    assert till.run("2022-02-01", autoPost=True)["status"] == "Posted"
    till.audit()


def test_who_cannot_be_billed_keeps_nobody_else_from_it(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    with writing(api) as books:
        other = builders.account(books)
        plan = builders.rate_plan(books, "Other")
        builders.charge(books, plan)  # It names no accounting codes.
        builders.sell(books, other, plan, start=date(2022, 1, 1))
    api.settings(allow_blank_accounting_codes=False)

    run = till.run("2022-01-01")

    (error,) = run["errors"]
    assert (run["status"], run["documentCount"]) == ("Completed", 1)
    assert error["accountNumber"] == other.number
    assert "needs an accounting code" in error["message"]
    only = {"filterType": "Account", "accountId": other.number}
    assert till.run("2022-01-01", batches=None, billRunFilters=[only])["status"] == "Error"


def test_a_bill_run_of_one_subscription(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    number = till.sold.subscription.number
    only = {"filterType": "Subscription", "subscriptionId": number}

    run = till.run("2022-01-01", batches=None, billRunFilters=[only])

    assert (run["documentCount"], run["billRunFilters"]) == (1, [only])
    assert [one.amount_minor for one in till.documents(run)] == [10000]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"targetDate": None}, "'targetDate' may not be null"),
        ({"batches": None}, "'batches' or 'billRunFilters' may not be null"),
        ({"batches": ["Batch7"]}, "'batches' value should be AllBatches"),
        ({"billCycleDay": "3"}, "'billCycleDay' value should be AllBillCycleDays"),
        ({"schedule": {}}, "'schedule' is not supported: have the run created on its day"),
        (
            {"billRunFilters": [{"filterType": "Account", "accountId": "x"}]},
            "'batches' and 'billRunFilters' cannot be specified together",
        ),
        (
            {"batches": None, "billRunFilters": [{"filterType": "InvoiceSchedule"}]},
            "'billRunFilters' should all have the filterType Account, or all Subscription",
        ),
        (
            {"batches": None, "billRunFilters": [{"filterType": "Account", "accountId": "x"}]},
            "Cannot find entity by key: 'x'.",
        ),
        (
            {"batches": None, "billRunFilters": [{"filterType": "Account"}]},
            "'billRunFilters.0.accountId' may not be null",
        ),
        (
            {"batches": None, "billRunFilters": [{"filterType": "Subscription"}]},
            "'billRunFilters.0.subscriptionId' may not be null",
        ),
        (
            {"chargeTypeToExclude": ["gift"]},
            "'chargeTypeToExclude' value should be one of: OneTime, Recurring, Usage",
        ),
    ],
)
def test_bill_runs_that_cannot_be(wire: Api, body: dict[str, Any], message: str) -> None:
    sound = {"targetDate": "2022-01-01", "batches": ["AllBatches"]}

    answer = wire.post(RUNS, sound | body).json()

    assert [reason["message"] for reason in answer["reasons"]] == [message]


def crowd(api: Api, count: int) -> None:
    """Sell a fee of 10.00 a month to many customers."""
    with writing(api) as books:
        plan = builders.rate_plan(books)
        builders.charge(books, plan)
        for _ in range(count):
            builders.sell(books, builders.account(books), plan, start=date(2022, 1, 1), months=1)


def ended(api: Api, run_id: str) -> Any:
    """Return a bill run once it is over."""
    run: Any = None
    for _ in range(POLLS):
        run = api.found(f"{RUNS}/{run_id}")
        if run["status"] not in {"Pending", "Processing"}:
            return run
    raise AssertionError(run)


def test_a_run_for_many_goes_on_after_its_answer(founded_database_url: str) -> None:
    with serving(founded_database_url) as api:
        crowd(api, 2 * AT_ONCE + 1)
        body = {"targetDate": "2022-01-01", "batches": ["AllBatches"]}

        made = api.made(RUNS, body)

        assert (made["status"], made["documentCount"]) == ("Pending", 0)
        run = ended(api, made["id"])
        assert (run["status"], run["documentCount"], run["errors"]) == ("Completed", 51, [])


def test_a_run_that_was_cut_short_is_carried_on_by_the_next_server(
    founded_database_url: str,
) -> None:
    target = date(2022, 1, 1)
    command = CreateBillRun(target_date=target, invoice_date=target, batches=["AllBatches"])
    with serving(founded_database_url) as api:
        crowd(api, AT_ONCE + 1)
        with writing(api) as books:
            run = create_bill_run(books, command)
            begun = carry_on_bill_run(books, CarryOn(run_id=run.id))
            assert begun
            assert (begun.status, begun.document_count) == ("Processing", AT_ONCE)
            assert list(audit_books(books, Counter())) == []

    with serving(founded_database_url) as api:
        assert ended(api, "BR-00000001")["documentCount"] == AT_ONCE + 1
        with writing(api) as books:
            assert {one.amount_minor for one in books.documents.list()} == {1000}
            assert books.documents.count() == AT_ONCE + 1
            assert list(audit_books(books, Counter())) == []
