"""Usage that funds in currency pay for: rated first, then paid as far as the funds have (U 2.8).

What a record costs is what it adds to the rated total of its service period to date. So the amounts
of all records add up to the total, rounded once, whenever one looks: where Zuora adjusts the last
draw when the billing period ends, the draw that makes the difference has it at once.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from earned.domain.accrual import Accrual, DayKey, DayRow, Valuation
from earned.domain.exact import EXACT, ZERO, canonical, divide_down, multiply
from earned.domain.money import Currency, major
from earned.domain.usage import GuidedUsage


class RatedAccrual(Accrual):
    """The rows of one service period: all usage of a day, and the amount no fund has paid of it.

    Unlike other rows, amounts are not computed from the days: they are what is left of records, in
    the order they came.
    """

    def __init__(self, value: Valuation, rows: Iterable[tuple[DayKey, DayRow]] = ()) -> None:
        """Start from stored `rows`; `value` rates a quantity, in minor units."""
        super().__init__(value, rows)
        self._touched: set[DayKey] = set()

    @property
    def rated_minor(self) -> int:
        """What all usage of the period costs, whoever pays."""
        return self.value(self.quantity)

    @property
    def amount_minor(self) -> int:
        """What no fund has paid."""
        return sum(row.amount_minor for row in self.rows.values())

    def open_minor(self, key: DayKey) -> int:
        """Return what no fund has paid of a day; negative is what waits for more usage."""
        row = self.rows.get(key)
        return row.amount_minor if row else 0

    def move(self, key: DayKey, quantity: Decimal, at: datetime, record: str = "") -> None:
        """Add usage to a day; what it costs is said by `owe` and by draws."""
        super().move(key, quantity, at, record)
        self._touched.add(key)

    def owe(self, key: DayKey, minor: int, at: datetime) -> None:
        """Add what no fund pays (negative takes it back) to a day."""
        if minor:
            self.move(key, ZERO, at)
            self.rows[key].amount_minor += minor

    def settle(self, at: datetime) -> list[tuple[DayKey, DayRow]]:
        """Return the rows that were touched, stamped."""
        touched = sorted(self._touched)
        self._touched.clear()
        self._first_moved = None
        for key in touched:
            self.rows[key].updated_at = at
        return [(key, self.rows[key]) for key in touched]


def amount_of(minor: int, currency: Currency) -> Decimal:
    """Return minor units as units of a currency fund."""
    return canonical(major(minor, currency))


def minor_of(amount: Decimal, currency: Currency) -> int:
    """Return an amount of a currency fund in minor units; it has no digits beyond them."""
    moved = EXACT.scaleb(amount, currency.scale)
    whole = int(moved)
    assert whole == moved, "funds in currency hold whole minor units"
    return whole


def unpaid_minor(guided: GuidedUsage) -> int:
    """Return about what funds have not paid of a usage: the share that is left of its amount."""
    if not guided.quantity:
        return 0
    share = Fraction(guided.remaining_quantity) / Fraction(guided.quantity)
    return int(Fraction(guided.amount_minor or 0) * share)


def uncovered(quantity: Decimal, amount_minor: int, drawn_minor: int) -> Decimal:
    """Return the part of a usage that funds have not paid, as they have paid its amount.

    Usage that costs nothing leaves nothing to pay.
    """
    rest = amount_minor - drawn_minor
    if not amount_minor or not rest:
        return ZERO
    if rest == amount_minor:
        return quantity
    return divide_down(multiply(quantity, Decimal(rest)), Decimal(amount_minor))
