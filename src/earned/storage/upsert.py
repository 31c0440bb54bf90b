"""`INSERT ... ON CONFLICT`, which both databases know and SQLAlchemy spells once for each."""

from typing import cast

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table) -> postgresql.Insert:
    """Return an insert into `table` that knows `on_conflict_do_update` and `excluded`."""
    if connection.dialect.name == "sqlite":
        return cast(postgresql.Insert, sqlite.insert(table))
    return postgresql.insert(table)
