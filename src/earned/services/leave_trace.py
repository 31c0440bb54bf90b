"""Leave a trace in the audit log."""

from collections.abc import Mapping

from earned.domain.schedule import AuditEntry
from earned.services.ports import Books


def leave_trace(
    books: Books, action: str, object_type: str, object_id: str, detail: Mapping[str, object]
) -> None:
    """Note that the caller did `action` to an object now; `detail` says what it was or became."""
    books.audit.add(
        AuditEntry(
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
