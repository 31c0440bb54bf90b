"""Time as accounting periods divide it."""

from datetime import date

import pytest

from earned.domain.calendar import Days
from earned.domain.slots import Slot, days_within, slot_at, slots_around, slots_of
from tests.calendars import months

PERIODS = months(date(2024, 1, 1), 2, closed=1)
BEFORE = Slot(None, Days(date.min, date(2024, 1, 1)), is_closed=True)
JANUARY = Slot("1", Days(date(2024, 1, 1), date(2024, 2, 1)), is_closed=True)
FEBRUARY = Slot("2", Days(date(2024, 2, 1), date(2024, 3, 1)))
REST = Slot("Open-Ended", Days(date(2024, 3, 1), date.max))


def test_all_days_are_in_one_slot() -> None:
    assert slots_of(PERIODS[::-1]) == [BEFORE, JANUARY, FEBRUARY, REST]


def test_without_periods_all_days_are_open_ended() -> None:
    nothing, rest = slots_of(months(date(2024, 1, 1), 0))

    assert len(nothing.days) == 0
    assert rest.days == Days(date.min, date.max)
    assert slot_at([nothing, rest], date.min) == 1


@pytest.mark.parametrize(
    ("day", "place"),
    [
        (date(2023, 12, 31), 0),
        (date(2024, 1, 1), 1),
        (date(2024, 1, 31), 1),
        (date(2024, 2, 1), 2),
        (date(2024, 3, 1), 3),
        (date.max, 3),
    ],
)
def test_a_day_is_in_the_slot_that_has_it(day: date, place: int) -> None:
    assert slot_at(slots_of(PERIODS), day) == place


def test_around_a_period_is_what_was_and_what_will_be() -> None:
    assert slots_around(PERIODS[1], "rest") == [
        Slot(None, Days(date.min, date(2024, 2, 1)), is_closed=True),
        FEBRUARY,
        Slot("rest", Days(date(2024, 3, 1), date.max)),
    ]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (date(2023, 12, 1), date(2024, 3, 1), 31),
        (date(2024, 1, 20), date(2024, 1, 22), 2),
        (date(2024, 2, 1), date(2024, 3, 1), 0),
        (date(2023, 1, 1), date(2023, 2, 1), 0),
    ],
)
def test_days_are_counted_where_both_have_them(start: date, end: date, count: int) -> None:
    assert days_within(Days(start, end), JANUARY.days) == count
