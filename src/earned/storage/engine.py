"""Open the database: SQLite in a file, or PostgreSQL."""

from decimal import Decimal
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from earned.storage.exact_sum import NAME, ExactSum

_BUSY_SECONDS = 30
_READERS = 8

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # Readers go on while the writer writes.
    "PRAGMA synchronous = FULL",  # An answered request survives a power cut.
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
)


def open_engine(url: str) -> Engine:
    """Return an engine for `url`, `sqlite:///<path>` or `postgresql://...`.

    The directory of an SQLite file is made if it is not there.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=_READERS,
        max_overflow=_READERS,
        pool_pre_ping=True,
        pool_use_lifo=True,  # One connection that is always at it, instead of all in turns.
        hide_parameters=True,  # Errors are logged; what clients sent is not.
    )


def _open_sqlite(url: URL) -> Engine:
    assert url.database, "an SQLite URL names a file"
    Path(url.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        pool_size=_READERS,
        max_overflow=_READERS,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: SQLiteConnection, entry: ConnectionPoolEntry) -> None:
    del entry
    # The driver must not begin transactions on its own: the unit of work says when and how.
    connection.isolation_level = None
    connection.create_collation("exact", _compare_exact)
    aggregate: Any = ExactSum  # Type stubs know aggregates of whole numbers only.
    connection.create_aggregate(NAME, 1, aggregate)
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _compare_exact(left: str, right: str) -> int:
    """Order the text of two decimals by value: 9 comes before 10."""
    first, second = Decimal(left), Decimal(right)
    return (first > second) - (first < second)


def _begin_sqlite(connection: Connection) -> None:
    """Begin for real; a writer asks for the write lock at once and never waits inside."""
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
