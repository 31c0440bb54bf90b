"""Exact decimals (U 1.3)."""

from decimal import Decimal, Inexact
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.errors import Invalid
from earned.domain.exact import (
    EXACT,
    ZERO,
    add,
    canonical,
    divide_down,
    fits,
    multiply,
    parse_decimal,
    plain,
    round_units,
    subtract,
)

QUANTITIES = st.decimals(
    min_value="-9999999999999.999999999", max_value="9999999999999.999999999", places=9
)


@given(QUANTITIES, QUANTITIES)
def test_sums_and_products_lose_no_digit(left: Decimal, right: Decimal) -> None:
    assert Fraction(add(left, right)) == Fraction(left) + Fraction(right)
    assert Fraction(subtract(left, right)) == Fraction(left) - Fraction(right)
    assert Fraction(multiply(left, right)) == Fraction(left) * Fraction(right)


def test_where_a_digit_would_be_lost_it_is_an_error() -> None:
    with pytest.raises(Inexact):
        EXACT.divide(Decimal(1), Decimal(3))


def test_more_digits_than_the_ambient_context_keeps() -> None:
    product = multiply(Decimal("1234567890123.123456789"), Decimal("0.000000001"))

    assert product == Decimal("1234.567890123123456789")


@pytest.mark.parametrize(
    ("dividend", "divisor", "quotient"),
    [
        ("10", "3", "3.333333333"),
        ("-10", "3", "-3.333333333"),
        ("25", "2.5", "10"),
        ("1", "8", "0.125"),
    ],
)
def test_quotients_are_cut_off_at_nine_decimals(dividend: str, divisor: str, quotient: str) -> None:
    assert plain(divide_down(Decimal(dividend), Decimal(divisor))) == quotient


@pytest.mark.parametrize(
    ("quantity", "places", "mode", "rounded"),
    [
        ("12.31245", 2, "Down", "12.31"),
        ("12.31245", 2, "Up", "12.32"),
        ("-12.31245", 2, "Down", "-12.31"),
        ("-12.31245", 2, "Up", "-12.32"),
        ("12.3", 2, "Up", "12.3"),
        ("0.000000001", 0, "Up", "1"),
        ("0.999999999", 0, "Down", "0"),
        ("7", 0, "Up", "7"),
    ],
)
def test_u_55_units_round_by_magnitude(quantity: str, places: int, mode: str, rounded: str) -> None:
    assert plain(round_units(Decimal(quantity), places, mode)) == rounded


@given(QUANTITIES, st.integers(0, 9), st.sampled_from(["Up", "Down"]))
def test_rounding_units_stays_within_one_step_and_is_done_once(
    quantity: Decimal, places: int, mode: str
) -> None:
    rounded = round_units(quantity, places, mode)

    step = Fraction(1, 10**places)
    moved = Fraction(rounded) - Fraction(quantity)
    outward = moved if quantity >= 0 else -moved
    assert (0 <= outward < step) if mode == "Up" else (-step < outward <= 0)
    assert round_units(rounded, places, mode) == rounded


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("12.50", "12.5"),
        ("1E+3", "1000"),
        ("1.20E+1", "12"),
        ("-0", "0"),
        ("0.000", "0"),
        ("-3.00", "-3"),
        ("1E-9", "0.000000001"),
        ("100", "100"),
    ],
)
def test_a_value_has_one_form(written: str, stored: str) -> None:
    assert plain(Decimal(written)) == stored


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**13), max_value=10**13))
def test_the_one_form_is_the_same_value(value: Decimal) -> None:
    assert canonical(value) == value
    assert Decimal(plain(value)) == value
    assert "E" not in plain(value)


@pytest.mark.parametrize("value", ["9", " 9 ", 9, Decimal(9), "9.0", "0.9e1", "+9"])
def test_numbers_are_read_from_json_and_text(value: object) -> None:
    assert parse_decimal(value, "Quantity") == 9


@pytest.mark.parametrize(
    "value", ["", "nine", "1_000", "٣", "NaN", "Infinity", None, True, [], {}, 0.5, Decimal("NaN")]
)
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(Invalid, match="'Quantity' value is invalid"):
        parse_decimal(value, "Quantity")


@pytest.mark.parametrize(
    ("value", "integer", "fraction"),
    [
        ("9999999999999", True, True),
        ("10000000000000", False, True),
        ("1E+13", False, True),
        ("1E+12", True, True),
        ("1E+999999", False, True),
        ("0.123456789", True, True),
        ("0.1234567891", True, False),
        ("0.1234567890", True, True),
        ("1E-999999", True, False),
        ("0E-999999", True, True),
        ("-9999999999999.999999999", True, True),
        ("-10000000000000.5", False, True),
    ],
)
def test_thirteen_integer_and_nine_fraction_digits_fit(
    value: str, *, integer: bool, fraction: bool
) -> None:
    assert fits(Decimal(value)) == (integer, fraction)


@given(QUANTITIES)
def test_what_is_within_the_limits_fits(value: Decimal) -> None:
    assert fits(value) == (True, True)
    assert subtract(value, value) == ZERO
