"""Rolling over: which validity period, for how long, at what price (U 1.5, 2.12)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from earned.domain.calendar import Days, add_months
from earned.domain.prepaid import ValidityPeriodSummary
from earned.domain.rolling import destination, ending_periods
from earned.domain.subscription import RatePlanCharge
from tests import values

TERM_END = date(2027, 1, 1)


def period(month: int) -> ValidityPeriodSummary:
    start, end = date(2026, month, 1), date(2026, month + 1, 1)
    return values.validity_period(id=str(month), start_date=start, end_date=end)


def charge(**terms: Any) -> RatePlanCharge:
    """Make a charge of half a year."""
    return values.charge(effective_end_date=date(2026, 7, 1), **terms)


@pytest.mark.parametrize(
    ("target", "rolls"),
    [
        (date(2026, 1, 31), None),
        (date(2026, 2, 1), ("1", "2")),
        (date(2026, 3, 31), ("2", "3")),
        (date(2026, 4, 1), None),
    ],
)
def test_the_latest_period_that_is_over_rolls_into_the_next(
    target: date, rolls: tuple[str, str] | None
) -> None:
    found = ending_periods([period(3), period(1), period(2)], target)

    assert next(((over.id, later.id) for over, later in found), None) == rolls


def test_periods_that_overlap_in_a_pool_roll_each_into_the_next_of_its_own() -> None:
    halves = [
        replace(period(month), id=f"{month}/15", start_date=date(2026, month, 15))
        for month in (1, 2)
    ]
    halves = [replace(one, end_date=add_months(one.start_date, 1)) for one in halves]
    pool = [*halves, period(1), period(2)]

    for target, rolls in (
        (date(2026, 2, 1), [("1", "2")]),
        (date(2026, 2, 15), [("1", "2"), ("1/15", "2/15")]),
        (date(2026, 3, 1), [("1/15", "2/15")]),
    ):
        found = ending_periods(pool, target)
        assert [(over.id, later.id) for over, later in found] == rolls


@pytest.mark.parametrize(
    ("terms", "end"),
    [
        ({}, date(2026, 3, 1)),
        ({"rollover_period_length": 1, "rollover_period_type": "Quarter"}, date(2026, 5, 1)),
        ({"rollover_period_length": 10, "rollover_period_type": "Day"}, date(2026, 2, 11)),
        ({"rollover_period_length": 2, "rollover_period_type": "Annual"}, TERM_END),
        (
            {
                "rollover_period_length": 6,
                "rollover_period_type": "Month",
                "rollover_end_date_type": "ChargeEndDate",
            },
            date(2026, 7, 1),
        ),
        (
            {"rollover_end_date_type": "SpecificDate", "rollover_end_date": date(2026, 2, 15)},
            date(2026, 2, 15),
        ),
        ({"rollover_end_date_type": "SubscriptionTerm"}, date(2026, 3, 1)),
    ],
)
def test_how_long_a_rolled_fund_lives(terms: dict[str, Any], end: date) -> None:
    found = destination(charge(**terms), period(2), TERM_END, "ApplyFirst")

    assert found
    assert found.valid == Days(date(2026, 2, 1), end)


def test_nothing_rolls_past_the_day_that_ends_rolling() -> None:
    terms = {"rollover_end_date_type": "SpecificDate", "rollover_end_date": date(2026, 2, 1)}

    assert destination(charge(**terms), period(2), TERM_END, "ApplyFirst") is None


@pytest.mark.parametrize(
    ("apply", "own", "priority"),
    [("ApplyFirst", None, 10), ("ApplyLast", None, 100), ("ApplyLast", 7, 7), ("ApplyFirst", 0, 0)],
)
def test_a_rolled_fund_has_the_priority_of_its_charge(
    apply: str, own: int | None, priority: int
) -> None:
    found = destination(charge(rollover_fund_priority=own), period(2), TERM_END, apply)

    assert found
    assert (found.apply, found.priority) == (apply, priority)
