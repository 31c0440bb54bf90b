"""Change or delete an accounting period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from earned.domain.accounting import AccountingPeriod
from earned.domain.errors import RuleBroken
from earned.domain.journal import EntryStatus
from earned.domain.period_rules import check_deletable, moved
from earned.domain.periods import defined
from earned.domain.tenancy import CustomFields
from earned.services.balance_period import forget_trial_balances
from earned.services.create_period import period_bounds, refuse_taken_period
from earned.services.fill_period import fill_period
from earned.services.find import row_by_id
from earned.services.leave_trace import leave_change, leave_trace
from earned.services.ports import Books

_ACTIVE = frozenset(EntryStatus) - {EntryStatus.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePeriod:
    """Which period, and what becomes of its fields."""

    id: str
    changes: Mapping[str, Any]
    custom_fields: CustomFields = field(default_factory=dict)


def change_period(books: Books, command: ChangePeriod) -> AccountingPeriod:
    """Change a period: its name, notes and fiscal year always, its dates within limits (R 5).

    A new end moves the start of the next period. When dates move, neither period may hold revenue
    or have a journal entry, and their trial balances are forgotten. Raises `NotFound`, `Duplicate`,
    `Invalid` or `RuleBroken`.
    """
    period = row_by_id(books.periods, command.id)
    if period.is_open_ended:
        raise RuleBroken("The open-ended accounting period cannot be changed.")
    new = replace(period, **command.changes)
    if new.name != period.name:
        refuse_taken_period(books, new.name)
    moves: Sequence[AccountingPeriod] = ()
    if (new.start_date, new.end_date) != (period.start_date, period.end_date):
        moves = _moves(books, period, new)
    for mover in moves:
        _store_dates(books, mover)
    _fill_latest(books, moves)
    kept = {name: value for name, value in command.changes.items() if not name.endswith("_date")}
    custom = {**period.custom_fields, **command.custom_fields}
    mover = moves[0] if moves else period
    changed = books.periods.change(mover, **kept, custom_fields=custom)
    return leave_change(books, "AccountingPeriod", mover, changed)


def delete_period(books: Books, period_id: str) -> AccountingPeriod:
    """Delete the most recent period, while it is open, never held revenue and has no entry (R 5).

    Open-Ended starts earlier again; the period stays in the audit log. Raises `NotFound` or
    `RuleBroken`.
    """
    period = row_by_id(books.periods, period_id)
    check_deletable(books.periods.list(), period)
    _refuse_in_use(books, period)
    forget_trial_balances(books, period, frozen=True)
    books.periods.remove(period)
    leave_trace(books, "deleted", "AccountingPeriod", period.id, _facts(period))
    return period


def _moves(
    books: Books, period: AccountingPeriod, new: AccountingPeriod
) -> Sequence[AccountingPeriod]:
    assert new.start_date is not None
    assert new.end_date is not None
    bounds = period_bounds(books)
    moves = moved(books.periods.list(), period, new.start_date, new.end_date, bounds)
    for mover in moves:
        _refuse_in_use(books, mover)
    return moves


def _store_dates(books: Books, period: AccountingPeriod) -> None:
    books.periods.change(
        period,
        start_date=period.start_date,
        end_date=period.end_date,
        trial_balance_start=None,
        trial_balance_end=None,
    )
    forget_trial_balances(books, period, frozen=True)
    leave_trace(books, "moved", "AccountingPeriod", period.id, _facts(period))


def _fill_latest(books: Books, moves: Sequence[AccountingPeriod]) -> None:
    """Give the latest period, if it has other days now, the revenue that waits for them."""
    latest = defined(books.periods.list())[-1]
    if latest.id in {mover.id for mover in moves}:
        fill_period(books, latest)


def _refuse_in_use(books: Books, period: AccountingPeriod) -> None:
    """A period that was ever distributed into keeps its days: its amounts were put there by day.

    So does one that journal entries, other than cancelled ones, are in.
    """
    everyone = books.entire
    if everyone.items.count(period_id=period.id):
        raise RuleBroken(f"Revenue has been distributed into accounting period '{period.name}'.")
    if everyone.entries.count(period_id=period.id, status=_ACTIVE, deleted=False):
        raise RuleBroken(f"Accounting period '{period.name}' has active journal entries.")


def _facts(period: AccountingPeriod) -> Mapping[str, object]:
    return {"name": period.name, "startDate": period.start_date, "endDate": period.end_date}
