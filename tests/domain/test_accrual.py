"""Running totals by day: cumulative rounding (U 4.3)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.accrual import Accrual, DayKey, DayRow, fund_value
from earned.domain.money import Currency, RoundingMode, round_to_minor

START = datetime(2026, 1, 1, tzinfo=UTC)
JANUARY = date(2026, 1, 1)


def key(day: int, charge: str = "C-1") -> DayKey:
    return DayKey(JANUARY + timedelta(day - 1), charge, 1, charge)


def accrue(
    price: int, funded: int, moves: Sequence[tuple[int, int | str]], currency: Currency
) -> list[int]:
    accrual = Accrual(fund_value(price, Decimal(funded), currency))
    for number, (day, units) in enumerate(moves):
        at = START + timedelta(minutes=number)
        accrual.move(key(day), Decimal(units), at)
        accrual.settle(at)
    return [row.amount_minor for _, row in sorted(accrual.rows.items())]


USD = Currency.of("USD")
YEN_DOWN = Currency.of("JPY", RoundingMode.DOWN)
DAILY = [(day, 1) for day in range(1, 8)]


@pytest.mark.parametrize(
    ("price", "funded", "currency", "moves", "expected"),
    [
        (1000, 3, USD, [(1, 1), (2, 1), (3, 1)], [333, 334, 333]),
        (10000, 7, USD, DAILY, [1429, 1428, 1429, 1428, 1429, 1428, 1429]),
        (
            1000,
            7,
            Currency.of("JPY", RoundingMode.DOWN),
            DAILY,
            [142, 143, 143, 143, 143, 143, 143],
        ),
        (10000, 7, USD, [(3, 2), (9, 3)], [2857, 4286]),
        (6000, 30, USD, [(1, "12.5")], [2500]),
    ],
)
def test_u_22_u_23_u_24_rows_round_the_running_total(
    price: int,
    funded: int,
    currency: Currency,
    moves: list[tuple[int, int | str]],
    expected: list[int],
) -> None:
    assert accrue(price, funded, moves, currency) == expected


def test_u_22_a_late_record_moves_the_days_after_it() -> None:
    assert accrue(1000, 3, [(5, 1), (20, 1)], USD) == [333, 334]
    assert accrue(1000, 3, [(5, 1), (20, 1), (2, 1)], USD) == [333, 334, 333]


def test_u_52_charges_of_one_day_are_rows_in_the_order_of_their_numbers() -> None:
    accrual = Accrual(fund_value(1000, Decimal(3), USD))
    for one in (key(2, "C-1"), key(1, "C-2"), key(1, "C-1")):
        accrual.move(one, Decimal(1), START)

    rows = accrual.settle(START)

    assert [(one.day.day, one.charge_number, row.amount_minor) for one, row in rows] == [
        (1, "C-1", 333),
        (1, "C-2", 334),
        (2, "C-1", 333),
    ]


def test_only_rows_from_the_first_that_moved_are_settled_and_stamped() -> None:
    accrual = Accrual(fund_value(1000, Decimal(3), USD))
    later = START + timedelta(1)
    accrual.move(key(1), Decimal(1), START)
    accrual.settle(START)
    accrual.move(key(3), Decimal(1), later)

    assert [one.day.day for one, _ in accrual.settle(later)] == [3]
    assert accrual.settle(later) == []
    assert accrual.rows[key(1)] == DayRow(Decimal(1), 333, START, START)
    assert accrual.rows[key(3)] == DayRow(Decimal(1), 334, later, later)


def test_a_row_once_made_stays_at_zero() -> None:
    accrual = Accrual(fund_value(1000, Decimal(3), USD))
    accrual.move(key(1), Decimal(1), START)
    accrual.move(key(1), Decimal(-1), START)
    accrual.settle(START)

    assert accrual.rows[key(1)].amount_minor == 0
    assert accrual.quantity_of(key(1)) == accrual.quantity_of(key(2)) == 0


def test_a_fund_of_no_units_is_worth_its_price() -> None:
    assert fund_value(1000, Decimal(0), USD)(Decimal(0)) == 1000


def test_breakage_in_proportion_is_rounded_to_the_increment() -> None:
    # Of 7 units 5.6 are expected to be used: each earns 17.857 francs.
    francs = Currency.of("CHF", increment_minor=5)
    value = fund_value(10_000, Decimal(7), francs, Decimal("0.2"))

    assert [value(Decimal(units)) for units in ("2", "5", "5.6", "7")] == [3570, 8930, 10000, 10000]


MOVES = st.lists(
    st.tuples(st.integers(1, 28), st.decimals(min_value="0.01", max_value=50, places=2)),
    min_size=1,
    max_size=20,
)


@given(MOVES, st.integers(1, 100_000), st.sampled_from(RoundingMode))
def test_at_every_prefix_the_rows_add_up_to_the_rounded_total(
    moves: list[tuple[int, Decimal]], price: int, mode: RoundingMode
) -> None:
    funded = sum((units for _, units in moves), Decimal(0))
    currency = Currency.of("USD", mode)
    value = fund_value(price, funded, currency)
    accrual = Accrual(value)
    for day, units in moves:
        accrual.move(key(day), units, START)
        accrual.settle(START)

    running, total = Decimal(0), 0
    for _, row in sorted(accrual.rows.items()):
        running += row.quantity
        total += row.amount_minor
        exact = Fraction(price, 100) * Fraction(running) / Fraction(funded)
        assert total == round_to_minor(exact, currency)
    assert total == accrual.amount_minor == price


@given(MOVES, st.randoms(use_true_random=False), st.integers(1, 5))
def test_neither_order_nor_grouping_changes_a_row(
    moves: list[tuple[int, Decimal]], random: object, size: int
) -> None:
    funded = sum((units for _, units in moves), Decimal(1))
    shuffled = list(moves)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    first, second = (Accrual(fund_value(99_999, funded, USD)) for _ in range(2))
    for day, units in moves:
        first.move(key(day), units, START)
        first.settle(START)
    for number, (day, units) in enumerate(shuffled):
        second.move(key(day), units, START)
        if number % size == 0:
            second.settle(START)
    second.settle(START)

    assert first.rows == second.rows


@given(MOVES)
def test_a_row_is_within_one_minor_unit_of_its_own_value(moves: list[tuple[int, Decimal]]) -> None:
    funded = sum((units for _, units in moves), Decimal(0))
    amounts = accrue(12_345, int(funded) + 1, [(day, str(units)) for day, units in moves], USD)

    assert all(minor >= 0 for minor in amounts)
    assert sum(amounts) <= 12_345


@given(MOVES)
def test_rows_taken_up_again_go_on_as_if_never_put_away(moves: list[tuple[int, Decimal]]) -> None:
    funded = sum((units for _, units in moves), Decimal(3))
    value = fund_value(77_777, funded, USD)
    whole = Accrual(value)
    again = Accrual(value)
    for day, units in moves:
        whole.move(key(day), units, START)
        whole.settle(START)
        again = Accrual(value, again.rows.items())
        again.move(key(day), units, START)
        again.settle(START)

    assert again.rows == whole.rows
    assert all(left < right for left, right in pairwise(sorted(again.rows)))
