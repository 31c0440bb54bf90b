"""Databases that are lent to one test after another.

Making a database, and warming its connections up, takes longer than most tests. So a test gets one
that others had before, with its rows put back as they are in the template. One that cannot be put
back so is not lent again: its schema was changed, or somebody is still connected to it.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from earned.storage.engine import open_engine

_LOANS = 64  # Deleted rows leave room behind; then a new database is faster.


class Lent(Protocol):
    """A database with the rows of its template."""

    engine: Engine

    def restored(self) -> bool:
        """Put the rows back as they were; say whether all is as it was."""

    def discard(self) -> None:
        """Throw it away."""


@dataclass
class Stock:
    """Databases of one template: those that are free, and how to make one more."""

    make: Callable[[], Lent]
    _free: list[tuple[Lent, int]] = field(default_factory=list)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """Lend the URL of a database that nobody else uses until it is given back."""
        lent, loans = self._free.pop() if self._free else (self.make(), 0)
        url = lent.engine.url.render_as_string(hide_password=False)
        _ENGINES[url] = lent.engine
        try:
            yield url
        finally:
            del _ENGINES[url]
            if loans < _LOANS and _all_given_back(lent.engine) and lent.restored():
                self._free.append((lent, loans + 1))
            else:
                lent.discard()

    def close(self) -> None:
        """Throw away what is free."""
        while self._free:
            self._free.pop()[0].discard()


_ENGINES: dict[str, Engine] = {}


def lent_engine(url: str) -> Engine | None:
    """Return the engine that goes with a lent database: it is connected, and knows the statements.

    Who listens to its events listens as long as the test lasts, and to nobody else's.
    """
    engine = _ENGINES.get(url)
    return engine.execution_options() if engine else None


def _all_given_back(engine: Engine) -> bool:
    return _pool(engine).checkedout() == 0


def _pool(engine: Engine) -> QueuePool:
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    return pool


def _tables(engine: Engine) -> list[str]:
    """Name the tables, each after those it refers to."""
    found = inspect(engine).get_sorted_table_and_fkc_names()
    assert found[-1] == (None, []), "no tables refer to each other in a circle"
    return [str(name) for name, _ in found if name is not None]


def _filled(engine: Engine, tables: Sequence[str]) -> list[str]:
    with engine.connect() as connection:
        return [name for name in tables if connection.scalar(text(f"SELECT 1 FROM {name}"))]  # noqa: S608 - Names of ours.


def _restoring(engine: Engine, kept: str) -> list[str]:
    """Return the statements that put all rows back from the copies in `kept`."""
    tables = _tables(engine)
    return [
        *(f"DELETE FROM {name}" for name in reversed(tables)),  # noqa: S608 - Names of ours.
        *(f"INSERT INTO {name} SELECT * FROM {kept}.{name}" for name in _filled(engine, tables)),  # noqa: S608 - Names of ours.
    ]


class LentFile:
    """A copy of an SQLite file."""

    def __init__(self, path: Path, template: Path) -> None:
        """Lend the file at `path`, which is a copy of `template`."""
        self.engine = open_engine(f"sqlite:///{path}")
        self._path = path
        self._restoring = _restoring(self.engine, "template")
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=1)
        self._connection.execute("ATTACH ? AS template", [str(template)])
        self._schema = self._schema_version()

    def restored(self) -> bool:
        """Put the rows back as they were; say whether all is as it was."""
        try:
            if self._schema_version() != self._schema:
                return False
            self._connection.execute("BEGIN IMMEDIATE")
            for statement in self._restoring:
                self._connection.execute(statement)
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            return False
        return True

    def discard(self) -> None:
        """Throw it away."""
        self._connection.close()
        self.engine.dispose()
        self._path.unlink(missing_ok=True)

    def _schema_version(self) -> object:
        return self._connection.execute("PRAGMA main.schema_version").fetchone()


# The rows of the catalogue know the transaction that wrote them.
_SCHEMA = text("""
    SELECT sum(written) FROM (
        SELECT xmin::text::bigint AS written FROM pg_class WHERE relnamespace = :public
        UNION ALL SELECT a.xmin::text::bigint FROM pg_attribute a
            JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = :public
        UNION ALL SELECT t.xmin::text::bigint FROM pg_trigger t
        UNION ALL SELECT k.xmin::text::bigint FROM pg_constraint k WHERE k.connamespace = :public
        UNION ALL SELECT p.xmin::text::bigint FROM pg_proc p WHERE p.pronamespace = :public
    ) AS rows
""")
_CONNECTED = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
""")


class LentDatabase:
    """A copy of a PostgreSQL database."""

    def __init__(self, url: str, drop: Callable[[], object]) -> None:
        """Lend the database at `url`, which `drop` removes."""
        self.engine = open_engine(url)
        self._drop = drop
        self._keep = create_engine(self.engine.url, isolation_level="AUTOCOMMIT", pool_size=1)
        self._connection = self._keep.connect()
        self._public = self._ask("SELECT 'public'::regnamespace::oid")
        self._install(_restoring(self.engine, "lending"))
        self._schema = self._schema_version()

    def restored(self) -> bool:
        """Put the rows back as they were; say whether all is as it was."""
        try:
            if self._connection.scalar(_CONNECTED) != _pool(self.engine).checkedin():
                return False
            if self._schema_version() != self._schema:
                return False
            self._ask("SELECT lending.restore()::text")
        except DBAPIError:
            return False
        return True

    def discard(self) -> None:
        """Throw it away."""
        with suppress(DBAPIError):
            self._connection.close()
        self._keep.dispose()
        self.engine.dispose()
        self._drop()

    def _install(self, restoring: Sequence[str]) -> None:
        copies = [words.split()[2] for words in restoring if words.startswith("INSERT")]
        self._connection.execute(text("CREATE SCHEMA lending"))
        self._connection.execute(text("SET lock_timeout = '1s'"))
        # Many rows take longer to delete than a new database takes to make.
        self._connection.execute(text("SET statement_timeout = '2s'"))
        for name in copies:
            self._connection.execute(text(f"CREATE TABLE lending.{name} AS TABLE public.{name}"))
        body = ";\n".join(restoring)
        self._connection.execute(
            text(
                "CREATE FUNCTION lending.restore() RETURNS void LANGUAGE plpgsql AS "
                f"$$ BEGIN {body}; END $$"
            )
        )

    def _schema_version(self) -> Any:
        return self._connection.scalar(_SCHEMA, {"public": self._public})

    def _ask(self, question: str) -> Any:
        return self._connection.scalar(text(question))
