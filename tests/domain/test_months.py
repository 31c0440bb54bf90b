"""Calendar months of a range of days."""

from datetime import date

import pytest

from earned.domain.calendar import Days
from earned.domain.months import (
    days_in_month,
    first_of_next,
    lasts_three_months,
    months_of,
    whole_months,
)


def test_a_range_is_cut_at_the_ends_of_months() -> None:
    assert months_of(Days(date(2023, 11, 15), date(2024, 2, 15))) == (
        Days(date(2023, 11, 15), date(2023, 12, 1)),
        Days(date(2023, 12, 1), date(2024, 1, 1)),
        Days(date(2024, 1, 1), date(2024, 2, 1)),
        Days(date(2024, 2, 1), date(2024, 2, 15)),
    )


@pytest.mark.parametrize("end", [date(2024, 1, 16), date(2024, 2, 1)])
def test_days_of_one_month_are_not_cut(end: date) -> None:
    days = Days(date(2024, 1, 15), end)

    assert months_of(days) == (days,)


def test_a_range_may_end_with_the_calendar() -> None:
    assert months_of(Days(date(9999, 11, 30), date.max)) == (
        Days(date(9999, 11, 30), date(9999, 12, 1)),
        Days(date(9999, 12, 1), date.max),
    )
    assert first_of_next(date(9999, 12, 5)) == date.max


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2024, 1, 15), date(2024, 4, 15), 3),
        (date(2024, 1, 1), date(2025, 1, 1), 12),
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2024, 1, 15), date(2024, 4, 14), None),
        (date(2024, 1, 15), date(2024, 4, 16), None),
        (date(2024, 1, 15), date(2024, 1, 20), None),
    ],
)
def test_a_term_may_have_a_whole_number_of_months(
    start: date, end: date, months: int | None
) -> None:
    assert whole_months(Days(start, end)) == months


@pytest.mark.parametrize(
    ("start", "end", "lasts"),
    [
        (date(2024, 1, 15), date(2024, 4, 14), False),
        (date(2024, 1, 15), date(2024, 4, 15), True),
        (date(2023, 11, 30), date(2024, 2, 29), True),
        (date(2024, 1, 31), date(2024, 5, 1), True),
        (date(2024, 1, 1), date(2024, 3, 31), False),
    ],
)
def test_three_months_are_counted_from_the_first_day(
    start: date, end: date, *, lasts: bool
) -> None:
    assert lasts_three_months(Days(start, end)) is lasts


def test_days_are_those_of_the_month() -> None:
    assert [days_in_month(date(2024, 2, 15)), days_in_month(date(2023, 2, 1))] == [29, 28]
