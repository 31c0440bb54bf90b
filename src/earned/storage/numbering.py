"""Numbers of what people name by number: one sequence for each entity and kind."""

from typing import Any

from sqlalchemy import Connection, Executable

from earned.storage.tables.tenancy import number_sequence
from earned.storage.upsert import upsert

_statements: dict[str, Executable] = {}


def take_numbers(connection: Connection, entity_id: str, kind: str, count: int) -> int:
    """Move a sequence on by `count`; return the last of its numbers."""
    dialect = connection.dialect.name
    if dialect not in _statements:
        _statements[dialect] = _moving_on(connection)
    first: dict[str, Any] = {"entity_id": entity_id, "kind": kind, "last": count}
    return int(connection.execute(_statements[dialect], first).scalar_one())


def _moving_on(connection: Connection) -> Executable:
    """Return the statement, which is made once: making one costs as much as executing it."""
    last = number_sequence.c.last
    statement = upsert(connection, number_sequence)
    return statement.on_conflict_do_update(
        index_elements=["entity_id", "kind"], set_={"last": last + statement.excluded.last}
    ).returning(last)
