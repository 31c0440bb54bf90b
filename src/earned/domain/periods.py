"""Which accounting period a day belongs to, and in which one a booking on that day may land (R 5).

`periods` is every accounting period row of an entity, in any order: the defined ones, contiguous,
and the one that is Open-Ended.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from operator import attrgetter

from earned.domain.accounting import AccountingPeriod

_by_start = attrgetter("start_date")


def defined(periods: Iterable[AccountingPeriod]) -> Sequence[AccountingPeriod]:
    """Return the periods that have dates, earliest first."""
    return sorted((p for p in periods if not p.is_open_ended), key=_by_start)


def open_ended(periods: Iterable[AccountingPeriod]) -> AccountingPeriod:
    """Return the virtual period after the last defined one; every entity has it."""
    return next(period for period in periods if period.is_open_ended)


def period_of(periods: Sequence[AccountingPeriod], day: date) -> AccountingPeriod:
    """Return the defined period that covers `day`, else Open-Ended.

    A day before the first defined period is Open-Ended too: nothing else can hold it.
    """
    return next((p for p in periods if p.covers(day)), None) or open_ended(periods)


def next_open(periods: Sequence[AccountingPeriod], day: date) -> AccountingPeriod:
    """Return the period of `day`, or if that is closed, the first one after it that is not.

    Closed periods never change, so what comes late goes to the next open one. `PendingClose` is
    still open for the server's own bookings; Open-Ended always is.
    """
    home = period_of(periods, day)
    if not home.is_closed:
        return home
    later = (p for p in defined(periods) if _starts_after(p, day) and not p.is_closed)
    return next(later, None) or open_ended(periods)


def next_defined_open(periods: Iterable[AccountingPeriod], day: date) -> AccountingPeriod | None:
    """Return the first defined period that is not closed and does not end before `day`.

    It is the period of `day`, if that is open. There is none where all that come are closed.
    """
    ends = (p for p in defined(periods) if p.end_date and p.end_date >= day)
    return next((p for p in ends if not p.is_closed), None)


def _starts_after(period: AccountingPeriod, day: date) -> bool:
    return period.start_date is not None and period.start_date > day
