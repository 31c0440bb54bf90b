"""See the accounting periods as the caller may work in them (R 5)."""

from collections.abc import Sequence
from datetime import date

from earned.domain.accounting import AccountingPeriod
from earned.domain.errors import PeriodClosed
from earned.domain.period_rules import as_seen_with
from earned.domain.periods import period_of
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


def refuse_closed_creation(books: Books, day: date, *, field: str, label: str) -> None:
    """Raise `PeriodClosed` if the entity keeps orders and subscriptions out of closed periods.

    `day` is what the `field` says, which people call `label`. Where they are let in, what comes of
    them is booked in the next open period (R 5).
    """
    if books.settings.allow_creation_in_closed_period:
        return
    if period_of(periods_to_work_in(books), day).is_closed:
        message = f"The {label} cannot be in a closed accounting period."
        raise PeriodClosed(message, field=field)
