"""Running totals by day: how daily amounts stay exact (U 4.3).

An accrual is the ordered rows of one series. Quantities move in and out of rows; amounts follow as
differences of the rounded value of the running quantity, so they add up to the value of the total
at every prefix, whatever order the movements came in.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from earned.domain.breakage import expected_use
from earned.domain.consumption import Ending
from earned.domain.exact import EXACT, ZERO
from earned.domain.money import Currency, round_to_minor

Valuation = Callable[[Decimal], int]
Measuring = Callable[[Decimal], Decimal]


_AFTER_ALL = "\U0010ffff"
"""Sorts after the number of any charge."""


class DayKey(NamedTuple):
    """What a row is of, in the canonical order of rows within a series."""

    day: date
    charge_number: str
    charge_segment: int
    charge_id: str

    @property
    def ending(self) -> Ending | None:
        """What the row is of if no charge used its units."""
        return Ending(self.charge_id) if self.charge_number == _AFTER_ALL else None


def ending_key(ending: Ending, day: date) -> DayKey:
    """Return the key of units that left a fund without usage: after all usage of the day."""
    return DayKey(day, _AFTER_ALL, 1, ending)


@dataclass(slots=True)
class DayRow:
    """A day's quantity and amount; when it first moved, and when it or a row before it last did.

    Where quantities are measured in another unit than they are counted in, `measured` is what the
    day adds to the measured total. Where they are not, `units` may be what they are in the other.
    """

    quantity: Decimal
    amount_minor: int
    created_at: datetime
    updated_at: datetime
    measured: Decimal | None = None
    units: Decimal | None = None

    @property
    def told(self) -> Decimal:
        """The quantity that is told of the day."""
        return self.quantity if self.measured is None else self.measured

    @property
    def counted(self) -> Decimal | None:
        """What the told quantity is of in the other unit, None where there is no other."""
        return self.units if self.measured is None else self.quantity


class Accrual:
    """The rows of one series, in order, and the value of a running quantity."""

    def __init__(
        self,
        value: Valuation,
        rows: Iterable[tuple[DayKey, DayRow]] = (),
        deductions: Mapping[DayKey, int] = MappingProxyType({}),
        measure: Measuring | None = None,
    ) -> None:
        """Start from stored `rows`; `value` returns minor units and never looks at the days.

        `deductions` are minor units that rows earn less than their units are worth. `measure` says
        what a running quantity is in the unit it is told in.
        """
        self.value = value
        self._deductions = deductions
        self._measure = measure
        self.rows = dict(rows)
        self._order = sorted(self.rows)
        self.quantity = _sum(row.quantity for row in self.rows.values())
        self._first_moved: DayKey | None = None

    @property
    def amount_minor(self) -> int:
        """The value of the whole quantity, which the amounts of all rows add up to."""
        return self.value(self.quantity)

    @property
    def measured(self) -> Decimal:
        """The whole quantity as it is told."""
        return self.quantity if self._measure is None else self._measure(self.quantity)

    def quantity_of(self, key: DayKey) -> Decimal:
        """Return the quantity of a row, zero if there is none."""
        row = self.rows.get(key)
        return ZERO if row is None else row.quantity

    def move(self, key: DayKey, quantity: Decimal, at: datetime, record: str = "") -> None:
        """Add `quantity` (negative takes it back) to a row; a row once made stays, even at zero.

        Which record moves it means something where records are priced one by one.
        """
        del record
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = DayRow(ZERO, 0, at, at)
            insort(self._order, key)
        row.quantity = EXACT.add(row.quantity, quantity)
        self.quantity = EXACT.add(self.quantity, quantity)
        if self._first_moved is None or key < self._first_moved:
            self._first_moved = key

    def revalue(self) -> None:
        """Have every row settled again: what units are worth has changed."""
        if self._order:
            self._first_moved = self._order[0]

    def settle(self, at: datetime) -> list[tuple[DayKey, DayRow]]:
        """Bring the amounts up to date; return the rows from the first that moved to the last.

        The rows after a moved one are stamped with it: their amounts rest on it.
        """
        if self._first_moved is None:
            return []
        place = self._place(self._first_moved)
        touched = self._order[place:]
        self._first_moved = None
        running = EXACT.subtract(self.quantity, _sum(self.rows[key].quantity for key in touched))
        # Before the first row there is nothing; a row without units may cost a fee nevertheless.
        valued = self.value(running) if place else 0
        for key in touched:
            row = self.rows[key]
            running = EXACT.add(running, row.quantity)
            before, valued = valued, self.value(running)
            row.amount_minor = valued - before
            row.updated_at = at
        for key, minor in self._deductions.items():
            if key in touched:
                self.rows[key].amount_minor -= minor
        if self._measure is not None:
            self._measure_days(touched, self._measure)
        return [(key, self.rows[key]) for key in touched]

    def _measure_days(self, touched: Sequence[DayKey], measure: Measuring) -> None:
        """Tell each day as the difference of two measured totals, so that days add up to one."""
        running = EXACT.subtract(self.quantity, _sum(self.rows[key].quantity for key in touched))
        measured = measure(running)
        for key in touched:
            row = self.rows[key]
            running = EXACT.add(running, row.quantity)
            before, measured = measured, measure(running)
            row.measured = EXACT.subtract(measured, before)

    def _place(self, key: DayKey) -> int:
        place = len(self._order) - 1
        while self._order[place] != key:
            place -= 1
        return place


def fund_value(
    funding_price_minor: int,
    funded: Decimal,
    currency: Currency,
    expected_breakage_rate: Decimal | None = None,
) -> Valuation:
    """Value units of a fund: `round(FP x units / FQ)`, all of FP once none is left.

    Where a part of the units is expected to stay unused, the others earn all of FP:
    `round(FP x min(1, units / (FQ - B)))` (`domain.breakage`).
    """
    price = Fraction(funding_price_minor, currency.factor)
    enough = expected_use(funded, expected_breakage_rate)
    per_unit = price / Fraction(enough) if enough else Fraction(0)

    def value(units: Decimal) -> int:
        if units >= enough:
            return funding_price_minor
        return round_to_minor(per_unit * Fraction(units), currency)

    return value


def _sum(quantities: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for quantity in quantities:
        total = EXACT.add(total, quantity)
    return total
