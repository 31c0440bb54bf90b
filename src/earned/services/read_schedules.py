"""Read revenue schedules and their distributions, with the periods their items are in."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from earned.domain.accounting import AccountingPeriod
from earned.domain.calendar import DAY
from earned.domain.errors import NotFound
from earned.domain.money import Currency
from earned.domain.periods import defined
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem, RevenueSchedule
from earned.domain.schedule_state import Totals, in_order, totals_of
from earned.services.find import account_by_key, charge_by_key, product_charge_by_key
from earned.services.ports import Books


@dataclass(frozen=True, slots=True)
class PeriodBook:
    """The accounting periods by id, and the first day that none of them has."""

    by_id: Mapping[str, AccountingPeriod]
    open_ended_from: date | None

    def start(self, period: AccountingPeriod) -> date | None:
        """Return the first day of a period; Open-Ended starts after the last defined one."""
        return self.open_ended_from if period.is_open_ended else period.start_date


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule, what it holds in the order of the periods, and its totals."""

    schedule: RevenueSchedule
    items: Sequence[RevenueItem]
    totals: Totals
    periods: PeriodBook

    @property
    def currency(self) -> Currency:
        """The currency of every amount in it."""
        return Currency.of(self.schedule.currency)


@dataclass(frozen=True, slots=True)
class DistributionView:
    """A distribution and what it added to each period, with the schedule it changed."""

    schedule: RevenueSchedule
    distribution: Distribution
    items: Sequence[DistributionItem]
    periods: PeriodBook

    @property
    def currency(self) -> Currency:
        """The currency of every amount in it."""
        return Currency.of(self.schedule.currency)


def schedule_by_number(books: Books, number: str) -> RevenueSchedule:
    """Return the schedule of that number, in any case of letters. Raises `NotFound`."""
    found = books.schedules.find(number=number.upper(), deleted=False)
    if found is None:
        raise NotFound.by_key(number)
    return found


def read_schedule(books: Books, number: str) -> ScheduleView:
    """Return one schedule with its items. Raises `NotFound`."""
    return _view(books, [schedule_by_number(books, number)])[0]


def schedules_of_charge(
    books: Books, charge_key: str, limit: int, offset: int
) -> Sequence[ScheduleView]:
    """Return schedules of a charge, the last changed first. Raises `NotFound`."""
    charge = charge_by_key(books, charge_key)
    found = books.schedules.list(
        charge_id=charge.original_id,
        deleted=False,
        order_by=["-updated_at", "-number"],
        limit=limit,
        offset=offset,
    )
    return _view(books, found)


def schedules_of_product_charge(
    books: Books, charge_key: str, account_key: str, limit: int, offset: int
) -> Sequence[ScheduleView]:
    """Return schedules that an account has of a product charge, the last changed first.

    Raises `NotFound`.
    """
    charge = product_charge_by_key(books, charge_key)
    account = account_by_key(books, account_key)
    found = books.schedules.list(
        product_charge_id=charge.id,
        account_id=account.id,
        deleted=False,
        order_by=["-updated_at", "-number"],
        limit=limit,
        offset=offset,
    )
    return _view(books, found)


def read_distribution(books: Books, number: str) -> DistributionView:
    """Return one distribution with its items. Raises `NotFound`."""
    found = books.distributions.find(number=number.upper())
    schedule = found and books.schedules.find(id=found.schedule_id, deleted=False)
    if not found or not schedule:
        raise NotFound.by_key(number)
    return _distribution_views(books, schedule, [found])[0]


def distributions_of_schedule(
    books: Books, number: str, limit: int, offset: int
) -> Sequence[DistributionView]:
    """Return distributions of a schedule, the newest first. Raises `NotFound`."""
    schedule = schedule_by_number(books, number)
    found = books.distributions.list(
        schedule_id=schedule.id,
        order_by=["-updated_at", "-number"],
        limit=limit,
        offset=offset,
    )
    return _distribution_views(books, schedule, found)


def _view(books: Books, schedules: Sequence[RevenueSchedule]) -> Sequence[ScheduleView]:
    periods = period_book(books)
    items: dict[str, list[RevenueItem]] = defaultdict(list)
    for item in books.items.list(schedule_id=[schedule.id for schedule in schedules]):
        items[item.schedule_id].append(item)
    return [
        ScheduleView(
            schedule=schedule,
            items=in_order(items[schedule.id], periods.by_id),
            totals=totals_of(items[schedule.id], periods.by_id),
            periods=periods,
        )
        for schedule in schedules
    ]


def _distribution_views(
    books: Books, schedule: RevenueSchedule, distributions: Sequence[Distribution]
) -> Sequence[DistributionView]:
    periods = period_book(books)
    items: dict[str, list[DistributionItem]] = defaultdict(list)
    for item in books.distribution_items.list(distribution_id=[one.id for one in distributions]):
        items[item.distribution_id].append(item)
    return [
        DistributionView(schedule, one, in_order(items[one.id], periods.by_id), periods)
        for one in distributions
    ]


def period_book(books: Books) -> PeriodBook:
    """Return the periods as schedules are shown with them."""
    periods = books.periods.list()
    last = next((p.end_date for p in reversed(defined(periods))), None)
    return PeriodBook({period.id: period for period in periods}, last + DAY if last else None)
