"""Accounting periods over the wire (R 5)."""

from calendar import monthrange
from datetime import date
from typing import Any

import pytest

from earned.domain.accounting import OPEN_ENDED
from earned.domain.schedule import RevenueItem, RevenueSchedule
from tests import builders
from tests.api import Api

PERIODS = "/v1/accounting-periods"
JANUARY: dict[str, Any] = {
    "name": "Jan 2026",
    "startDate": "2026-01-01",
    "endDate": "2026-01-31",
    "fiscalYear": 2026,
    "fiscalQuarter": 1,
    "notes": "The first",
    "Region__c": "north",
}


def refusal(api: Api, method: str, path: str, body: object = None) -> tuple[int, str]:
    response = api.request(method, path, body)
    assert response.status_code in {400, 404}, response.text
    (reason,) = response.json()["reasons"]
    return reason["code"], reason["message"]


def months(api: Api, count: int) -> list[str]:
    """Create the first months of 2026; return their ids."""
    return [
        api.made(
            PERIODS,
            {
                "name": f"2026-{month:02}",
                "startDate": f"2026-{month:02}-01",
                "endDate": f"2026-{month:02}-{monthrange(2026, month)[1]}",
                "fiscalYear": 2026,
            },
        )["id"]
        for month in range(1, count + 1)
    ]


def listed(api: Api) -> list[tuple[str, str | None, str | None, str]]:
    return [
        (period["name"], period["startDate"], period["endDate"], period["status"])
        for period in api.found(PERIODS)["accountingPeriods"]
    ]


def schedule(api: Api, day: date, period_id: str | None = None) -> None:
    """Keep a revenue schedule of 1.00 dated `day`, in a period or else in Open-Ended."""
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        builders.unlimited_charge(books, plan)
        charge = builders.sell(books, builders.account(books), plan).charge("Project")
        kept = books.schedules.add(
            RevenueSchedule(
                id=books.new_id(),
                entity_id=books.scope.entity_id,
                number="RS-1",
                account_id=charge.account_id,
                original_subscription_id=charge.original_subscription_id,
                charge_id=charge.original_id,
                amount_minor=100,
                currency="USD",
                rule_name="Any",
                schedule_date=day,
                **books.stamp(),
            )
        )
        rest = books.periods.find(name=OPEN_ENDED)
        assert rest
        books.items.add(
            RevenueItem(
                schedule_id=kept.id,
                period_id=period_id or rest.id,
                entity_id=kept.entity_id,
                amount_minor=100,
            )
        )


def test_a_period_is_created_open_and_read_back(api: Api) -> None:
    period_id = api.made(PERIODS, JANUARY)["id"]

    found = api.found(f"{PERIODS}/{period_id}")

    assert {name: found[name] for name in JANUARY} == JANUARY
    assert found["id"] == period_id
    assert found["status"] == "Open"
    assert found["runTrialBalanceStatus"] == "Pending"
    assert found["runTrialBalanceStart"] is None
    assert found["runTrialBalanceEnd"] is None
    assert found["fileIds"]["revenueDetailCsvFileId"] is None
    assert len(found["fileIds"]) == 9
    assert found["createdOn"] == "2026-01-15 12:00:00"
    assert found["success"] is True


def test_older_clients_send_the_fiscal_year_as_a_string(api: Api) -> None:
    period_id = api.made(PERIODS, {**JANUARY, "fiscalYear": "2026"})["id"]

    assert api.found(f"{PERIODS}/{period_id}")["fiscalYear"] == 2026


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"name": None}, 50800022, "'name' may not be null"),
        ({"name": "x" * 101}, 50800020, "'name' value should be at most 100 characters"),
        ({"startDate": None}, 50800022, "'startDate' may not be null"),
        (
            {"startDate": "01/01/2026"},
            50800020,
            "'startDate' value should be in yyyy-mm-dd format",
        ),
        ({"endDate": "2025-12-31"}, 50800020, "'endDate' value should not be before startDate"),
        ({"fiscalYear": None}, 50800022, "'fiscalYear' may not be null"),
        ({"fiscalYear": 26}, 50800020, "'fiscalYear' value is invalid"),
        ({"fiscalQuarter": 5}, 50800020, "'fiscalQuarter' value is invalid"),
        ({"notes": "x" * 256}, 50800020, "'notes' value should be at most 255 characters"),
        ({"name": "Open-Ended"}, 50800030, "The accounting period 'Open-Ended' already exists."),
    ],
)
def test_a_period_that_cannot_be_is_refused(
    api: Api, changes: dict[str, object], code: int, message: str
) -> None:
    assert refusal(api, "POST", PERIODS, {**JANUARY, **changes}) == (code, message)


def test_a_period_may_be_one_day_long(api: Api) -> None:
    api.made(PERIODS, {**JANUARY, "endDate": "2026-01-01"})

    assert listed(api)[1] == ("Open-Ended", "2026-01-02", None, "Open")


@pytest.mark.parametrize("start", ["2026-01-31", "2026-02-02"])
def test_periods_are_contiguous(api: Api, start: str) -> None:
    api.made(PERIODS, JANUARY)
    february = {**JANUARY, "name": "Feb 2026", "startDate": start, "endDate": "2026-02-28"}

    assert refusal(api, "POST", PERIODS, february) == (
        50800030,
        "Accounting periods must be contiguous: the start date must be 2026-02-01.",
    )


def test_a_name_that_is_taken_is_refused(api: Api) -> None:
    api.made(PERIODS, JANUARY)
    february = {**JANUARY, "startDate": "2026-02-01", "endDate": "2026-02-28"}

    assert refusal(api, "POST", PERIODS, february) == (
        50800030,
        "The accounting period 'Jan 2026' already exists.",
    )


def test_the_first_period_starts_no_later_than_the_earliest_transaction(api: Api) -> None:
    schedule(api, date(2025, 12, 5))

    assert refusal(api, "POST", PERIODS, JANUARY) == (
        50800030,
        "The first accounting period must start by 2025-12-05, the earliest transaction.",
    )
    api.made(PERIODS, {**JANUARY, "startDate": "2025-12-05"})


def test_the_list_is_in_order_of_dates_with_open_ended_last(api: Api) -> None:
    rest = api.found(PERIODS)["accountingPeriods"]
    assert [(row["name"], row["startDate"], row["fiscalYear"]) for row in rest] == [
        ("Open-Ended", None, 0)
    ]

    months(api, 2)

    assert listed(api) == [
        ("2026-01", "2026-01-01", "2026-01-31", "Open"),
        ("2026-02", "2026-02-01", "2026-02-28", "Open"),
        ("Open-Ended", "2026-03-01", None, "Open"),
    ]
    page = api.found(f"{PERIODS}?pageSize=2")
    assert len(page["accountingPeriods"]) == 2
    rest = api.found(page["nextPage"])["accountingPeriods"]
    assert [row["name"] for row in rest] == ["Open-Ended"]
    assert api.found(f"{PERIODS}/{rest[0]['id']}")["startDate"] == "2026-03-01"


def test_name_notes_and_fiscal_year_change_even_when_closed(api: Api) -> None:
    january = months(api, 1)[0]
    api.put(f"{PERIODS}/{january}/close")

    changes = {"name": "January", "notes": "Done", "fiscalYear": 2025, "fiscalQuarter": 4}
    assert api.put(f"{PERIODS}/{january}", {**changes, "Size__c": 4}).json() == {"success": True}

    found = api.found(f"{PERIODS}/{january}")
    assert {name: found[name] for name in changes} == changes
    assert (found["status"], found["Size__c"]) == ("Closed", 4)
    assert refusal(api, "PUT", f"{PERIODS}/{january}", {"endDate": "2026-01-30"}) == (
        50800030,
        "The dates of an accounting period can be changed only while it is open.",
    )


def test_a_new_end_moves_the_start_of_the_next_period(api: Api) -> None:
    january, february = months(api, 2)
    api.put(f"{PERIODS}/{january}/run-trial-balance")
    api.put(f"{PERIODS}/{february}/run-trial-balance")

    api.put(f"{PERIODS}/{january}", {"endDate": "2026-02-03", "name": "Long"})

    assert listed(api) == [
        ("Long", "2026-01-01", "2026-02-03", "Open"),
        ("2026-02", "2026-02-04", "2026-02-28", "Open"),
        ("Open-Ended", "2026-03-01", None, "Open"),
    ]
    for period_id in (january, february):
        found = api.found(f"{PERIODS}/{period_id}")
        assert found["runTrialBalanceStatus"] == "Pending"
        assert found["runTrialBalanceStart"] is None


def test_the_end_of_the_last_period_moves_open_ended(api: Api) -> None:
    january = months(api, 1)[0]

    api.put(f"{PERIODS}/{january}", {"endDate": "2026-01-15", "startDate": "2025-12-31"})

    assert listed(api) == [
        ("2026-01", "2025-12-31", "2026-01-15", "Open"),
        ("Open-Ended", "2026-01-16", None, "Open"),
    ]


def test_dates_that_would_not_fit_are_refused(api: Api) -> None:
    january, february = months(api, 2)
    schedule(api, date(2026, 1, 10))

    assert refusal(api, "PUT", f"{PERIODS}/{february}", {"startDate": "2026-02-02"}) == (
        50800030,
        "Only the earliest accounting period can start on another day.",
    )
    assert refusal(api, "PUT", f"{PERIODS}/{january}", {"endDate": "2026-02-28"}) == (
        50800030,
        "The end date must be before 2026-02-28, the last day of the next accounting period.",
    )
    assert refusal(api, "PUT", f"{PERIODS}/{january}", {"startDate": "2026-01-11"}) == (
        50800030,
        "The first accounting period must start by 2026-01-10, the earliest transaction.",
    )
    assert refusal(api, "PUT", f"{PERIODS}/{january}", {"endDate": "2025-12-31"}) == (
        50800020,
        "'endDate' value should not be before startDate",
    )


@pytest.mark.parametrize("holder", [0, 1])
def test_dates_stay_where_revenue_was_distributed(api: Api, holder: int) -> None:
    periods = months(api, 2)
    schedule(api, date(2026, 1, 10), periods[holder])

    assert refusal(api, "PUT", f"{PERIODS}/{periods[0]}", {"endDate": "2026-01-30"}) == (
        50800030,
        f"Revenue has been distributed into accounting period '2026-0{holder + 1}'.",
    )
    assert api.put(f"{PERIODS}/{periods[0]}", {"notes": "Still"}).status_code == 200


def test_a_trial_balance_is_run_while_the_period_is_not_closed(api: Api) -> None:
    january = months(api, 1)[0]

    assert api.put(f"{PERIODS}/{january}/run-trial-balance").json() == {"success": True}

    found = api.found(f"{PERIODS}/{january}")
    assert found["runTrialBalanceStatus"] == "Completed"
    assert found["runTrialBalanceStart"] == "2026-01-15 12:00:00"
    assert found["runTrialBalanceEnd"] == "2026-01-15 12:00:00"
    assert found["runTrialBalanceErrorMessage"] is None
    api.put(f"{PERIODS}/{january}/close")
    assert refusal(api, "PUT", f"{PERIODS}/{january}/run-trial-balance") == (
        50000030,
        "The accounting period must be open to run a trial balance.",
    )


@pytest.mark.parametrize("action", ["close", "pending-close"])
def test_periods_are_closed_in_order_without_a_body(api: Api, action: str) -> None:
    january, february = months(api, 2)

    assert refusal(api, "PUT", f"{PERIODS}/{february}/{action}") == (
        50000030,
        "All earlier accounting periods must be closed first; '2026-01' is not.",
    )
    answer = api.http.put(f"{PERIODS}/{january}/close", headers=api.headers)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert api.put(f"{PERIODS}/{february}/{action}").json() == {"success": True}
    found = api.found(f"{PERIODS}/{february}")
    assert found["status"] == {"close": "Closed", "pending-close": "PendingClose"}[action]
    assert found["runTrialBalanceStatus"] == "Completed"


def test_pending_close_is_not_closed_yet(api: Api) -> None:
    january, february = months(api, 2)
    api.put(f"{PERIODS}/{january}/pending-close")

    assert refusal(api, "PUT", f"{PERIODS}/{january}/pending-close") == (
        50000030,
        "The accounting period is closed or pending close already.",
    )
    assert refusal(api, "PUT", f"{PERIODS}/{february}/close") == (
        50000030,
        "All earlier accounting periods must be closed first; '2026-01' is not.",
    )
    assert api.put(f"{PERIODS}/{january}/close").json() == {"success": True}
    assert refusal(api, "PUT", f"{PERIODS}/{january}/close") == (
        50000030,
        "The accounting period is closed already.",
    )


def test_only_the_latest_closed_period_is_reopened(api: Api) -> None:
    january, february, _ = months(api, 3)
    assert refusal(api, "PUT", f"{PERIODS}/{january}/reopen") == (
        50000030,
        "The accounting period is not closed or pending close.",
    )
    api.put(f"{PERIODS}/{january}/close")
    api.put(f"{PERIODS}/{february}/pending-close")

    assert refusal(api, "PUT", f"{PERIODS}/{january}/reopen") == (
        50000030,
        "Only the accounting period immediately before an open one can be reopened.",
    )
    assert api.put(f"{PERIODS}/{february}/reopen").json() == {"success": True}
    assert api.put(f"{PERIODS}/{january}/reopen").json() == {"success": True}
    assert [status for *_, status in listed(api)] == ["Open", "Open", "Open", "Open"]


def test_only_the_most_recent_open_period_is_deleted(api: Api) -> None:
    january, february = months(api, 2)

    assert refusal(api, "DELETE", f"{PERIODS}/{january}") == (
        50000030,
        "Only the most recent accounting period can be deleted.",
    )
    assert api.delete(f"{PERIODS}/{february}").json() == {"success": True}
    assert listed(api)[1] == ("Open-Ended", "2026-02-01", None, "Open")
    api.put(f"{PERIODS}/{january}/close")
    assert refusal(api, "DELETE", f"{PERIODS}/{january}") == (
        50000030,
        "Only an open accounting period can be deleted.",
    )


def test_a_period_that_holds_revenue_is_not_deleted(api: Api) -> None:
    january = months(api, 1)[0]
    schedule(api, date(2026, 1, 10), january)

    assert refusal(api, "DELETE", f"{PERIODS}/{january}") == (
        50000030,
        "Revenue has been distributed into accounting period '2026-01'.",
    )


def test_open_ended_stays_what_it_is(api: Api) -> None:
    rest = api.found(PERIODS)["accountingPeriods"][-1]["id"]

    for action in ("close", "pending-close", "run-trial-balance", "reopen"):
        code, _ = refusal(api, "PUT", f"{PERIODS}/{rest}/{action}")
        assert code == 50000030
    assert refusal(api, "PUT", f"{PERIODS}/{rest}", {"notes": "x"})[0] == 50800030
    assert refusal(api, "DELETE", f"{PERIODS}/{rest}") == (
        50000030,
        "The open-ended accounting period cannot be deleted.",
    )


def test_an_unknown_period_is_not_found(api: Api) -> None:
    missing = (50000040, "Cannot find entity by key: 'nowhere'.")

    assert refusal(api, "GET", f"{PERIODS}/nowhere") == missing
    assert refusal(api, "PUT", f"{PERIODS}/nowhere/close") == missing
    assert refusal(api, "DELETE", f"{PERIODS}/nowhere") == missing


def test_closing_recognises_what_was_drawn_down_and_reopening_takes_it_back(api: Api) -> None:
    with builders.writing(api) as books:
        sold = builders.sell(books, builders.account(books), builders.prepaid_plan(books))
        kept = books.schedules.find(fund_id=sold.funds[0].id)
        assert kept
    january, february = months(api, 2)

    def use(quantity: int) -> None:
        """Use tokens on 10 January, of which 100,000 cost 1,000.00 USD."""
        usage = {"AccountNumber": "A00000001", "UOM": "Token", "StartDateTime": "2026-01-10"}
        api.made("/v1/object/usage", {**usage, "Quantity": quantity})

    def recognized() -> tuple[float, list[tuple[str, float]]]:
        found = api.found(f"/v1/revenue-schedules/{kept.number}")
        items = [(item["accountingPeriodName"], item["amount"]) for item in found["revenueItems"]]
        return found["recognizedRevenue"], items

    use(61234)
    api.put(f"{PERIODS}/{january}/close")
    assert recognized() == (612.34, [("2026-01", 612.34), ("Open-Ended", 387.66)])

    use(8766)
    api.put(f"{PERIODS}/{february}/close")
    assert recognized() == (
        700,
        [("2026-01", 612.34), ("2026-02", 87.66), ("Open-Ended", 300)],
    )

    api.put(f"{PERIODS}/{february}/reopen")
    assert recognized()[0] == 612.34
