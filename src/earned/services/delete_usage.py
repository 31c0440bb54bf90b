"""Delete a usage record: its units go back, and the record is kept, marked as deleted (U 3.7)."""

from dataclasses import dataclass

from earned.domain.usage import UsageRecord
from earned.services.change_usage import as_sent, held_usage
from earned.services.draw_down import Drawdown
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books
from earned.services.reach import balances_drawn
from earned.services.refuse_billed import refuse_deleting_billed
from earned.services.resolve_usage import refuse_closed
from earned.services.usage_change import guides_of, take_back


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteUsage:
    """Which record to delete."""

    id: str


def delete_usage(books: Books, command: DeleteUsage) -> UsageRecord:
    """Delete a record that has not been billed; a UniqueKey it has may bring it back.

    Raises `NotFound`, `PeriodClosed` where the entity keeps usage out of closed periods, and
    `RuleBroken` for one that was billed.
    """
    known = held_usage(books, command.id)
    refuse_closed(books, known.usage_date)
    refuse_deleting_billed(books, known)
    drawdown = Drawdown(books, guides_of(books, [known]), balances_drawn(books, [known]))
    take_back(books, drawdown, known)
    drawdown.flush()
    leave_trace(books, "delete", "usage_record", known.id, as_sent(known))
    return books.usage.change(known, deleted=True)
