"""Move revenue of one schedule between accounting periods: the one way it is ever moved.

Creating a schedule and collecting many at once are the only others, with the same result: one
distribution, whose items are what its schedule's items change by.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from earned.domain.accounting import AccountingPeriod
from earned.domain.errors import NotFound
from earned.domain.schedule import Distribution, RevenueItem, RevenueSchedule
from earned.domain.scheduling import DistributionType
from earned.domain.tenancy import CustomFields
from earned.services.add_distributions import NewDistribution, add_distributions
from earned.services.ports import Books


def schedule_to_change(books: Books, number: str) -> RevenueSchedule:
    """Return the schedule of that number, which nobody else changes until the transaction ends.

    Numbers are found in any case of letters. Raises `NotFound`.
    """
    found = books.schedules.find(number=number.upper(), deleted=False)
    locked = books.schedules.list(id={found.id}, lock=True) if found else ()
    if not locked or locked[0].deleted:
        raise NotFound.by_key(number)
    return locked[0]


def move_revenue(  # noqa: PLR0913 - What is moved, and what to remember of it.
    books: Books,
    schedule: RevenueSchedule,
    amounts: Mapping[str, int],
    kind: DistributionType,
    *,
    notes: str | None = None,
    custom_fields: CustomFields | None = None,
    recognition_start: date | None = None,
    recognition_end: date | None = None,
) -> Distribution | None:
    """Add `amounts` (minor units by period id) to what a schedule holds, with one distribution.

    Returns None, and stores nothing, where all of them are zero (R 2.4). The amounts add up to
    zero, because a schedule's own amount never changes (R10), and none is for a closed period (R9):
    the caller has seen to both. It holds the schedule (`schedule_to_change`) or the whole books.
    """
    moved = {period_id: minor for period_id, minor in amounts.items() if minor}
    if not moved:
        return None
    _check(moved, {period.id: period for period in books.periods.list()})
    new = NewDistribution(
        amounts_minor=moved,
        type=kind,
        notes=notes,
        recognition_start=recognition_start,
        recognition_end=recognition_end,
        custom_fields=custom_fields or {},
    )
    (distribution,) = add_distributions(books, [(schedule, new)])
    _add_to_items(books, schedule, moved)
    books.touch_schedules([schedule.id])
    return distribution


def _check(moved: Mapping[str, int], periods: Mapping[str, AccountingPeriod]) -> None:
    assert sum(moved.values()) == 0, "moving revenue does not change a schedule's amount"
    assert not any(periods[period_id].is_closed for period_id in moved), "a closed period is closed"


def _add_to_items(books: Books, schedule: RevenueSchedule, moved: Mapping[str, int]) -> None:
    """Add to the items there are, and make those of the periods it never touched before."""
    items = books.items.list(schedule_id=schedule.id, period_id=list(moved))
    held = {item.period_id: item for item in items}
    changed = []
    for period_id, minor in moved.items():
        item = held.get(period_id) or RevenueItem(
            schedule_id=schedule.id,
            period_id=period_id,
            entity_id=schedule.entity_id,
            amount_minor=0,
        )
        changed.append(replace(item, amount_minor=item.amount_minor + minor))
    books.items.save_all(changed)
