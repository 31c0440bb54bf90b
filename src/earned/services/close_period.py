"""Close an accounting period, or what comes before: a trial balance, pending close.

A trial balance is complete as soon as it is asked for. The one of a close is frozen.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from earned.domain.accounting import AccountingPeriod, PeriodChange, PeriodStatus
from earned.domain.action_items import check_action_items
from earned.domain.period_rules import check_closable, check_pending, check_trial_balance
from earned.domain.permissions import Permission, require
from earned.services.balance_period import balance_period
from earned.services.collect_revenue import collect_revenue
from earned.services.expire_funds import expire_through
from earned.services.find import row_by_id
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books

_TICK = timedelta(microseconds=1)


def run_trial_balance(books: Books, period_id: str) -> AccountingPeriod:
    """Run the trial balance of a period that is not closed. Raises `NotFound`, `RuleBroken`."""
    period = row_by_id(books.periods, period_id)
    check_trial_balance(period)
    return books.periods.change(period, **_trial_balance(books, period, frozen=False))


def set_pending_close(books: Books, period_id: str) -> AccountingPeriod:
    """Set an open period to pending close, when all before it are closed (R 5).

    Runs its trial balance. Raises `Denied`, `NotFound` or `RuleBroken`.
    """
    require(Permission.MANAGE_CLOSE_PROCESS, books.scope.permissions)
    period = row_by_id(books.periods, period_id)
    check_pending(books.periods.list(), period)
    return _put(books, period, PeriodStatus.PENDING_CLOSE, "set to pending close")


def close_period(books: Books, period_id: str) -> AccountingPeriod:
    """Close a period, when all before it are closed (R 5).

    Billing documents of it that are drafts yet keep it open; usage that no charge has rated does
    not. First expires the funds that end in it, where the entity has decided so, and collects the
    revenue events there are, so that the period closes with all that happened in it; what it holds
    is recognised from then on and never changes. Raises `Denied`, `NotFound`, `RuleBroken`, or a
    refusal that names each required action item.
    """
    require(Permission.MANAGE_CLOSE_PROCESS, books.scope.permissions)
    period = row_by_id(books.periods, period_id)
    check_closable(books.periods.list(), period)
    assert period.end_date is not None, "Open-Ended is not closable"
    check_action_items(books.draft_documents(period.end_date))
    if books.settings.auto_expire_funds:
        expire_through(books, period.end_date)
    collect_revenue(books)
    return _put(books, period, PeriodStatus.CLOSED, "closed")


def _put(
    books: Books, period: AccountingPeriod, status: PeriodStatus, action: str
) -> AccountingPeriod:
    leave_trace(books, action, "AccountingPeriod", period.id, {"was": period.status})
    note_status(books, period.id, status)
    balanced = _trial_balance(books, period, frozen=status is PeriodStatus.CLOSED)
    return books.periods.change(period, status=status, **balanced)


def note_status(books: Books, period_id: str, status: PeriodStatus) -> None:
    """Note which status a period gets now, for questions about the past.

    After what it got before, even where that was noted by a server whose clock is ahead.
    """
    known = books.period_changes.list(period_id=period_id, order_by=["-at"], limit=1)
    books.period_changes.add(
        PeriodChange(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            period_id=period_id,
            status=status,
            at=max([books.now, *(change.at + _TICK for change in known)]),
            actor=books.scope.user_id,
        )
    )


def _trial_balance(
    books: Books, period: AccountingPeriod, *, frozen: bool
) -> Mapping[str, datetime]:
    balance_period(books, period, frozen=frozen)
    return {"trial_balance_start": books.now, "trial_balance_end": books.now}
