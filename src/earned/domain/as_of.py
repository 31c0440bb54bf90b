"""What was known at a past moment: which periods there were, and which of them were closed.

Revenue is recognised while it lies in a closed period. Periods close one after another and reopen
in the opposite order (R 5), so one day says which are closed: the first that is in none of them.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from earned.domain.accounting import AccountingPeriod, PeriodChange, PeriodStatus
from earned.domain.calendar import DAY
from earned.domain.periods import defined, open_ended


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on, days before `open_from` lie in closed periods."""

    at: datetime
    open_from: date


def steps_of(
    changes: Iterable[PeriodChange], periods: Mapping[str, AccountingPeriod]
) -> Sequence[Step]:
    """Return how far the books were closed, from each change on; `changes` in their order.

    The last change says it all: who is closed has only closed periods before it, and who is
    reopened or pending has no closed one after it. A period that was deleted since was the last.
    """
    steps: list[Step] = []
    for change in changes:
        period = periods.get(change.period_id)
        if period is None or period.start_date is None or period.end_date is None:
            continue
        is_closed = change.status is PeriodStatus.CLOSED
        open_from = period.end_date + DAY if is_closed else period.start_date
        if not steps or steps[-1].open_from != open_from:
            steps.append(Step(change.at, open_from))
    return steps


@dataclass(frozen=True, slots=True)
class Known:
    """What was known `at` a moment (None: all that is known).

    `periods` are those that had been made, earliest first and Open-Ended last; `steps` say how far
    the books were closed, and when that changed, up to the moment.
    """

    at: datetime | None
    periods: Sequence[AccountingPeriod]
    steps: Sequence[Step]

    @classmethod
    def of(
        cls,
        at: datetime | None,
        periods: Iterable[AccountingPeriod],
        changes: Iterable[PeriodChange],
    ) -> "Known":
        """Return what was known at `at`. Periods have the names and days that they have now."""
        by_id = {period.id: period for period in periods}
        made = [p for p in defined(by_id.values()) if at is None or p.created_at <= at]
        heard = [change for change in changes if at is None or change.at <= at]
        return cls(at, (*made, open_ended(by_id.values())), steps_of(heard, by_id))

    @property
    def open_from(self) -> date | None:
        """The first day that no closed period has; None where none is closed."""
        return self.steps[-1].open_from if self.steps else None

    def is_closed(self, period: AccountingPeriod) -> bool:
        """Say whether a period was closed."""
        if period.end_date is None or self.open_from is None:
            return False
        return period.end_date < self.open_from

    def place(self, period_id: str) -> int:
        """Return the place of a period among the others."""
        return next(at for at, period in enumerate(self.periods) if period.id == period_id)

    def place_of(self, day: date) -> int:
        """Return the place of the first period that ends on `day` or later."""
        return bisect_left([period.end_date or date.max for period in self.periods], day)
