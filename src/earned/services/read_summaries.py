"""Read charge revenue summaries: all schedules of a charge taken together (R 2.6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from earned.domain.errors import NotFound
from earned.domain.money import Currency
from earned.domain.schedule_state import Totals, in_order, totals_of
from earned.domain.subscription import RatePlanCharge
from earned.services.find import charge_by_key
from earned.services.ports import Books, NumberKind
from earned.services.read_schedules import PeriodBook, period_book

NUMBER_PREFIX = "CRS-"


@dataclass(frozen=True, slots=True)
class SummaryItem:
    """What the schedules of a charge hold together in one period."""

    period_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class SummaryView:
    """The summary of a charge: it is computed whenever it is read, and never stored."""

    charge: RatePlanCharge
    items: Sequence[SummaryItem]
    totals: Totals
    periods: PeriodBook

    @property
    def number(self) -> str:
        """The number of the charge, `C-00000001`, as that of its summary: `CRS-00000001`."""
        return NUMBER_PREFIX + self.charge.number.removeprefix(NumberKind.CHARGE)

    @property
    def amount_minor(self) -> int:
        """The sum of the schedules' amounts."""
        return sum(item.amount_minor for item in self.items)

    @property
    def currency(self) -> Currency:
        """The currency of every amount in it."""
        return Currency.of(self.charge.currency)


def read_summary(books: Books, number: str) -> SummaryView:
    """Return the summary of that number, in any case of letters. Raises `NotFound`."""
    upper = number.upper()
    if not upper.startswith(NUMBER_PREFIX):
        raise NotFound.by_key(number)
    charge_number = NumberKind.CHARGE + upper.removeprefix(NUMBER_PREFIX)
    if books.charges.find(number=charge_number, is_latest=True) is None:
        raise NotFound.by_key(number)
    return _view(books, charge_by_key(books, charge_number), number)


def summary_of_charge(books: Books, charge_key: str) -> SummaryView:
    """Return the summary of a charge. Raises `NotFound`, also for a charge without schedules."""
    return _view(books, charge_by_key(books, charge_key), charge_key)


def _view(books: Books, charge: RatePlanCharge, key: str) -> SummaryView:
    amounts = books.amounts_of_charge(charge.original_id)
    if not amounts:
        raise NotFound.by_key(key)
    periods = period_book(books)
    items = [SummaryItem(period_id, minor) for period_id, minor in amounts.items()]
    return SummaryView(
        charge=charge,
        items=in_order(items, periods.by_id),
        totals=totals_of(items, periods.by_id),
        periods=periods,
    )
