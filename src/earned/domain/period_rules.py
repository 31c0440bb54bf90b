"""When accounting periods may be made, changed, closed, reopened and deleted (R 5).

`periods` is every accounting period row of an entity, in any order. What a rule needs of the books
beyond them (the earliest transaction, whether revenue lies in a period) is given by the caller.

A period that is *pending close* is open to those who manage the close, and closed to everybody
else (`as_seen_with`); for what the server books by itself it is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from earned.domain.accounting import AccountingPeriod, PeriodStatus
from earned.domain.calendar import DAY
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.periods import defined
from earned.domain.permissions import Permission


def as_seen_with(
    permissions: frozenset[Permission], periods: Sequence[AccountingPeriod]
) -> Sequence[AccountingPeriod]:
    """Return the periods as somebody may work in them: pending close is closed to most people."""
    if Permission.MANAGE_CLOSE_PROCESS in permissions:
        return periods
    return [
        replace(period, status=PeriodStatus.CLOSED)
        if period.status is PeriodStatus.PENDING_CLOSE
        else period
        for period in periods
    ]


def start_of_open_ended(periods: Sequence[AccountingPeriod]) -> date | None:
    """Return the day after the last defined period, None where there is none."""
    last = defined(periods)[-1:]
    return last[0].end_date + DAY if last and last[0].end_date else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodBounds:
    """What limits the dates of periods: the `earliest` transaction, and the models of recognition.

    With the model Monthly recognition over time, periods consist of whole months.
    """

    earliest: date | None = None
    whole_months: bool = False


def check_new_period(
    periods: Sequence[AccountingPeriod], start: date, end: date, bounds: PeriodBounds
) -> None:
    """Refuse dates that leave a gap or overlap.

    The first period starts no later than the earliest transaction, every other the day after the
    last one ends. Any length is allowed, or any number of months. Raises `Invalid` or `RuleBroken`.
    """
    _check_order(start, end)
    _check_months(start, end, bounds)
    expected = start_of_open_ended(periods)
    if expected is None:
        _check_first_start(start, bounds.earliest)
    elif start != expected:
        raise RuleBroken(
            f"Accounting periods must be contiguous: the start date must be {expected}.",
            field="startDate",
        )


def moved(
    periods: Sequence[AccountingPeriod],
    period: AccountingPeriod,
    start: date,
    end: date,
    bounds: PeriodBounds,
) -> Sequence[AccountingPeriod]:
    """Return the periods that change when `period` gets these dates: it, and the next one's start.

    Only an open period may move, and only the earliest may start elsewhere. A trial balance that
    was run over other days is forgotten. Raises `Invalid` or `RuleBroken`.
    """
    _check_order(start, end)
    _check_months(start, end, bounds)
    if period.status is not PeriodStatus.OPEN:
        raise RuleBroken("The dates of an accounting period can be changed only while it is open.")
    if start != period.start_date:
        if defined(periods)[0].id != period.id:
            raise RuleBroken(
                "Only the earliest accounting period can start on another day.", field="startDate"
            )
        _check_first_start(start, bounds.earliest)
    changed = [_with_dates(period, start, end)]
    after = next_defined(periods, period)
    if after is not None and end != period.end_date:
        assert after.end_date is not None, "a defined period has both dates"
        if end >= after.end_date:
            raise RuleBroken(
                f"The end date must be before {after.end_date}, the last day of the next"
                " accounting period.",
                field="endDate",
            )
        changed.append(_with_dates(after, end + DAY, after.end_date))
    return changed


def check_pending(periods: Sequence[AccountingPeriod], period: AccountingPeriod) -> None:
    """Refuse to set a period to pending close out of turn. Raises `RuleBroken`."""
    _check_defined(period, "set to pending close")
    if period.status is not PeriodStatus.OPEN:
        raise RuleBroken("The accounting period is closed or pending close already.")
    _check_idle(period)
    _check_turn(periods, period)


def check_closable(periods: Sequence[AccountingPeriod], period: AccountingPeriod) -> None:
    """Refuse to close a period out of turn. Raises `RuleBroken`."""
    _check_defined(period, "closed")
    if period.is_closed:
        raise RuleBroken("The accounting period is closed already.")
    _check_idle(period)
    _check_turn(periods, period)


def check_reopenable(periods: Sequence[AccountingPeriod], period: AccountingPeriod) -> None:
    """Refuse to reopen any but the latest period that is not open. Raises `RuleBroken`."""
    if period.is_open_ended or period.status is PeriodStatus.OPEN:
        raise RuleBroken("The accounting period is not closed or pending close.")
    after = next_defined(periods, period)
    if after is not None and after.status is not PeriodStatus.OPEN:
        raise RuleBroken(
            "Only the accounting period immediately before an open one can be reopened."
        )


def check_trial_balance(period: AccountingPeriod) -> None:
    """Refuse a trial balance of a closed period or of Open-Ended. Raises `RuleBroken`."""
    _check_defined(period, "balanced")
    if period.is_closed:
        raise RuleBroken("The accounting period must be open to run a trial balance.")
    _check_idle(period)


def check_deletable(periods: Sequence[AccountingPeriod], period: AccountingPeriod) -> None:
    """Refuse to delete any but the most recent period, while it is open. Raises `RuleBroken`."""
    _check_defined(period, "deleted")
    if next_defined(periods, period) is not None:
        raise RuleBroken("Only the most recent accounting period can be deleted.")
    if period.status is not PeriodStatus.OPEN:
        raise RuleBroken("Only an open accounting period can be deleted.")
    _check_idle(period)


def next_defined(
    periods: Sequence[AccountingPeriod], period: AccountingPeriod
) -> AccountingPeriod | None:
    """Return the defined period after this one, if there is one."""
    start = period.end_date and period.end_date + DAY
    return next((p for p in periods if start is not None and p.start_date == start), None)


def _with_dates(period: AccountingPeriod, start: date, end: date) -> AccountingPeriod:
    return replace(
        period, start_date=start, end_date=end, trial_balance_start=None, trial_balance_end=None
    )


def _check_order(start: date, end: date) -> None:
    if end < start:
        raise Invalid("'endDate' value should not be before startDate", field="endDate")
    if end == date.max:  # Open-Ended starts the day after the last period.
        raise Invalid(f"'endDate' value should be before {date.max}", field="endDate")


def _check_months(start: date, end: date, bounds: PeriodBounds) -> None:
    """Whole months, as many as one likes (R 5)."""
    if not bounds.whole_months:
        return
    model = "with the model Monthly recognition over time"
    if start.day != 1:
        raise RuleBroken(
            f"The start date must be the first day of a month {model}.", field="startDate"
        )
    if (end + DAY).day != 1:
        raise RuleBroken(f"The end date must be the last day of a month {model}.", field="endDate")


def _check_first_start(start: date, earliest: date | None) -> None:
    if earliest is not None and start > earliest:
        raise RuleBroken(
            f"The first accounting period must start by {earliest}, the earliest transaction.",
            field="startDate",
        )


def _check_defined(period: AccountingPeriod, action: str) -> None:
    if period.is_open_ended:
        raise RuleBroken(f"The open-ended accounting period cannot be {action}.")


def _check_idle(period: AccountingPeriod) -> None:
    """One trial balance at a time."""
    if period.is_balancing:
        raise RuleBroken("A trial balance of the accounting period is running.")


def _check_turn(periods: Sequence[AccountingPeriod], period: AccountingPeriod) -> None:
    """All earlier periods are closed before this one is."""
    for earlier in defined(periods):
        if earlier.id == period.id:
            return
        if not earlier.is_closed:
            raise RuleBroken(
                f"All earlier accounting periods must be closed first; '{earlier.name}' is not."
            )
