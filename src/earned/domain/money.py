"""Money is an integer number of a currency's minor units; all rounding to money is here.

Fields and arguments that hold money end in `_minor`: 30.15 USD is 3015, 30 JPY is 30.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from earned.domain.errors import Invalid
from earned.domain.exact import parse_decimal

# The exact text that clients match on (seed: revenue schedule by charge, `amount`).
WRONG_DECIMAL_PLACES = "Allocation amount with wrong decimal places."
AMOUNT_DIGITS_MAX = 13

_ZERO_DECIMALS = "JPY KRW VND CLP ISK PYG UGX XAF XOF XPF RWF KMF GNF DJF BIF VUV"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"
SCALES = {
    **dict.fromkeys(_ZERO_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
    **dict.fromkeys(_FOUR_DECIMALS.split(), 4),
}
"""The decimals of the currencies that do not have the usual two."""
SCALE_USUAL = 2
SCALE_MAX = 4


class RoundingMode(StrEnum):
    """What becomes of a part of an increment (R 7). All of them work on the magnitude."""

    HALF_UP = "Half Up"
    UP = "Up"
    DOWN = "Down"


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: ISO 4217 code, decimals, rounding mode and increment in minor units (R 7).

    Mode and increment are what an entity has decided (`Books.currency`): amounts are computed with
    those. Reading and writing amounts needs the decimals only, which are the same everywhere.
    """

    code: str
    scale: int
    rounding: RoundingMode = RoundingMode.HALF_UP
    increment_minor: int = 1

    @classmethod
    def of(
        cls,
        code: str,
        rounding: RoundingMode = RoundingMode.HALF_UP,
        increment_minor: int = 1,
    ) -> "Currency":
        """Return the currency with the decimals ISO 4217 gives it (2 unless listed)."""
        return cls(code, SCALES.get(code, SCALE_USUAL), rounding, increment_minor)

    @property
    def factor(self) -> int:
        """Minor units in one major unit."""
        return int(10**self.scale)


def round_to_minor(value: Fraction, currency: Currency) -> int:
    """Round an exact major-unit value to minor units by the currency's mode and increment.

    The magnitude is what is rounded, so a credit mirrors its charge.
    """
    steps = abs(value) * currency.factor / currency.increment_minor
    whole, rest = divmod(steps.numerator, steps.denominator)
    if currency.rounding == RoundingMode.UP:
        whole += rest > 0
    elif currency.rounding == RoundingMode.HALF_UP:
        whole += 2 * rest >= steps.denominator
    return (whole if value >= 0 else -whole) * currency.increment_minor


def parse_amount(value: object, currency: Currency, field: str) -> int:
    """Read an amount in major units; return minor units.

    Trailing zeros are accepted (`30.150` USD, `30.0` JPY); any other digit beyond the currency's
    scale is refused with `WRONG_DECIMAL_PLACES`. Raises `Invalid`.
    """
    parsed = parse_decimal(value, field)
    sign, digits, exponent = parsed.as_tuple()
    assert isinstance(exponent, int)
    if parsed and len(digits) + exponent > AMOUNT_DIGITS_MAX:
        raise Invalid(f"'{field}' value is invalid", field=field)
    surplus = -exponent - currency.scale
    if surplus > 0 and parsed:
        if surplus >= len(digits) or any(digits[-surplus:]):
            raise Invalid(WRONG_DECIMAL_PLACES, field=field)
        digits, exponent = digits[:-surplus], -currency.scale
    if not parsed:
        return 0
    magnitude = int("".join(map(str, digits))) * int(10 ** (exponent + currency.scale))
    return -magnitude if sign else magnitude


def major(amount_minor: int, currency: Currency) -> Decimal:
    """Return the amount in major units, with the currency's decimals: 3010 USD is `30.10`."""
    return Decimal(amount_minor).scaleb(-currency.scale)
