"""The locks that every group takes, past the parts of SQLAlchemy that cost more than the database.

PostgreSQL locks rows, in the order of their ids. SQLite has one writer at a time and needs no more.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Table


def lock_revision(connection: Connection, entity_id: str, *, alone: bool) -> int | None:
    """Keep the structure of an entity as it is, or to ourselves; return its revision, if any."""
    query = "SELECT revision FROM entity WHERE id = {}"
    if connection.dialect.name == "postgresql":
        query += " FOR UPDATE" if alone else " FOR SHARE"
    row = _read(connection, query, [entity_id])
    return row[0][0] if row else None


def lock_versions(
    connection: Connection, table: Table, entity_id: str, ids: Collection[str]
) -> dict[str, int]:
    """Lock rows of an entity; return the version of each, by id."""
    marks = ", ".join(["{}"] * len(ids))
    query = f"SELECT id, version FROM {table.name} WHERE entity_id = {{}} AND id IN ({marks})"  # noqa: S608 - Names of ours.
    query += " ORDER BY id"
    if connection.dialect.name == "postgresql":
        query += " FOR UPDATE"
    return dict(_read(connection, query, [entity_id, *ids]))


def _read(connection: Connection, query: str, values: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    driver: Any = connection.connection.driver_connection
    rows: Sequence[tuple[Any, ...]] = driver.execute(query.replace("{}", mark), values).fetchall()
    return rows
