"""Delete a revenue schedule that was made by hand (R 2.5)."""

from collections.abc import Mapping

from earned.domain.errors import PeriodClosed, RuleBroken
from earned.domain.money import Currency, major
from earned.domain.periods import period_of
from earned.domain.permissions import Permission, require
from earned.domain.schedule import RevenueSchedule
from earned.services.leave_trace import leave_trace
from earned.services.move_revenue import schedule_to_change
from earned.services.ports import Books
from earned.services.see_periods import periods_to_work_in


def delete_schedule(books: Books, number: str) -> RevenueSchedule:
    """Delete a schedule on four conditions, checked in this order.

    It was made by hand for a charge with a custom unlimited rule; it has no revenue in a closed
    period; none of its events is in a summary journal entry; its date is not in a closed period.
    Neither it nor its events are found any more, but both stay in the books. Raises `Denied`,
    `NotFound` or `RuleBroken`.
    """
    require(Permission.DELETE_CUSTOM_REVENUE_SCHEDULE, books.scope.permissions)
    schedule = schedule_to_change(books, number)
    _check_made_by_hand(schedule)
    held = _held(books, schedule)
    _check_journal(books, schedule)
    if period_of(periods_to_work_in(books), schedule.schedule_date).is_closed:
        raise PeriodClosed(
            "A revenue schedule cannot be deleted when its date is in a closed accounting period."
        )
    facts = {"number": schedule.number, "amountMinor": schedule.amount_minor, "heldMinor": held}
    leave_trace(books, "deleted", "RevenueSchedule", schedule.id, facts)
    return books.schedules.change(schedule, deleted=True, deleted_at=books.now)


def _check_made_by_hand(schedule: RevenueSchedule) -> None:
    """What is linked to nothing was made by hand, and its charge had a custom unlimited rule."""
    if schedule.linked_id is not None:
        raise RuleBroken(
            "A revenue schedule that is linked to a billing transaction cannot be deleted."
        )
    if schedule.is_kept:
        raise RuleBroken(
            "A revenue schedule that collecting revenue events keeps cannot be deleted."
        )


def _held(books: Books, schedule: RevenueSchedule) -> Mapping[str, int]:
    """Return what the schedule holds, by period name. Refuses revenue in a closed period."""
    periods = {period.id: period for period in periods_to_work_in(books)}
    held = {}
    for item in books.items.list(schedule_id=schedule.id):
        period = periods[item.period_id]
        if item.amount_minor and period.is_closed:
            amount = major(item.amount_minor, Currency.of(schedule.currency))
            raise PeriodClosed(
                f"A revenue schedule with revenue in a closed accounting period cannot be deleted: "
                f"{amount} in '{period.name}'."
            )
        held[period.name] = item.amount_minor
    return held


def _check_journal(books: Books, schedule: RevenueSchedule) -> None:
    made = [one.id for one in books.distributions.list(schedule_id=schedule.id)]
    if books.posted.count(source_id=made, released_at=None):
        raise RuleBroken(
            "A revenue schedule that is included in a summary journal entry cannot be deleted."
        )
