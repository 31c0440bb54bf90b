"""Leave a trace in the audit log."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from earned.domain.chain import GENESIS
from earned.domain.traces import AuditEntry, Identified, Trace, changes_of, enter
from earned.services.batches import batches
from earned.services.ports import Books, NumberKind

Stored = TypeVar("Stored", bound=Identified)


def leave_trace(
    books: Books, action: str, object_type: str, object_id: str, detail: Mapping[str, object]
) -> None:
    """Note that the caller did `action` to an object now; `detail` says what it was or became.

    It is written with all else of the transaction, or not at all.
    """
    books.leave(
        Trace(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            at=books.now,
            actor=books.scope.user_id,
            action=action,
            object_type=object_type,
            object_id=object_id,
            detail=detail,
        )
    )


def leave_change(books: Books, object_type: str, was: Stored, row: Stored) -> Stored:
    """Note what is different of a row now, if anything is, and return it."""
    told = changes_of(was, row)
    if told["is"]:
        leave_trace(books, "changed", object_type, row.id, told)
    return row


def write_traces(books: Books, traces: Sequence[Trace]) -> None:
    """Add traces to the end of the entity's audit log, which is nobody else's until the commit.

    Taking the numbers is what others wait for, so this comes last in a transaction.
    """
    places = [int(number) for number in books.next_numbers(NumberKind.AUDIT_ENTRY, len(traces))]
    last = books.audit.find(sequence=places[0] - 1)
    previous_hash = last.hash if last else GENESIS
    for some in batches(zip(places, traces, strict=True)):
        entries: list[AuditEntry] = []
        for place, trace in some:
            entries.append(enter(trace, place, previous_hash))
            previous_hash = entries[-1].hash
        books.audit.add_all(entries)
