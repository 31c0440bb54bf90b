"""Money: minor units, and the one place where amounts are rounded (R 7)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.errors import Invalid
from earned.domain.money import (
    WRONG_DECIMAL_PLACES,
    Currency,
    RoundingMode,
    major,
    parse_amount,
    round_to_minor,
)

USD, JPY, KWD = (Currency.of(code) for code in ("USD", "JPY", "KWD"))
VALUES = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**6)
MODES = st.sampled_from(RoundingMode)


@pytest.mark.parametrize(
    ("code", "scale", "factor"),
    [("USD", 2, 100), ("JPY", 0, 1), ("KWD", 3, 1000), ("CLF", 4, 10000)],
)
def test_a_currency_has_its_iso_decimals(code: str, scale: int, factor: int) -> None:
    currency = Currency.of(code)

    assert (currency.scale, currency.factor) == (scale, factor)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (RoundingMode.HALF_UP, [1, 1, 0, -1]),
        (RoundingMode.UP, [1, 1, 1, -1]),
        (RoundingMode.DOWN, [0, 0, 0, 0]),
    ],
)
def test_modes_round_the_magnitude(mode: RoundingMode, expected: list[int]) -> None:
    currency = Currency.of("USD", mode)
    values = [Fraction(5, 1000), Fraction(9, 1000), Fraction(4, 1000), Fraction(-5, 1000)]

    assert [round_to_minor(value, currency) for value in values] == expected


@pytest.mark.parametrize(
    ("value", "increment", "minor"),
    [("0.07", 5, 5), ("0.08", 5, 10), ("-0.08", 5, -10), ("1.2", 100, 100)],
)
def test_an_increment_is_the_smallest_step(value: str, increment: int, minor: int) -> None:
    assert round_to_minor(Fraction(value), Currency.of("CHF", increment_minor=increment)) == minor


@given(VALUES, MODES)
def test_rounding_moves_less_than_one_minor_unit_and_mirrors(
    value: Fraction, mode: RoundingMode
) -> None:
    currency = Currency.of("USD", mode)

    minor = round_to_minor(value, currency)

    assert abs(minor - value * 100) < 1
    assert round_to_minor(-value, currency) == -minor
    if mode is RoundingMode.HALF_UP:
        assert abs(minor - value * 100) <= Fraction(1, 2)


@given(VALUES, VALUES, MODES)
def test_rounding_keeps_the_order(left: Fraction, right: Fraction, mode: RoundingMode) -> None:
    low, high = sorted((left, right))

    assert round_to_minor(low, Currency.of("USD", mode)) <= round_to_minor(
        high, Currency.of("USD", mode)
    )


@pytest.mark.parametrize(
    ("sent", "currency", "minor"),
    [
        ("30.15", USD, 3015),
        ("30.150", USD, 3015),
        ("30", USD, 3000),
        (30, USD, 3000),
        ("3E1", USD, 3000),
        ("-0.01", USD, -1),
        ("30", JPY, 30),
        ("30.0", JPY, 30),
        ("30.155", KWD, 30155),
        ("0.000000", USD, 0),
        ("0E+99999", JPY, 0),
        ("9999999999999.99", USD, 999_999_999_999_999),
    ],
)
def test_amounts_are_read_exactly(sent: object, currency: Currency, minor: int) -> None:
    assert parse_amount(sent, currency, "amount") == minor


@pytest.mark.parametrize(
    ("sent", "currency"), [("30.155", USD), ("30.15", JPY), ("0.001", USD), ("1E-99999", USD)]
)
def test_r_t7_digits_beyond_the_currency_are_refused(sent: str, currency: Currency) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_amount(sent, currency, "amount")

    assert str(refusal.value) == WRONG_DECIMAL_PLACES


@pytest.mark.parametrize("sent", ["10000000000000", "1E+99999", "NaN", "", None, True])
def test_what_is_no_amount_is_refused(sent: object) -> None:
    with pytest.raises(Invalid, match="'amount' value is invalid"):
        parse_amount(sent, USD, "amount")


@given(st.integers(-(10**14), 10**14), st.sampled_from([USD, JPY, KWD]))
def test_an_amount_written_out_is_read_back(minor: int, currency: Currency) -> None:
    written = major(minor, currency)

    if abs(written) < 10**13:
        assert parse_amount(str(written), currency, "amount") == minor


def test_amounts_are_written_with_the_decimals_of_the_currency() -> None:
    assert [str(major(3010, currency)) for currency in (USD, JPY, KWD)] == [
        "30.10",
        "3010",
        "3.010",
    ]
    assert major(0, USD) == Decimal("0.00")
