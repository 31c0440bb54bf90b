"""The billing periods that usage is rated in (U 2.7)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.calendar import Days
from earned.domain.service_period import service_period
from earned.domain.subscription import RatePlanCharge
from tests import values


def usage_charge(start: date, **changes: Any) -> RatePlanCharge:
    facts: dict[str, Any] = {
        "effective_start_date": start,
        "effective_end_date": None,
        "charge_type": "Usage",
        "charge_model": "PerUnit",
    }
    return values.charge(**{**facts, **changes})


def period(start: str, day: str, **changes: Any) -> tuple[str, str]:
    found = service_period(
        usage_charge(date.fromisoformat(start), **changes), date.fromisoformat(day)
    )
    return found.start.isoformat(), found.end.isoformat()


@pytest.mark.parametrize(
    ("start", "day", "first", "end"),
    [
        ("2026-01-01", "2026-01-01", "2026-01-01", "2026-02-01"),
        ("2026-01-01", "2026-01-31", "2026-01-01", "2026-02-01"),
        ("2026-01-15", "2026-02-14", "2026-01-15", "2026-02-15"),
        ("2026-01-15", "2026-02-15", "2026-02-15", "2026-03-15"),
        ("2026-01-31", "2026-02-28", "2026-02-28", "2026-03-31"),
        ("2026-01-31", "2026-03-30", "2026-02-28", "2026-03-31"),
        ("2026-01-31", "2026-03-31", "2026-03-31", "2026-04-30"),
    ],
)
def test_months_are_counted_from_the_charges_start(
    start: str, day: str, first: str, end: str
) -> None:
    assert period(start, day, billing_period="Month") == (first, end)
    assert period(start, day) == (first, end)


@pytest.mark.parametrize(
    ("name", "first", "end"),
    [
        ("Quarter", "2026-07-10", "2026-10-10"),
        ("Semi_Annual", "2026-07-10", "2027-01-10"),
        ("Semi-Annual", "2026-07-10", "2027-01-10"),
        ("Annual", "2026-01-10", "2027-01-10"),
        ("Eighteen_Months", "2026-01-10", "2027-07-10"),
        ("Two_Years", "2026-01-10", "2028-01-10"),
        ("Week", "2026-09-05", "2026-09-12"),
    ],
)
def test_other_billing_periods(name: str, first: str, end: str) -> None:
    assert period("2026-01-10", "2026-09-11", billing_period=name) == (first, end)


@pytest.mark.parametrize(
    ("name", "first", "end"),
    [
        ("Specific_Months", "2026-09-10", "2026-11-10"),
        ("Specific_Weeks", "2026-09-05", "2026-09-19"),
        ("Specific_Days", "2026-09-11", "2026-09-13"),
    ],
)
def test_specific_lengths(name: str, first: str, end: str) -> None:
    found = period("2026-01-10", "2026-09-11", billing_period=name, specific_billing_period=2)

    assert found == (first, end)


NAMES = st.sampled_from(["Month", "Quarter", "Annual", "Week", "Specific_Days", "Specific_Months"])


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 4000), NAMES, st.integers(1, 5))
def test_periods_hold_their_days_and_meet_without_gaps(
    start: date, days: int, name: str, length: int
) -> None:
    charge = usage_charge(start, billing_period=name, specific_billing_period=length)
    day = start + timedelta(days)

    found = service_period(charge, day)

    assert day in found
    assert found.start >= start
    assert service_period(charge, found.start) == found
    assert service_period(charge, found.end).start == found.end
    assert service_period(charge, found.end - timedelta(1)) == found
    assert isinstance(found, Days)
