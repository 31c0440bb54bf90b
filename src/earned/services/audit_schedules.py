"""Audit revenue schedules: their items, what moved them, and the periods that it moved to."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from earned.domain.accounting import PeriodChange
from earned.domain.audit import Break
from earned.domain.audit_collected import check_collected, check_gave, check_given
from earned.domain.audit_schedules import (
    Change,
    Closures,
    check_closed,
    check_numbers,
    check_schedule,
    check_status,
    closures_of,
)
from earned.domain.periods import open_ended
from earned.domain.schedule import RevenueSchedule
from earned.services.batches import batches
from earned.services.ports import Books, NumberKind


def audit_schedules(books: Books, counted: Counter[str]) -> Iterator[Break]:
    """Yield every break of what must be true of schedules, whoever made them, and of periods."""
    periods = books.periods.list()
    history = _history(books)
    for period in periods:
        yield from check_status(period, history[period.id])
    closures = {period.id: closures_of(period, history[period.id]) for period in periods}
    open_ended_id = open_ended(periods).id
    for schedule in books.schedules.stream(order_by=["id"]):
        counted["revenue schedules"] += 1
        changes = list(_changes(books, schedule))
        yield from _audit_schedule(books, schedule, changes, closures)
        yield from _audit_collected(books, schedule, changes, open_ended_id)
    for kind, found in (
        (NumberKind.REVENUE_SCHEDULE, books.schedules.count()),
        (NumberKind.DISTRIBUTION, books.distributions.count()),
    ):
        yield from check_numbers(kind.name, books.last_number(kind), found)


def _audit_schedule(
    books: Books, schedule: RevenueSchedule, changes: Sequence[Change], closures: Closures
) -> Iterator[Break]:
    yield from check_schedule(schedule, books.items.list(schedule_id=schedule.id), changes)
    yield from check_closed(changes, closures)


def _audit_collected(
    books: Books, schedule: RevenueSchedule, changes: Sequence[Change], open_ended_id: str
) -> Iterator[Break]:
    """Check what was collected into a schedule that is kept by collecting."""
    if schedule.fund_id is None and schedule.rating_result_id is None:
        return
    given = books.collected.list(schedule_id=schedule.id)
    yield from check_given(changes, given, open_ended_id)
    if schedule.fund_id is not None:
        events = books.events.list(fund_id=schedule.fund_id)
        yield from check_collected(schedule, events, changes, open_ended_id)
        yield from check_gave(events, given)


def _history(books: Books) -> defaultdict[str, list[PeriodChange]]:
    """Return the changes of status of each period, in their order."""
    found: defaultdict[str, list[PeriodChange]] = defaultdict(list)
    for change in books.period_changes.list(order_by=["at", "id"]):
        found[change.period_id].append(change)
    return found


def _changes(books: Books, schedule: RevenueSchedule) -> Iterator[Change]:
    """Return the distributions of a schedule with their items, in order."""
    for made in batches(books.distributions.list(schedule_id=schedule.id, order_by=["number"])):
        ids = [distribution.id for distribution in made]
        items = defaultdict(list)
        for item in books.distribution_items.list(distribution_id=ids):
            items[item.distribution_id].append(item)
        yield from (Change(distribution, items[distribution.id]) for distribution in made)
