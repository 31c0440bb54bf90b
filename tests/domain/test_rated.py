"""What usage costs that funds in currency pay for (U 2.8)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earned.domain.accrual import DayKey
from earned.domain.money import Currency, RoundingMode, round_to_minor
from earned.domain.rated import RatedAccrual, minor_of, uncovered

AT = datetime(2026, 1, 31, tzinfo=UTC)
YEN = Currency.of("JPY", RoundingMode.DOWN)


def key(day: int) -> DayKey:
    return DayKey(date(2026, 1, day), "C-00000002", 1, "charge")


def worth(quantity: Decimal) -> int:
    return round_to_minor(Fraction(quantity) * Fraction("0.3"), YEN)


def test_u_18_what_records_cost_adds_up_to_the_rated_total() -> None:
    tab, costs = RatedAccrual(worth), []
    for day, quantity in ((1, 54825), (2, 27686)):
        before = tab.rated_minor
        tab.move(key(day), Decimal(quantity), AT)
        costs.append(tab.rated_minor - before)

    # Alone, the second would be 8,305.
    assert costs == [16447, 8306]
    assert tab.rated_minor == 24753


@given(st.lists(st.tuples(st.integers(1, 28), st.integers(1, 99_999)), max_size=8))
@settings(max_examples=25)
def test_what_is_owed_is_what_rows_hold_in_any_order(usage: list[tuple[int, int]]) -> None:
    tab = RatedAccrual(worth)
    for day, quantity in usage:
        before = tab.rated_minor
        tab.move(key(day), Decimal(quantity), AT)
        tab.owe(key(day), tab.rated_minor - before, AT)

    rows = tab.settle(AT)

    assert tab.amount_minor == worth(Decimal(sum(quantity for _, quantity in usage)))
    assert [one for one, _ in rows] == sorted({key(day) for day, _ in usage})
    assert tab.settle(AT) == []


@pytest.mark.parametrize(
    ("quantity", "amount", "drawn", "left"),
    [
        ("30", 6000, 4000, "10"),
        ("30", 6000, 0, "30"),
        ("30", 6000, 6000, "0"),
        ("10", 3, 2, "3.333333333"),
        ("5", 0, 0, "0"),
        ("1", -91, -91, "0"),
    ],
)
def test_usage_is_covered_as_far_as_its_amount_is_paid(
    quantity: str, amount: int, drawn: int, left: str
) -> None:
    assert uncovered(Decimal(quantity), amount, drawn) == Decimal(left)


def test_money_in_funds_is_whole_minor_units() -> None:
    assert minor_of(Decimal("30.10"), Currency.of("USD")) == 3010
    with pytest.raises(AssertionError):
        minor_of(Decimal("30.105"), Currency.of("USD"))
