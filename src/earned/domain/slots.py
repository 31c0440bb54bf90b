"""Time as accounting periods divide it: what formulas put amounts into (R 3.2).

All days are in exactly one *slot*, earliest first: those before the first period, the periods, and
Open-Ended, the last. The days before the first period belong to none and never will, so they count
as closed: what falls there goes to the next open period, as when revenue events are collected.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from earned.domain.accounting import AccountingPeriod
from earned.domain.calendar import DAY, Days
from earned.domain.periods import defined, open_ended


@dataclass(frozen=True, slots=True)
class Slot:
    """Days that lie in one accounting period. Only the days before the first have none."""

    period_id: str | None
    days: Days
    is_closed: bool = False

    @property
    def start(self) -> date:
        """The first of its days."""
        return self.days.start


def slots_of(periods: Sequence[AccountingPeriod]) -> Sequence[Slot]:
    """Divide all days by the accounting periods of an entity, given in any order."""
    slots = [_slot(period) for period in defined(periods)]
    start = slots[0].start if slots else date.min
    rest = slots[-1].days.end if slots else date.min
    before = Slot(None, Days(date.min, start), is_closed=True)
    return [before, *slots, Slot(open_ended(periods).id, Days(rest, date.max))]


def slots_around(period: AccountingPeriod, rest_id: str) -> Sequence[Slot]:
    """Divide all days into those before a period, its own, and those after it, in Open-Ended."""
    slot = _slot(period)
    before = Slot(None, Days(date.min, slot.start), is_closed=True)
    return [before, slot, Slot(rest_id, Days(slot.days.end, date.max))]


def slot_at(slots: Sequence[Slot], day: date) -> int:
    """Return the place of the slot that `day` is in."""
    return max(bisect_right(slots, day, key=attrgetter("start")) - 1, 0)


def days_within(term: Days, days: Days) -> int:
    """Count the days of `term` that are among `days`."""
    start, end = max(term.start, days.start), min(term.end, days.end)
    return (end - start).days if start < end else 0


def _slot(period: AccountingPeriod) -> Slot:
    assert period.start_date is not None
    assert period.end_date is not None
    days = Days(period.start_date, period.end_date + DAY)
    return Slot(period.id, days, period.is_closed)
