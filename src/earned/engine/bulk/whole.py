"""Exact decimals as whole numbers: quantities in billionths, units in billionths of those."""

from decimal import Decimal

from earned.domain.exact import EXACT, FRACTION_DIGITS_MAX, canonical

QUANTITY_PLACES = 9
UNIT_PLACES = 18
"""A quantity times a drawdown rate: nine decimals each."""


def scaled(value: Decimal, places: int) -> int:
    """Return a decimal of at most so many places as a whole number of its last one."""
    whole = scaled_or_none(value, places)
    assert whole is not None, "it has no more places"
    return whole


def scaled_or_none(value: Decimal, places: int) -> int | None:
    """Return it, or None where it has more places."""
    moved = EXACT.scaleb(value, places)
    whole = int(moved)
    return whole if moved == whole else None


def unscaled(whole: int, places: int) -> Decimal:
    """Return the decimal again."""
    return canonical(EXACT.scaleb(Decimal(whole), -places))


def ratio_of(rate: Decimal) -> tuple[int, int]:
    """Return a rate as a fraction of whole numbers, the second a power of ten."""
    places = next(n for n in range(FRACTION_DIGITS_MAX + 1) if scaled_or_none(rate, n) is not None)
    return scaled(rate, places), 10**places
