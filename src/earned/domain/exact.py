"""Exact decimals: quantities of units, rates and prices.

Python's ambient context keeps 28 digits and drops the rest without a word. Every product and
sum of this package goes through `EXACT`, which has room for any two documented quantities and
raises where a digit would be lost.
"""

from decimal import (
    ROUND_DOWN,
    ROUND_UP,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
)

from earned.domain.errors import Invalid

ZERO = Decimal(0)
ONE = Decimal(1)

EXACT = Context(
    prec=80,
    traps=[Inexact, InvalidOperation, DivisionByZero, Overflow, FloatOperation],
)

INTEGER_DIGITS_MAX = 13
FRACTION_DIGITS_MAX = 9

_ROUNDINGS = {"Up": ROUND_UP, "Down": ROUND_DOWN}
# Division needs a place to stop: the quotients shown to people, never the ones rounded to money.
_QUOTIENT = Context(prec=40, rounding=ROUND_DOWN, traps=[InvalidOperation, DivisionByZero])


def multiply(left: Decimal, right: Decimal) -> Decimal:
    """Return the exact product."""
    return EXACT.multiply(left, right)


def add(left: Decimal, right: Decimal) -> Decimal:
    """Return the exact sum."""
    return EXACT.add(left, right)


def subtract(left: Decimal, right: Decimal) -> Decimal:
    """Return the exact difference."""
    return EXACT.subtract(left, right)


def divide_down(dividend: Decimal, divisor: Decimal, places: int = FRACTION_DIGITS_MAX) -> Decimal:
    """Return the quotient truncated to `places` decimals."""
    quotient = _QUOTIENT.divide(dividend, divisor)
    return canonical(quotient.quantize(Decimal(1).scaleb(-places), ROUND_DOWN, _QUOTIENT))


def round_units(quantity: Decimal, places: int, mode: str) -> Decimal:
    """Round a quantity to its unit of measure: `places` decimals, `mode` `Up` or `Down` (U 1.3).

    Both modes work on the magnitude, so a correction rounds as the record it corrects.
    """
    if _is_whole(quantity):
        return quantity
    exponent = quantity.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -places:
        return quantity
    step = Decimal(1).scaleb(-places)
    return canonical(quantity.quantize(step, _ROUNDINGS[mode], _QUOTIENT))


def round_share(quantity: Decimal, share: tuple[int, int], places: int, mode: str) -> Decimal:
    """Return `quantity x numerator / denominator`, rounded once to `places` decimals (U 2.3).

    By whole numbers: the share of a quantity may have no end in decimals.
    """
    numerator, denominator = share
    top, bottom = quantity.as_integer_ratio()
    dividend, divisor = abs(top) * numerator * 10**places, bottom * denominator
    steps = -(-dividend // divisor) if mode == "Up" else dividend // divisor
    return canonical(EXACT.scaleb(Decimal(steps if top >= 0 else -steps), -places))


def canonical(value: Decimal) -> Decimal:
    """Return the one form of `value` that is stored: no exponent, no trailing zeros, no `-0`."""
    if not value:
        return ZERO
    if _is_whole(value):
        return value
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if exponent > 0:
        return Decimal((sign, digits + (0,) * exponent, 0))
    kept = len(digits)
    while exponent < 0 and digits[kept - 1] == 0:
        kept -= 1
        exponent += 1
    return value if kept == len(digits) else Decimal((sign, digits[:kept], exponent))


def plain(value: Decimal) -> str:
    """Return `value` in plain notation, as people and databases read it: `12.5`, `-3`, `1000`."""
    text = str(value)
    if text.isdigit() or (value and text[1:].isdigit()):
        return text
    return format(canonical(value), "f")


def _is_whole(value: Decimal) -> bool:
    """Say whether `value` is written as digits alone; by far the most quantities are."""
    text = str(value)
    return text.isdigit() or text[1:].isdigit()


def parse_decimal(value: object, field: str) -> Decimal:
    """Read a decimal from a JSON number or string, never through a binary float.

    Accepts what the Zuora guides allow: digits, sign, point and exponent. Raises `Invalid`.
    """
    if isinstance(value, Decimal):
        parsed = value
    elif isinstance(value, int) and not isinstance(value, bool):
        parsed = Decimal(value)
    elif isinstance(value, str) and value.isascii() and "_" not in value:
        try:
            parsed = Decimal(value.strip())
        except InvalidOperation:
            raise Invalid(f"'{field}' value is invalid", field=field) from None
    else:
        raise Invalid(f"'{field}' value is invalid", field=field)
    if not parsed.is_finite():
        raise Invalid(f"'{field}' value is invalid", field=field)
    return parsed


def fits(value: Decimal) -> tuple[bool, bool]:
    """Say whether `value` keeps within 13 integer and 9 fraction digits (U 1.3), in that order.

    The test reads the exponent first, so that `1E+999999999` costs nothing.
    """
    if not value or (value.adjusted() < INTEGER_DIGITS_MAX and _is_whole(value)):
        return True, True
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if len(digits) + exponent > INTEGER_DIGITS_MAX:
        return False, True
    if exponent >= -FRACTION_DIGITS_MAX:
        return True, True
    surplus = -FRACTION_DIGITS_MAX - exponent
    return True, surplus < len(digits) and not any(digits[-surplus:])
