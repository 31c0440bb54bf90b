"""Collecting: revenue events of prepaid funds become amounts in accounting periods (design 2).

What the events of a fund say and what has been collected of it differ by what is *due*. Collecting
moves it from the Open-Ended item of the fund's schedule into the period of the event's day, or if
that is closed into the next open one: a closed period never changes (R9).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter

from earned.domain.accounting import AccountingPeriod
from earned.domain.periods import defined, open_ended

Amounts = Mapping[str, int]
"""Minor units by period id."""


@dataclass(frozen=True, slots=True)
class Due:
    """What the events of one day add to one fund's schedule, beyond what was collected."""

    schedule_id: str
    day: date
    amount_minor: int


def collectable_through(periods: Sequence[AccountingPeriod]) -> date | None:
    """Return the last day whose revenue has a period to go to; None where no period is open.

    Later days wait for their period to be defined. Earlier ones never do: from a day before the
    first period, as from a closed one, revenue goes to the next that is open.
    """
    return max((end for end, _ in _open_ends(periods)), default=None)


def movements(due: Iterable[Due], periods: Sequence[AccountingPeriod]) -> Mapping[str, Amounts]:
    """Return what collecting `due` adds to each period of each schedule; zeros are left out.

    The amounts of a schedule add up to zero: what a period gains, Open-Ended loses. Every day of
    `due` is collectable.
    """
    rest = open_ended(periods).id
    ends = _open_ends(periods)
    moved: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in due:
        _, home = ends[bisect_left(ends, one.day, key=itemgetter(0))]
        moved[one.schedule_id][home] += one.amount_minor
        moved[one.schedule_id][rest] -= one.amount_minor
    return {
        schedule_id: kept
        for schedule_id, amounts in moved.items()
        if (kept := {period_id: minor for period_id, minor in amounts.items() if minor})
    }


def _open_ends(periods: Iterable[AccountingPeriod]) -> Sequence[tuple[date, str]]:
    """Return last day and id of the open periods, earliest first: a day goes to the first left."""
    return [(p.end_date, p.id) for p in defined(periods) if p.end_date and not p.is_closed]
