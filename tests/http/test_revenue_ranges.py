"""Revenue spread over a range of days, and the share of periods that are defined later."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from earned.domain.recognition_rule import RecognitionRule
from earned.domain.schedule import RevenueSchedule
from earned.services.audit_books import audit_books
from tests import builders
from tests.api import Api
from tests.periods import close, define_months

SCHEDULES = "/v1/revenue-schedules"
PERIODS = "/v1/accounting-periods"
RANGE = {"recognitionStart": "2024-01-15", "recognitionEnd": "2024-04-14"}
FRONT_LOAD = "Monthly Distribution (Front Load)"
BACK_LOAD = "Monthly Distribution (Back Load)"
BY_DAYS = "Monthly Distribution (Proration by Days)"
TOO_LONG = (
    "'recognitionEnd' should be at most 7,750 days after recognitionStart: 250 times the length of "
    "an accounting period."
)
NO_TYPE = (
    "'distributionType' value should be one of: Daily Distribution, Monthly Distribution (Back "
    "Load), Monthly Distribution (Front Load), Monthly Distribution (Proration by Days)"
)


class Schedule:
    """A schedule of 300.00, all of it in Open-Ended, in books with periods in 2024."""

    def __init__(
        self,
        api: Api,
        amount: str = "300",
        currency: str = "USD",
        months: Iterable[int] = range(1, 5),
    ) -> None:
        self.api = api
        with builders.writing(api) as books:
            define_months(books, 2024, *months)
            plan = builders.rate_plan(books)
            builders.unlimited_charge(books, plan, tiers=builders.prices(300, currency))
            customer = builders.account(books, currency=currency)
            charge = builders.sell(books, customer, plan).charge("Project")
        body = {"amount": amount, "revenueScheduleDate": "2024-12-31"}
        path = f"{SCHEDULES}/subscription-charges/{charge.number}"
        self.number = str(api.made(path, body)["revenueScheduleNumber"])

    def spread(self, **changes: Any) -> Any:
        path = f"{SCHEDULES}/{self.number}/distribute-revenue-with-date-range"
        return self.api.put(path, {**RANGE, **changes})

    def spread_well(self, **changes: Any) -> str:
        answer = self.spread(**changes).json()
        assert answer["success"] is True, answer
        return str(answer.get("revenueEventNumber"))

    def refused(self, **changes: Any) -> tuple[int, str]:
        (reason,) = self.spread(**changes).json()["reasons"]
        return reason["code"], reason["message"]

    def lies(self) -> dict[str, str]:
        """Return what lies in each period by its short name, without what is nothing."""
        found = self.api.found(f"{SCHEDULES}/{self.number}")
        return {
            item["accountingPeriodName"].partition("'")[0]: f"{item['amount']}"
            for item in found["revenueItems"]
            if item["amount"]
        }

    def remembers(self) -> RevenueSchedule:
        with builders.writing(self.api) as books:
            found = books.schedules.find(number=self.number)
            assert found
            return found


def define(api: Api, month: int) -> None:
    """Define a month of 2024 over the wire."""
    last = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31}[month]
    period = {
        "name": ["Jan", "Feb", "Mar", "Apr", "May"][month - 1] + "'2024",
        "startDate": f"2024-{month:02}-01",
        "endDate": f"2024-{month:02}-{last}",
        "fiscalYear": 2024,
    }
    api.made(PERIODS, period)


def test_r_t20_daily_over_three_months(api: Api) -> None:
    schedule = Schedule(api)

    number = schedule.spread_well(notes="As agreed", Colour__c="red")

    assert schedule.lies() == {"Jan": "55.93", "Feb": "95.41", "Mar": "101.99", "Apr": "46.67"}
    event = api.found(f"/v1/revenue-events/{number}")
    assert (event["eventType"], event["notes"]) == ("Revenue Distributed", "As agreed")
    assert (event["recognitionStart"], event["recognitionEnd"]) == ("2024-01-15", "2024-04-14")
    assert event["Colour__c"] == "red"
    assert [item["amount"] for item in event["revenueItems"]] == [
        *(55.93, 95.41, 101.99, 46.67, -300.00)
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FRONT_LOAD, {"Jan": "100.0", "Feb": "100.0", "Mar": "100.0"}),
        (BACK_LOAD.lower(), {"Feb": "100.0", "Mar": "100.0", "Apr": "100.0"}),
        (BY_DAYS, {"Jan": "54.74", "Feb": "100.0", "Mar": "100.0", "Apr": "45.26"}),
        (
            "daily distribution",
            {"Jan": "55.93", "Feb": "95.41", "Mar": "101.99", "Apr": "46.67"},
        ),
    ],
)
def test_r_t18_by_months_where_that_is_permitted(
    api: Api, kind: str, expected: dict[str, str]
) -> None:
    api.settings(monthly_recognition=True)
    schedule = Schedule(api)

    schedule.spread_well(distributionType=kind)

    assert schedule.lies() == expected


def test_r_t22_two_months_by_the_month_are_daily(api: Api) -> None:
    api.settings(monthly_recognition=True)
    schedule = Schedule(api)

    schedule.spread_well(
        recognitionStart="2024-01-01", recognitionEnd="2024-02-29", distributionType=FRONT_LOAD
    )

    assert schedule.lies() == {"Jan": "155.0", "Feb": "145.0"}


def test_r_t24_a_credit_mirrors_its_charge(api: Api) -> None:
    schedule = Schedule(api, "-300")

    schedule.spread_well()

    lies = {"Jan": "-55.93", "Feb": "-95.41", "Mar": "-101.99", "Apr": "-46.67"}
    assert schedule.lies() == lies
    assert api.found(f"{SCHEDULES}/{schedule.number}")["amount"] == -300


def test_r_t25_what_is_for_closed_periods_goes_to_the_next_open_one(api: Api) -> None:
    schedule = Schedule(api)
    with builders.writing(api) as books:
        close(books, "Jan'2024")
        close(books, "Feb'2024")

    schedule.spread_well()

    assert schedule.lies() == {"Mar": "253.33", "Apr": "46.67"}


@pytest.mark.parametrize(
    ("currency", "amount", "expected"),
    [
        ("JPY", "100000", {"Jan": "34038", "Feb": "31842", "Mar": "34120"}),
        ("KWD", "100.000", {"Jan": "34.038", "Feb": "31.842", "Mar": "34.12"}),
        ("CLF", "10.0000", {"Jan": "3.4038", "Feb": "3.1842", "Mar": "3.412"}),
    ],
)
def test_every_currency_has_its_own_decimals(
    api: Api, currency: str, amount: str, expected: dict[str, str]
) -> None:
    schedule = Schedule(api, amount, currency)

    schedule.spread_well(recognitionStart="2024-01-01", recognitionEnd="2024-03-31")

    assert schedule.lies() == expected


def test_all_of_it_is_spread_again_but_for_what_is_closed(api: Api) -> None:
    """January is closed with 155.00; the 150.00 that a new range has for it are 5.00 too few."""
    schedule = Schedule(api)
    schedule.spread_well(recognitionStart="2024-01-01", recognitionEnd="2024-02-29")
    with builders.writing(api) as books:
        close(books, "Jan'2024")

    number = schedule.spread_well(recognitionStart="2024-01-30", recognitionEnd="2024-02-02")

    assert schedule.lies() == {"Jan": "155.0", "Feb": "145.0"}
    assert number == "None"


def test_a_range_elsewhere_takes_what_is_not_closed_along(api: Api) -> None:
    schedule = Schedule(api)
    schedule.spread_well(recognitionStart="2024-01-01", recognitionEnd="2024-02-29")

    schedule.spread_well(recognitionStart="2024-03-01", recognitionEnd="2024-04-30")

    assert schedule.lies() == {"Mar": "152.21", "Apr": "147.79"}


def test_the_same_range_again_changes_nothing_and_makes_no_event(api: Api) -> None:
    schedule = Schedule(api)
    schedule.spread_well()
    before = api.found(f"{SCHEDULES}/{schedule.number}")

    assert schedule.spread().json() == {"success": True}

    assert api.found(f"{SCHEDULES}/{schedule.number}") == before
    events = api.found(f"/v1/revenue-events/revenue-schedules/{schedule.number}")
    assert len(events["revenueEventDetails"]) == 2


def test_days_without_a_period_wait_and_each_new_period_takes_its_share(api: Api) -> None:
    schedule = Schedule(api, months=[1])
    schedule.spread_well()
    assert schedule.lies() == {"Jan": "55.93", "Open-Ended": "244.07"}

    define(api, 2)
    assert schedule.lies() == {"Jan": "55.93", "Feb": "95.41", "Open-Ended": "148.66"}
    define(api, 3)
    define(api, 4)
    define(api, 5)

    assert schedule.lies() == {"Jan": "55.93", "Feb": "95.41", "Mar": "101.99", "Apr": "46.67"}
    events = api.found(f"/v1/revenue-events/revenue-schedules/{schedule.number}")
    newest = events["revenueEventDetails"][0]
    assert (newest["eventType"], newest["eventTypeSystemId"]) == (
        "Accounting Period(s) Created",
        "AccountingPeriodsCreated__z",
    )
    assert (newest["recognitionStart"], newest["recognitionEnd"]) == ("2024-01-15", "2024-04-14")
    amounts = {i["accountingPeriodName"]: i["amount"] for i in newest["revenueItems"]}
    assert amounts == {"Apr'2024": 46.67, "Open-Ended": -46.67}
    assert len(events["revenueEventDetails"]) == 5


def test_a_new_period_takes_what_closed_ones_could_not(api: Api) -> None:
    schedule = Schedule(api, months=[1, 2])
    with builders.writing(api) as books:
        close(books, "Jan'2024")
        close(books, "Feb'2024")
    schedule.spread_well()
    assert schedule.lies() == {"Open-Ended": "300.0"}

    define(api, 3)
    define(api, 4)

    assert schedule.lies() == {"Mar": "253.33", "Apr": "46.67"}


def test_a_later_end_of_the_last_period_takes_its_share_too(api: Api) -> None:
    schedule = Schedule(api, months=[1])
    define(api, 2)
    period = api.found(PERIODS)["accountingPeriods"][-2]
    body = {"endDate": "2024-02-10"}
    assert api.put(f"{PERIODS}/{period['id']}", body).json() == {"success": True}
    schedule.spread_well(recognitionStart="2024-02-11", recognitionEnd="2024-02-29")
    assert schedule.lies() == {"Open-Ended": "300.0"}

    body = {"endDate": "2024-02-29"}
    assert api.put(f"{PERIODS}/{period['id']}", body).json() == {"success": True}

    assert schedule.lies() == {"Feb": "300.0"}


def test_every_schedule_gets_its_share_whoever_defines_the_period(api: Api) -> None:
    schedules = [Schedule(api, months=[1]), *(Schedule(api, months=()) for _ in range(4))]
    for place, schedule in enumerate(schedules):
        schedule.spread_well(recognitionEnd=f"2024-02-{10 + place}")

    define(api, 2)

    assert [schedule.lies()["Feb"] for schedule in schedules] == [
        *("111.13", "117.93", "124.22", "130.0", "135.61")
    ]


def test_the_books_add_up_after_all_of_it(api: Api) -> None:
    schedules = [Schedule(api, "300", months=[1]), Schedule(api, "-99.99", months=())]
    for schedule in schedules:
        schedule.spread_well()
    with builders.writing(api) as books:
        close(books, "Jan'2024")
    define(api, 2)
    for schedule in schedules:
        schedule.spread_well(recognitionStart="2024-02-10", recognitionEnd="2024-05-31")
    define(api, 3)

    with builders.writing(api) as books:
        assert list(audit_books(books, Counter())) == []
    assert schedules[1].lies()["Jan"] == "-18.53"


def across(api: Api, number: str, **amounts: str) -> None:
    """Give periods new amounts by hand."""
    names = {"open_ended": "Open-Ended"}
    asked = [
        {"accountingPeriodName": names.get(name, f"{name}'2024"), "newAmount": amount}
        for name, amount in amounts.items()
    ]
    path = f"{SCHEDULES}/{number}/distribute-revenue-across-accounting-periods"
    assert api.put(path, {"revenueDistributions": asked}).json()["success"] is True


def test_what_was_moved_between_periods_by_hand_is_left_to_people(api: Api) -> None:
    schedule = Schedule(api, months=[1, 2])
    schedule.spread_well()
    across(api, schedule.number, Jan="50.00", Feb="101.34")

    define(api, 3)

    assert schedule.lies() == {
        "Jan": "50.0",
        "Feb": "101.34",
        "Mar": "101.99",
        "Open-Ended": "46.67",
    }


def test_what_was_put_into_open_ended_by_hand_stays_there(api: Api) -> None:
    """An amount on hold is not recognised because somebody defines a period."""
    schedule = Schedule(api, months=[1, 2])
    schedule.spread_well()
    across(api, schedule.number, Jan="0", Feb="0", open_ended="300.00")
    assert schedule.remembers().recognition_start is None

    define(api, 3)

    assert schedule.lies() == {"Open-Ended": "300.0"}


def test_a_schedule_made_by_a_rule_remembers_it(api: Api) -> None:
    """Leading rounding and the day of the transaction count for periods that come later."""
    schedule = Schedule(api, months=[1])
    schedule.spread_well()
    with builders.writing(api) as books:
        found = books.schedules.find(number=schedule.number)
        assert found
        books.schedules.change(found, recognition_rounding="Leading")
        assert isinstance(books.recognition_rules.list()[0], RecognitionRule)

    define(api, 2)

    # With what truncating leaves in January, 56.54 are due by its end; February catches up.
    assert schedule.lies() == {"Jan": "55.93", "Feb": "96.02", "Open-Ended": "148.05"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"recognitionStart": None}, (50600022, "'recognitionStart' may not be null")),
        (
            {"recognitionStart": "soon"},
            (50600020, "'recognitionStart' value should be in yyyy-mm-dd format"),
        ),
        ({"recognitionEnd": None}, (50600022, "'recognitionEnd' may not be null")),
        (
            {"recognitionEnd": 20240414},
            (50600020, "'recognitionEnd' value should be in yyyy-mm-dd format"),
        ),
        (
            {"recognitionEnd": "2024-01-14"},
            (50600020, "'recognitionEnd' value should be a day from recognitionStart on"),
        ),
        (
            {"recognitionStart": "9999-12-30", "recognitionEnd": "9999-12-31"},
            (50600020, "'recognitionEnd' value should be a day from recognitionStart on"),
        ),
        (
            {"recognitionEnd": "2045-04-05"},
            (50600030, TOO_LONG),
        ),
        ({"distributionType": "Yearly"}, (50600020, NO_TYPE)),
        (
            {"distributionType": FRONT_LOAD},
            (
                50600010,
                "'distributionType' needs the model Monthly recognition over time, which is off.",
            ),
        ),
    ],
)
def test_a_range_that_cannot_be_is_refused(
    api: Api, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    schedule = Schedule(api)

    assert schedule.refused(**changes) == expected
    assert schedule.lies() == {"Open-Ended": "300.0"}


def test_the_longest_range_has_250_times_the_longest_period(api: Api) -> None:
    assert Schedule(api).spread_well(recognitionEnd="2045-04-04")


def test_a_distribution_has_a_type_of_revenue_events(api: Api) -> None:
    schedule = Schedule(api)
    assert schedule.refused(eventTypeSystemId="Ours") == (
        50600020,
        "Cannot find revenue event type 'Ours'.",
    )

    number = schedule.spread_well(eventType="Invoice Posted", eventTypeSystemId="InvoicePosted__z")

    assert api.found(f"/v1/revenue-events/{number}")["eventType"] == "Invoice Posted"


def test_an_unknown_schedule_and_one_of_a_fund_are_not_spread(api: Api) -> None:
    schedule = Schedule(api)
    with builders.writing(api) as books:
        builders.sell(books, builders.account(books), builders.prepaid_plan(books), months=1)
    schedule.number = "RS-00000002"
    assert schedule.refused()[0] == 50600030

    schedule.number = "RS-00000099"
    assert schedule.refused() == (50000040, "Cannot find entity by key: 'RS-00000099'.")
