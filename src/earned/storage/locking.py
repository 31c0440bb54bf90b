"""The locks that groups take, past the parts of SQLAlchemy that cost more than the database.

PostgreSQL locks rows, in the order of their ids. SQLite has one writer at a time and needs no more.
"""

from collections.abc import Collection
from typing import Any, Final
from zlib import crc32

from sqlalchemy import Connection, Table

_SLOTS: Final = 1024
"""How many claims of an entity there may be: PostgreSQL has memory for a few thousand locks."""
_POSITIVE: Final = 0x7FFF_FFFF
_CLAIM = "SELECT pg_advisory_xact_lock(%s, slot) FROM unnest(%s::integer[]) AS claimed (slot)"


def lock_revision(connection: Connection, entity_id: str, *, alone: bool) -> int | None:
    """Keep the structure of an entity as it is, or to ourselves; return its revision, if any."""
    driver: Any = connection.connection.driver_connection
    query = "SELECT revision FROM entity WHERE id = "
    if connection.dialect.name == "postgresql":
        query += "%s FOR UPDATE" if alone else "%s FOR SHARE"
        # The BEGIN before it then needs no round trip of its own.
        with driver.pipeline():
            found = driver.execute(query, [entity_id])
    else:
        found = driver.execute(f"{query}?", [entity_id])
    row = found.fetchone()
    return row[0] if row else None


def lock_versions(
    connection: Connection, table: Table, entity_id: str, ids: Collection[str]
) -> dict[str, int]:
    """Lock rows of an entity; return the version of each, by id."""
    driver: Any = connection.connection.driver_connection
    mark, end = ("%s", " FOR UPDATE") if connection.dialect.name == "postgresql" else ("?", "")
    these = f"entity_id = {mark} AND id IN ({', '.join([mark] * len(ids))})"
    query = f"SELECT id, version FROM {table.name} WHERE {these} ORDER BY id{end}"  # noqa: S608 - Names of ours.
    return dict(driver.execute(query, [entity_id, *ids]).fetchall())


def claim_absent(connection: Connection, entity_id: str, ids: Collection[str]) -> None:
    """Keep others who claim rows that are not there yet from storing them (PostgreSQL).

    There is nothing to lock but slots that their ids fall into, which are taken in order.
    """
    driver: Any = connection.connection.driver_connection
    slots = sorted({crc32(identity.encode()) % _SLOTS for identity in ids})
    driver.execute(_CLAIM, [crc32(entity_id.encode()) & _POSITIVE, slots])
