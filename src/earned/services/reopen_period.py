"""Reopen an accounting period."""

from earned.domain.accounting import AccountingPeriod, PeriodStatus
from earned.domain.period_rules import check_reopenable
from earned.domain.permissions import Permission, require
from earned.services.close_period import note_status
from earned.services.find import row_by_id
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books


def reopen_period(books: Books, period_id: str) -> AccountingPeriod:
    """Reopen the latest period that is closed or pending close (R 5).

    What it holds is unrecognised again, because it lies in an open period. Raises `Denied`,
    `NotFound` or `RuleBroken`.
    """
    require(Permission.MANAGE_CLOSE_PROCESS, books.scope.permissions)
    period = row_by_id(books.periods, period_id)
    check_reopenable(books.periods.list(), period)
    leave_trace(books, "reopened", "AccountingPeriod", period.id, {"was": period.status})
    note_status(books, period.id, PeriodStatus.OPEN)
    return books.periods.change(period, status=PeriodStatus.OPEN)
