"""Which accounting period a day belongs to (R 5)."""

from calendar import monthrange
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.accounting import OPEN_ENDED, AccountingPeriod, PeriodStatus
from earned.domain.periods import defined, next_open, open_ended, period_of

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def period(name: str, start: date | None, end: date | None, status: str) -> AccountingPeriod:
    return AccountingPeriod(
        id=name,
        entity_id="e",
        name=name,
        start_date=start,
        end_date=end,
        fiscal_year=None,
        status=PeriodStatus(status),
        created_by="u",
        created_at=NOW,
        updated_by="u",
        updated_at=NOW,
    )


def year(*statuses: str) -> list[AccountingPeriod]:
    """The months of 2026 with these statuses, latest first, after Open-Ended."""
    months = [
        period(
            f"M{number}",
            date(2026, number, 1),
            date(2026, number, monthrange(2026, number)[1]),
            status,
        )
        for number, status in enumerate(statuses, 1)
    ]
    return [period(OPEN_ENDED, None, None, "Open"), *reversed(months)]


BOOKS = year("Closed", "Closed", "PendingClose", "Open")


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2025, 12, 31), "Open-Ended"),
        (date(2026, 1, 1), "M1"),
        (date(2026, 1, 31), "M1"),
        (date(2026, 2, 1), "M2"),
        (date(2026, 4, 30), "M4"),
        (date(2026, 5, 1), "Open-Ended"),
    ],
)
def test_both_ends_of_a_period_belong_to_it(day: date, name: str) -> None:
    assert period_of(BOOKS, day).name == name


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2025, 12, 31), "Open-Ended"),
        (date(2026, 1, 20), "M3"),
        (date(2026, 3, 5), "M3"),
        (date(2026, 4, 5), "M4"),
        (date(2027, 1, 1), "Open-Ended"),
    ],
)
def test_what_falls_in_a_closed_period_goes_to_the_next_open_one(day: date, name: str) -> None:
    assert next_open(BOOKS, day).name == name


def test_when_all_defined_periods_are_closed_open_ended_takes_it() -> None:
    assert next_open(year("Closed", "Closed"), date(2026, 1, 20)).name == "Open-Ended"


def test_defined_periods_come_in_the_order_of_their_dates() -> None:
    assert [p.name for p in defined(BOOKS)] == ["M1", "M2", "M3", "M4"]
    assert open_ended(BOOKS).name == "Open-Ended"


@given(
    st.lists(st.sampled_from(PeriodStatus), min_size=1, max_size=12),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
def test_no_booking_ever_lands_in_a_closed_period(statuses: list[PeriodStatus], day: date) -> None:
    periods = year(*statuses)

    landed, home = next_open(periods, day), period_of(periods, day)

    assert not landed.is_closed
    assert home.is_closed or landed is home
    if landed.start_date and landed is not home:
        assert landed.start_date > day
