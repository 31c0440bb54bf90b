"""The ledger as an audit counts it: nothing but what is stored, added up in one pass."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from earned.domain.exact import ZERO, add, subtract
from earned.domain.prepaid import CONSUMING, ENDING, BalanceTransaction, TransactionType


class DayOf(NamedTuple):
    """What a daily row is of, in the order in which rows accumulate (U 4.3).

    `ending` says how units left that no charge used, and is blank for all others.
    """

    day: date
    ending: str
    charge_number: str
    charge_segment: int
    charge_id: str

    def __str__(self) -> str:
        """Name the row for people."""
        if self.ending:
            return f"{self.day} {self.ending}"
        return f"{self.day} {self.charge_number} segment {self.charge_segment}"


@dataclass(slots=True)
class Tally:
    """The ledger of one fund, counted in one pass."""

    count: int = 0
    total: Decimal = ZERO
    first_gap: str = ""
    by_type: dict[TransactionType, Decimal] = field(default_factory=dict)
    days: dict[DayOf, Decimal] = field(default_factory=dict)
    rolled: dict[date, Decimal] = field(default_factory=dict)

    def moved(self, types: Iterable[TransactionType]) -> Decimal:
        """Return what transactions of these types took out of the fund."""
        return subtract(ZERO, total(self.by_type.get(kind, ZERO) for kind in types))

    def count_in(self, row: BalanceTransaction) -> None:
        """Count the next transaction, in the order of their numbers."""
        self.count += 1
        if row.sequence != self.count and not self.first_gap:
            self.first_gap = f"{row.sequence} in place {self.count}"
        self.total = add(self.total, row.amount)
        kind = row.transaction_type
        self.by_type[kind] = add(self.by_type.get(kind, ZERO), row.amount)
        if kind in CONSUMING or kind in ENDING:
            key = _day_of_transaction(row)
            self.days[key] = subtract(self.days.get(key, ZERO), row.amount)
        if kind is TransactionType.ROLLED_OVER:
            day = row.transaction_date
            self.rolled[day] = subtract(self.rolled.get(day, ZERO), row.amount)


@dataclass(slots=True)
class Steps:
    """The balances before and after each transaction of one prepaid balance.

    Whatever order they are read in: each balance that a transaction leaves is the one that another
    starts from, but for the last; each it starts from is left by another, but for the first, zero.
    """

    total: Decimal = ZERO
    open: dict[Decimal, int] = field(default_factory=dict)
    by: dict[Decimal, str] = field(default_factory=dict)

    def count_in(self, row: BalanceTransaction) -> None:
        """Count a transaction's step."""
        self.total = add(self.total, row.amount)
        self._count(subtract(row.balance, row.amount), 1, row.id)
        self._count(row.balance, -1, row.id)

    def _count(self, balance: Decimal, step: int, by: str) -> None:
        count = self.open.pop(balance, 0) + step
        self.by.pop(balance, None)
        if count:
            self.open[balance], self.by[balance] = count, by


def total(quantities: Iterable[Decimal]) -> Decimal:
    """Return the exact sum."""
    result = ZERO
    for quantity in quantities:
        result = add(result, quantity)
    return result


def _day_of_transaction(row: BalanceTransaction) -> DayOf:
    ending = ENDING.get(row.transaction_type)
    return DayOf(
        row.transaction_date,
        ending or "",
        row.drawdown_charge_number or "",
        row.drawdown_charge_segment or 0,
        row.drawdown_charge_id or "",
    )
