"""Change what an entity has decided for its books."""

from collections.abc import Mapping

from earned.domain.settings import wire_settings
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books


def change_settings(books: Books, values: Mapping[str, object]) -> None:
    """Store settings by their field names; those that differ now are told in the audit log."""
    was = wire_settings(books.settings)
    books.change_settings(values)
    decided = wire_settings(books.settings)
    changes = {name: value for name, value in decided.items() if value != was[name]}
    if changes:
        told = {"is": changes, "was": {name: was[name] for name in changes}}
        leave_trace(books, "changed", "Settings", books.scope.entity_id, told)
