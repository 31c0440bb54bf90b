"""Closing a period: its conditions, pending close, and what changes with dates (R 5)."""

from datetime import date
from typing import Any

import pytest

from earned.domain.permissions import Permission
from tests import builders
from tests.api import Api
from tests.http.by_hand import Charge, held, new_amounts, refusal
from tests.http.closed import without
from tests.http.journal import ENTRIES, PERIODS, Ledger, by_hand

JAN, FEB = "Jan'2013", "Feb'2013"
AFTER_OTHERS = "All earlier accounting periods must be closed first; '{}' is not."
NO_MANAGER = "You need the permission Manage Close Process."


@pytest.fixture
def ledger(api: Api) -> Ledger:
    return Ledger(api, months=3)


@pytest.fixture
def colleague(api: Api) -> dict[str, str]:
    """Return the headers of somebody from whom all permissions are withheld."""
    return without(api, *Permission)


def path(ledger: Ledger, period: str, action: str = "") -> str:
    return f"{PERIODS}/{ledger.periods[period]}/{action}".rstrip("/")


def status(ledger: Ledger, period: str) -> str:
    return str(ledger.api.found(path(ledger, period))["status"])


def kept_open(ledger: Ledger, period: str, action: str = "close") -> str:
    code, message = refusal(ledger.api, "PUT", path(ledger, period, action))
    assert code == 50000030
    return message


def usage_before_any_charge(api: Api) -> None:
    """Record usage of January that no charge covers: it starts in February."""
    with builders.writing(api) as books:
        plan = builders.prepaid_plan(books)
        builders.sell(books, builders.account(books), plan, start=date(2013, 2, 1))
    record = {"AccountNumber": "A00000001", "UOM": "Token", "Quantity": 5}
    made = api.made("/v1/object/usage", {**record, "StartDateTime": "2013-01-10"})
    assert api.found(f"/v1/object/usage/{made['Id']}")["RbeStatus"] == "Pending"


def test_r_t34_periods_close_in_order_and_usage_without_a_rate_keeps_none_open(
    ledger: Ledger,
) -> None:
    usage_before_any_charge(ledger.api)

    assert kept_open(ledger, FEB) == AFTER_OTHERS.format(JAN)
    assert status(ledger, FEB) == "Open"
    ledger.close(JAN)
    assert status(ledger, JAN) == "Closed"


def test_r_t35_only_the_latest_closed_period_is_reopened(ledger: Ledger) -> None:
    ledger.close(JAN)
    ledger.close(FEB)

    assert kept_open(ledger, JAN, "reopen") == (
        "Only the accounting period immediately before an open one can be reopened."
    )
    ledger.act(FEB, "reopen")
    ledger.act(JAN, "reopen")
    assert (status(ledger, JAN), status(ledger, FEB)) == ("Open", "Open")


def test_a_reopened_period_takes_revenue_again_and_none_of_it_is_recognised(
    ledger: Ledger,
) -> None:
    number = ledger.schedule("300", {JAN: "100", FEB: "200"})
    ledger.close(JAN)
    ledger.act(JAN, "reopen")

    ledger.spread(number, {JAN: "150", FEB: "150"})

    found = ledger.api.found(f"/v1/revenue-schedules/{number}")
    assert (found["recognizedRevenue"], found["unrecognizedRevenue"]) == (0, 300)
    assert held(ledger.api, number) == {JAN: 150, FEB: 150, "Open-Ended": 0}


@pytest.mark.parametrize("action", ["close", "reopen"])
def test_a_period_that_is_pending_close_is_closed_or_reopened(ledger: Ledger, action: str) -> None:
    ledger.act(JAN, "pending-close")
    assert status(ledger, JAN) == "PendingClose"
    assert kept_open(ledger, JAN, "pending-close") == (
        "The accounting period is closed or pending close already."
    )

    ledger.act(JAN, action)

    assert status(ledger, JAN) == {"close": "Closed", "reopen": "Open"}[action]


def test_only_who_manages_the_close_changes_the_status_of_a_period(
    ledger: Ledger, colleague: dict[str, str]
) -> None:
    for action in ("pending-close", "close", "reopen"):
        refused = ledger.api.put(path(ledger, JAN, action), None, **colleague)
        assert refused.status_code == 403
        assert refused.json()["reasons"] == [{"code": 50000010, "message": NO_MANAGER}]
    assert status(ledger, JAN) == "Open"


def test_pending_close_is_open_to_who_manages_the_close(ledger: Ledger) -> None:
    ledger.api.settings(allow_usage_in_closed_period=False)
    charge = Charge(ledger.api)
    ledger.act(JAN, "pending-close")

    number = charge.created(spread={JAN: "100", FEB: "200"})
    ledger.spread(number, {JAN: "120", FEB: "180"})
    ledger.enter()

    assert held(ledger.api, number) == {JAN: 120, FEB: 180, "Open-Ended": 0}
    assert ledger.api.found(f"/v1/revenue-schedules/{number}")["recognizedRevenue"] == 0


def test_pending_close_is_closed_to_everybody_else(
    ledger: Ledger, colleague: dict[str, str]
) -> None:
    api = ledger.api
    charge = Charge(api)
    number = charge.created(spread={JAN: "100", FEB: "200"})
    spread = {"revenueDistributions": new_amounts({JAN: "120", FEB: "180"})}
    moved = f"/v1/revenue-schedules/{number}/distribute-revenue-across-accounting-periods"
    dated = {"amount": "300", "revenueScheduleDate": "2013-01-31"}
    into = {
        **dated,
        "revenueScheduleDate": "2013-02-01",
        "revenueDistributions": new_amounts({JAN: 300}),
    }

    def outcomes() -> list[str]:
        answers = (
            api.post(charge.path, dated, **colleague),
            api.post(charge.path, into, **colleague),
            api.put(moved, spread, **colleague),
            api.post(ENTRIES, by_hand(), **colleague),
        )
        return [one.json().get("reasons", [{}])[0].get("message", "done") for one in answers]

    ledger.act(JAN, "pending-close")
    assert outcomes() == [
        "Revenue schedule date cannot be in a closed accounting period.",
        f"Revenue cannot be distributed into closed accounting period '{JAN}'.",
        f"Revenue cannot be distributed into closed accounting period '{JAN}'.",
        f"Journal entries cannot be changed by hand in closed accounting period '{JAN}'.",
    ]
    assert held(api, number) == {JAN: 100, FEB: 200, "Open-Ended": 0}

    ledger.act(JAN, "reopen")
    assert outcomes() == ["done"] * 4


def test_only_who_may_delete_schedules_deletes_one(
    ledger: Ledger, colleague: dict[str, str]
) -> None:
    schedule = f"/v1/revenue-schedules/{ledger.schedule('300', {JAN: '300'})}"

    refused = ledger.api.delete(schedule, **colleague)

    assert refused.status_code == 403
    assert refused.json()["reasons"] == [
        {"code": 50000010, "message": "You need the permission Delete Custom Revenue Schedule."}
    ]
    assert ledger.api.delete(schedule).json() == {"success": True}


def test_usage_and_orders_keep_out_of_pending_close_only_where_the_rules_say_so(
    ledger: Ledger, colleague: dict[str, str]
) -> None:
    api = ledger.api
    with builders.writing(api) as books:
        plan = builders.prepaid_plan(books)
        builders.sell(books, builders.account(books), plan, start=date(2013, 1, 1))
    record = {"AccountNumber": "A00000001", "UOM": "Token", "Quantity": 5}
    record |= {"StartDateTime": "2013-01-10"}
    subscription = {
        "accountKey": "A00000001",
        "contractEffectiveDate": "2013-01-10",
        "termType": "EVERGREEN",
        "subscribeToRatePlans": [{"productRatePlanId": plan.id}],
    }
    ledger.act(JAN, "pending-close")

    assert api.post("/v1/object/usage", record, **colleague).status_code == 200
    assert api.post("/v1/subscriptions", subscription, **colleague).status_code == 200
    api.settings(allow_usage_in_closed_period=False, allow_creation_in_closed_period=False)
    refused = api.post("/v1/object/usage", record, **colleague)
    assert refused.json()["Errors"][0]["Code"] == "ACCOUNTING_PERIOD_CLOSED"
    kept_out = api.post("/v1/subscriptions", subscription, **colleague)
    assert kept_out.json()["reasons"][0]["message"] == (
        "The contract effective date cannot be in a closed accounting period."
    )
    assert api.post("/v1/object/usage", record).status_code == 200
    assert api.post("/v1/subscriptions", subscription).status_code == 200


def test_everybody_may_run_a_trial_balance_of_a_period_that_is_pending_close(
    ledger: Ledger, colleague: dict[str, str]
) -> None:
    ledger.act(JAN, "pending-close")

    answer = ledger.api.put(path(ledger, JAN, "run-trial-balance"), None, **colleague)

    assert answer.json() == {"success": True}


def test_collecting_goes_on_in_a_period_that_is_pending_close(ledger: Ledger) -> None:
    with builders.writing(ledger.api) as books:
        plan = builders.prepaid_plan(books)
        sold = builders.sell(books, builders.account(books), plan, start=date(2013, 1, 1))
        kept = books.schedules.find(fund_id=sold.funds[0].id)
        assert kept
    record = {"AccountNumber": "A00000001", "UOM": "Token", "Quantity": 61234}
    ledger.act(JAN, "pending-close")

    ledger.api.made("/v1/object/usage", {**record, "StartDateTime": "2013-01-10"})
    ledger.close(JAN)

    assert held(ledger.api, kept.number)[JAN] == 612.34


def test_new_dates_wipe_the_trial_balances_of_both_periods(ledger: Ledger) -> None:
    for period in (JAN, FEB):
        ledger.act(period, "run-trial-balance")
        assert ledger.balance(period) == []

    moved = ledger.api.put(path(ledger, JAN), {"endDate": "2013-01-30"})

    assert moved.json() == {"success": True}
    for period in (JAN, FEB):
        wiped = ledger.api.get(f"/v1/reports/trial-balance?accountingPeriodName={period}")
        assert wiped.json()["reasons"][0]["message"] == (
            f"No trial balance of accounting period '{period}' has been run."
        )
        assert ledger.api.found(path(ledger, period))["runTrialBalanceStatus"] == "Pending"


def test_a_period_keeps_its_dates_and_stays_while_it_has_active_journal_entries(
    ledger: Ledger,
) -> None:
    number = ledger.enter(accountingPeriodName="Mar'2013")
    message = "Accounting period 'Mar'2013' has active journal entries."
    february, march = path(ledger, FEB), path(ledger, "Mar'2013")

    earlier: dict[str, Any] = {"endDate": "2013-02-27"}
    assert refusal(ledger.api, "PUT", february, earlier) == (50800030, message)
    shorter = {"endDate": "2013-03-30"}
    assert refusal(ledger.api, "PUT", march, shorter) == (50800030, message)
    assert refusal(ledger.api, "DELETE", march) == (50000030, message)

    assert ledger.api.put(f"{ENTRIES}/{number}/cancel").json() == {"success": True}
    assert ledger.api.put(march, shorter).json() == {"success": True}
    assert ledger.api.delete(march).json() == {"success": True}


def test_a_closed_period_has_journal_runs_and_its_entry_stays_one(ledger: Ledger) -> None:
    ledger.schedule("300", {JAN: "100", FEB: "200"})
    ledger.close(JAN)

    assert ledger.lines(ledger.run()) == [
        "USD Dr Deferred Revenue 100.00, Cr Subscription Revenue 100.00"
    ]
    assert ledger.lines(ledger.run()) == []


def test_with_the_monthly_model_periods_are_whole_months(ledger: Ledger) -> None:
    model = "with the model Monthly recognition over time."
    april = {"name": "Apr", "startDate": "2013-04-01", "endDate": "2013-04-29", "fiscalYear": 2013}
    ledger.api.settings(monthly_recognition=True)

    assert refusal(ledger.api, "POST", PERIODS, april) == (
        50800030,
        f"The end date must be the last day of a month {model}",
    )
    assert refusal(ledger.api, "PUT", path(ledger, JAN), {"startDate": "2012-12-31"}) == (
        50800030,
        f"The start date must be the first day of a month {model}",
    )
    ledger.api.made(PERIODS, {**april, "endDate": "2013-06-30"})


def test_organization_labels_are_kept_as_they_came(api: Api) -> None:
    labels = [
        {"organizationId": "8a", "organizationName": "West", "excluded": False},
        {"organizationName": "East", "cascadingDown": True},
    ]
    january = {"name": "Jan", "startDate": "2013-01-01", "endDate": "2013-01-31"}
    made = api.made(PERIODS, {**january, "fiscalYear": 2013, "organizationLabels": labels})

    assert api.found(f"{PERIODS}/{made['id']}")["organizationLabels"] == labels


def test_a_period_ends_before_the_last_day_there_is(api: Api) -> None:
    ever = {"name": "Ever", "startDate": "2013-01-01", "endDate": "9999-12-31"}

    assert refusal(api, "POST", PERIODS, {**ever, "fiscalYear": 2013}) == (
        50800020,
        "'endDate' value should be before 9999-12-31",
    )
