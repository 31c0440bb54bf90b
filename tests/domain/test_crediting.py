"""How much of a prepayment is credited, in the roundings of currencies (U 2.11, R 7)."""

from datetime import date
from decimal import Decimal

import pytest

from earned.domain.crediting import credit_minor
from earned.domain.money import Currency, RoundingMode
from tests.domain.test_breakage import fund

HALF_UP, UP, DOWN = RoundingMode
JANUARY_11 = date(2026, 1, 11)


@pytest.mark.parametrize(
    ("code", "mode", "increment", "by_time", "by_consumption"),
    [
        # Of 100.00, 21 of 31 days are 67.7419..., and 5 of 7 units are 71.4285... that is earned.
        ("USD", HALF_UP, 1, 6774, 2857),
        ("USD", UP, 1, 6775, 2857),
        ("USD", DOWN, 1, 6774, 2858),
        ("CHF", HALF_UP, 5, 6775, 2855),
        ("CHF", UP, 5, 6775, 2855),
        ("CHF", DOWN, 5, 6770, 2860),
        ("JPY", HALF_UP, 10, 6770, 2860),
        ("JPY", UP, 10, 6780, 2850),
        ("KWD", DOWN, 250, 6750, 3000),
    ],
)
def test_a_credit_is_a_multiple_of_the_increment(
    code: str, mode: RoundingMode, increment: int, by_time: int, by_consumption: int
) -> None:
    currency, paid = Currency.of(code, mode, increment), fund(currency=code)

    assert credit_minor("TimeBased", paid, currency, JANUARY_11) == by_time
    assert credit_minor("ConsumptionBased", paid, currency, JANUARY_11) == by_consumption
    assert credit_minor("FullCreditBack", paid, currency, JANUARY_11) == 10_000


@pytest.mark.parametrize("mode", RoundingMode)
def test_nothing_and_all_are_credited_exactly(mode: RoundingMode) -> None:
    francs, paid = Currency.of("CHF", mode, 5), fund(currency="CHF")

    assert credit_minor("TimeBased", paid, francs, date(2025, 12, 1)) == 10_000
    assert credit_minor("TimeBased", paid, francs, date(2026, 2, 1)) == 0
    full, empty = fund(balance=paid.funded_balance), fund(balance=Decimal(0))
    assert credit_minor("ConsumptionBased", full, francs, JANUARY_11) == 10_000
    assert credit_minor("ConsumptionBased", empty, francs, JANUARY_11) == 0
