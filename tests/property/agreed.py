"""What a subscription has agreed on: how long it lasts, and what its charges hold and cost."""

from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from tests.property.shop import CENTS, DAYS, RATES, UNITS

FEBRUARY, MARCH, APRIL, MAY, NEVER = 32, DAYS + 1, 91, 121, 1000
PERIODS = (1, FEBRUARY), (FEBRUARY, MARCH), (MARCH, APRIL), (APRIL, MAY)
"""The validity periods: two that were bought, and others to go on for."""


def horizon(day: int) -> int:
    """Return the end of the period after that of a day."""
    return next(later[1] for period, later in pairwise(PERIODS) if day < period[1])


class Prepaid(NamedTuple):
    """What a fund holds and costs that begins on a day or later; since the order of a number."""

    day: int
    size: Fraction
    cents: int
    order: int = -1


class Metered(NamedTuple):
    """A segment of a usage charge: from which day on it is used, and how it is called."""

    day: int
    charge: str
    name: str


FIRST_SEGMENTS = tuple(Metered(1, charge, charge) for charge in RATES)


class Agreed(NamedTuple):
    """A subscription between two orders; `end` is the first day that is not in it."""

    start: int = 1
    end: int = MARCH
    is_canceled: bool = False
    prepaid: tuple[Prepaid, ...] = (Prepaid(1, UNITS, CENTS),)
    metered: tuple[Metered, ...] = FIRST_SEGMENTS
    removed: tuple[int, ...] = ()

    def ending(self, end: int) -> "Agreed":
        """Return the same with another end: what would have begun later never does."""
        return self._replace(
            end=end,
            prepaid=tuple(one for one in self.prepaid if one.day < end),
            metered=tuple(one for one in self.metered if one.day < end),
        )

    def may_end(self, end: int) -> bool:
        """Say whether it may end then: later only by whole validity periods, or never."""
        if end <= self.start:
            return False
        goes_on = self.end < end < NEVER
        return not goes_on or {self.end, end} <= {FEBRUARY, MARCH, APRIL}

    def begun(self, charge: str) -> int:
        """Return the day that the last segment of a usage charge began on."""
        return [one.day for one in self.metered if one.charge == charge][-1]

    def names_on(self, day: int, charge: str) -> list[str]:
        """Return which segment of a charge a day's usage is of; none after the end."""
        begun = [one.name for one in self.metered if one.charge == charge and one.day <= day]
        return begun[-1:] if day < self.end else []
