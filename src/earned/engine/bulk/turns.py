"""Rows drawn in their turn, one after another: those on balances that something is given back to.

What a reversal finds to reverse, and what it leaves behind, depends on every row before it. So such
rows are not drawn at a time; but they are drawn as the services draw them (`services.draw_down`),
by the same whole numbers as all others, and nothing else of them is done one by one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from earned.domain.subscription import RatePlanCharge
from earned.engine.bulk.whole import UNIT_PLACES, scaled
from earned.services.open_series import OpenFund, charge_key

Day = tuple[int, date]
"""A charge by its number, and a day."""

Pending = Callable[[int, date], int]
"""Says how many units no fund had for a charge on a day, before all of these rows."""


class Row(NamedTuple):
    """A row and what it needs of a balance; what is negative is given back."""

    turn: int
    balance_no: int
    charge_no: int
    day: date
    units: int


@dataclass(slots=True)
class TurnFund:
    """A fund by its number, what it has left, and what each charge has drawn of it on a day."""

    number: int
    fund: OpenFund
    charges: Sequence[RatePlanCharge]
    left: int = field(init=False)
    count: int = field(init=False)
    given: dict[Day, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with what the books say."""
        self.left = scaled(self.fund.balance, UNIT_PLACES)
        self.count = self.fund.transaction_count

    def given_to(self, day: Day) -> int:
        """Return what a charge has drawn on a day."""
        if day not in self.given:
            key = charge_key(self.charges[day[0]], day[1])
            self.given[day] = scaled(self.fund.accrual.quantity_of(key), UNIT_PLACES)
        return self.given[day]


class Turns:
    """Draws rows, one after another: `drawn` and `left_open` say what became of them."""

    def __init__(
        self,
        funds: Mapping[int, Sequence[TurnFund]],
        pending: Pending,
    ) -> None:
        """Draw from the funds of each balance, in burn order."""
        self._funds, self._pending = funds, pending
        self._opened: defaultdict[Day, int] = defaultdict(int)
        self.drawn: list[tuple[int, int, int, str, int]] = []
        self.left_open: list[tuple[int, str]] = []

    def draw(self, rows: Iterable[Row]) -> None:
        """Draw rows in their order."""
        for row in rows:
            lacking = self._draw(row) if row.units > 0 else self._reverse(row)
            if lacking:
                self.left_open.append((row.turn, str(lacking)))
                self._opened[row.charge_no, row.day] += lacking

    def _draw(self, row: Row) -> int:
        """Draw units from the funds of the day; return those that none of them had."""
        needed, place = row.units, 0
        for fund in self._funds[row.balance_no]:
            if fund.left > 0 and row.day in fund.fund.fund.validity:
                units = min(fund.left, needed)
                self._move(row, fund, units, place)
                place += 1
                needed -= units
                if not needed:
                    return 0
        return needed

    def _reverse(self, row: Row) -> int:
        """Take overage back, then give back to funds, last drawn first; return it as overage.

        What found nothing to reverse waits with it.
        """
        day = (row.charge_no, row.day)
        pending = self._pending(*day) + self._opened[day]
        cancelled = min(max(pending, 0), -row.units)
        units, place = -row.units - cancelled, 0
        for fund in reversed(self._funds[row.balance_no]):
            if not units:
                break
            if row.day in fund.fund.fund.validity:
                back = min(fund.given_to(day), units)
                if back > 0:
                    self._move(row, fund, -back, place)
                    place += 1
                    units -= back
        return -(cancelled + units)

    def _move(self, row: Row, fund: TurnFund, units: int, place: int) -> None:
        day = (row.charge_no, row.day)
        fund.given[day] = fund.given_to(day) + units
        fund.left -= units
        fund.count += 1
        self.drawn.append((row.turn, fund.number, place, str(units), fund.count))
