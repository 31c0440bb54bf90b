"""Open the database: SQLite in a file, or PostgreSQL."""

from decimal import Decimal
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from earned.storage.exact_sum import NAME, ExactSum
from earned.storage.loading import let_go_of_files

WAIT_SECONDS = 30
_WITHOUT_LIMIT = 1_000_000  # Seconds, where SQLite has no word for it.
_READERS = 8
_REST_SECONDS = 1
_RESTING_SINCE = "resting_since"

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # Readers go on while the writer writes.
    "PRAGMA synchronous = FULL",  # An answered request survives a power cut.
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_size_limit = 268435456",  # The log of a large upload is not kept at its size.
)


def open_engine(url: str, wait_seconds: int = WAIT_SECONDS) -> Engine:
    """Return an engine for `url`, `sqlite:///<path>` or `postgresql://...`.

    A lock of others is waited for so long at most; 0 is without limit. The directory of an SQLite
    file is made if it is not there.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, wait_seconds or _WITHOUT_LIMIT)
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=_READERS,
        max_overflow=_READERS,
        pool_use_lifo=True,  # One connection that is always at it, instead of all in turns.
        hide_parameters=True,  # Errors are logged; what clients sent is not.
    )
    event.listen(engine, "connect", partial(_limit_waiting, wait_seconds * 1000))
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _test_rested)
    return engine


def _limit_waiting(
    milliseconds: int, driver: psycopg.Connection, entry: ConnectionPoolEntry
) -> None:
    """Have nobody wait for a lock any longer; 0 is without end."""
    del entry
    driver.execute(f"SET lock_timeout = {int(milliseconds)}")
    driver.commit()


def _note_rest(connection: object, entry: ConnectionPoolEntry) -> None:
    del connection
    entry.info[_RESTING_SINCE] = monotonic()


def _test_rested(driver: psycopg.Connection, entry: ConnectionPoolEntry, proxy: object) -> None:
    """See that a connection which lay idle still works; one that is at it needs no round trip."""
    del proxy
    since = entry.info.get(_RESTING_SINCE)
    if since is None or monotonic() - since < _REST_SECONDS:
        return
    try:
        driver.execute("")
        driver.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error


def _open_sqlite(url: URL, wait_seconds: int) -> Engine:
    assert url.database, "an SQLite URL names a file"
    Path(url.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": wait_seconds, "check_same_thread": False},
        pool_size=_READERS,
        max_overflow=_READERS,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    let_go_of_files(engine)
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
