"""Take rows by the million in, in the transaction of the books, past Python.

SQLite attaches a file that holds them; PostgreSQL gets them by `COPY`. Every check, foreign key and
index is kept up as for any other row.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from earned.domain.tenancy import Scope
from earned.services.load_rows import Load, Staging
from earned.storage.pipeline import Connected

_ATTACHED = "attached"
_BLOCK = 1024 * 1024
# Pages that are written to more than once are so kept until the commit.
_LARGE_CACHE = "PRAGMA cache_size = -131072"
_USUAL_CACHE = "PRAGMA cache_size = -65536"
_KNOWN_SQLITE = """SELECT unique_key FROM usage_record
    WHERE entity_id = ? AND unique_key IN (SELECT value FROM json_each(?))"""
_KNOWN_POSTGRESQL = """SELECT unique_key FROM usage_record
    WHERE entity_id = %s AND unique_key = ANY(%s)"""


class LoadingBooks(Connected):
    """The part of the books that takes in rows by the million, beside the repositories."""

    scope: Scope

    def load(self, staging: Staging, loads: Sequence[Load], *, midway: bool = False) -> None:
        """Store the rows of each load, in this order; `midway`, a transaction does so again.

        SQLite keeps what a transaction has attached until its end, and takes few files: midway it
        gets its rows by way of Python.
        """
        if self.connection.dialect.name == "postgresql":
            for load in loads:
                _copy(self.connection, load, staging.as_csv(load.query))
        elif midway:
            for load in loads:
                _insert(self.connection, load, staging.rows(load.query))
        else:
            _take_over(self.connection, loads, staging.as_database())

    def known_keys(self, keys: Sequence[str]) -> set[str]:
        """Return which of the unique keys usage records of the entity have."""
        driver: Any = self.connection.connection.driver_connection
        if self.connection.dialect.name == "postgresql":
            found = driver.execute(_KNOWN_POSTGRESQL, [self.scope.entity_id, list(keys)])
        else:
            found = driver.execute(_KNOWN_SQLITE, [self.scope.entity_id, json.dumps(keys)])
        return {key for (key,) in found.fetchall()}


def let_go_of_files(engine: Engine) -> None:
    """Have connections let go of what they attached when they are done with a transaction."""
    event.listen(engine, "checkin", _detach)


def _take_over(connection: Connection, loads: Sequence[Load], file: str) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute(_LARGE_CACHE)
    driver.execute("ATTACH ? AS staged", [file])
    connection.info[_ATTACHED] = True
    for load in loads:
        columns = ", ".join(load.columns)
        driver.execute(f"INSERT INTO {load.table} ({columns}) {load.query}")


def _insert(connection: Connection, load: Load, rows: Iterable[Sequence[Sequence[object]]]) -> None:
    driver: Any = connection.connection.driver_connection
    marks = ", ".join("?" for _ in load.columns)
    statement = f"INSERT INTO {load.table} ({', '.join(load.columns)}) VALUES ({marks})"  # noqa: S608 - Names of ours.
    for some in rows:
        driver.executemany(statement, some)


def _detach(driver: SQLiteConnection | None, entry: ConnectionPoolEntry) -> None:
    if entry.info.pop(_ATTACHED, False) and driver is not None:
        driver.execute("DETACH staged")
        driver.execute(_USUAL_CACHE)
        driver.execute("PRAGMA shrink_memory")


def _copy(connection: Connection, load: Load, file: str) -> None:
    driver: Any = connection.connection.driver_connection
    columns = SQL(", ").join(map(Identifier, load.columns))
    statement = SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(Identifier(load.table), columns)
    path = Path(file)
    with path.open("rb") as rows, driver.cursor() as cursor, cursor.copy(statement) as copy:
        while block := rows.read(_BLOCK):
            copy.write(block)
    path.unlink()
