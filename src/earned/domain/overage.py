"""Overage: added up in prepaid units, measured in the unit of usage (U 2.5, 2.7).

What funds lack is exact in prepaid units. Divided by the drawdown rate it may have no end in
decimals: 2 points at 3 points an hour are two thirds of an hour. So it is added up before it is
divided, and rounded to the unit of usage after that, once (U 1.3): three times two thirds are 2
hours, whichever way the unit rounds.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from earned.domain.exact import ONE, divide_down, multiply, round_share, round_units


@dataclass(frozen=True, slots=True)
class Measure:
    """How prepaid units are measured as usage: at a charge's `rate`, in steps of its unit."""

    rate: Decimal
    decimal_places: int
    rounding_mode: str

    @property
    def step(self) -> Fraction:
        """Less than that is added or taken when units are measured; nothing at a rate of one."""
        return Fraction(0) if self.rate == ONE else Fraction(1, 10**self.decimal_places)

    def __call__(self, units: Decimal) -> Decimal:
        """Return the usage that prepaid units are of, rounded to the unit of usage."""
        if self.rate == ONE:
            return round_units(units, self.decimal_places, self.rounding_mode)
        top, bottom = self.rate.as_integer_ratio()
        return round_share(units, (bottom, top), self.decimal_places, self.rounding_mode)


def units_of(quantity: Decimal, rate: Decimal) -> Decimal:
    """Return the prepaid units that a quantity of usage needs."""
    return multiply(quantity, rate) if rate != ONE else quantity


def usage_of(units: Decimal, rate: Decimal) -> Decimal:
    """Return the usage that prepaid units are of, to nine decimals: what is shown of one record."""
    return divide_down(units, rate) if units and rate != ONE else units
