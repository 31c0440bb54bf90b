"""Overage is added up in prepaid units, and measured after that, once (U 2.5, 2.7)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.accrual import Accrual, DayKey
from earned.domain.overage import Measure, units_of, usage_of

NOW = datetime(2026, 1, 15, tzinfo=UTC)
UNITS = st.decimals(-(10**6), 10**6, places=9)


def key(day: int) -> DayKey:
    return DayKey(date(2026, 1, day), "C-2", 1, "usage")


@pytest.mark.parametrize(
    ("rate", "places", "mode", "units", "quantity"),
    [
        ("3", 0, "Up", "2", "1"),
        ("3", 0, "Down", "2", "0"),
        ("3", 2, "Up", "2", "0.67"),
        ("3", 2, "Down", "-2", "-0.66"),
        ("3", 9, "Down", "2", "0.666666666"),
        ("2.5", 0, "Up", "25", "10"),
        ("60", 2, "Down", "50", "0.83"),
        ("0.3", 0, "Up", "0.9", "3"),
        ("1", 2, "Up", "12.31245", "12.32"),
    ],
)
def test_units_are_measured_as_usage_rounded_to_its_unit(
    rate: str, places: int, mode: str, units: str, quantity: str
) -> None:
    assert Measure(Decimal(rate), places, mode)(Decimal(units)) == Decimal(quantity)


@pytest.mark.parametrize("mode", ["Up", "Down"])
def test_three_thirds_are_one_whichever_way_the_unit_rounds(mode: str) -> None:
    hours = Accrual(int, measure=Measure(Decimal(3), 0, mode))
    for day in (3, 4, 5):
        hours.move(key(day), Decimal(1), NOW)

    days = [row.told for _, row in hours.settle(NOW)]

    assert hours.measured == sum(days) == 1
    assert days == ([1, 0, 0] if mode == "Up" else [0, 0, 1])


@given(st.lists(UNITS, min_size=1, max_size=6), st.sampled_from(["Up", "Down"]))
def test_days_add_up_to_the_measured_total_in_whatever_order_they_come(
    units: list[Decimal], mode: str
) -> None:
    measure = Measure(Decimal("0.7"), 2, mode)
    forth, back = Accrual(int, measure=measure), Accrual(int, measure=measure)
    moves = list(enumerate(units, start=1))
    for day, moved in moves:
        forth.move(key(day), moved, NOW)
    for day, moved in reversed(moves):
        back.move(key(day), moved, NOW)
        back.settle(NOW)

    told = [row.told for _, row in forth.settle(NOW)]

    assert sum(told) == forth.measured == measure(sum(units, Decimal(0)))
    assert [back.rows[place].told for place in sorted(back.rows)] == told


def test_a_quantity_is_units_and_one_record_is_told_to_nine_decimals() -> None:
    assert units_of(Decimal("1.5"), Decimal("2.5")) == Decimal("3.75")
    assert usage_of(Decimal(2), Decimal(3)) == Decimal("0.666666666")
    assert usage_of(Decimal(0), Decimal(3)) == 0
