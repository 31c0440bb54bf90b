"""See the accounting periods as the caller may work in them (R 5)."""

from collections.abc import Sequence

from earned.domain.accounting import AccountingPeriod
from earned.domain.period_rules import as_seen_with
from earned.services.ports import Books


def periods_to_work_in(books: Books) -> Sequence[AccountingPeriod]:
    """Return every accounting period; pending close is closed to who does not manage the close.

    For what somebody asks to be written. What the server books by itself, as collecting does, goes
    by the periods as they are.
    """
    return as_seen_with(books.scope.permissions, books.periods.list())


def period_to_work_in(books: Books, period_id: str) -> AccountingPeriod | None:
    """Return one of them; None where the period has been deleted."""
    return next((one for one in periods_to_work_in(books) if one.id == period_id), None)
