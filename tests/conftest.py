"""Databases for the tests: every test that asks for one runs on SQLite and on PostgreSQL.

A server that does not start is an error in each of these tests; none is ever skipped.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
import structlog

from earned.storage import migrate
from tests.api import found
from tests.lending import LentDatabase, LentFile, Stock
from tests.postgres import MEMORY, Postgres, memory_has_room, running_postgres

DIALECTS = ("sqlite", "postgresql")
ALLOCATIONS_PER_COLLECTION = 50_000
PLAIN = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
LONG = ("year", "property", "concurrency")


def pytest_configure(config: pytest.Config) -> None:
    """Put the files of tests in memory where there is room: SQLite waits for the disk otherwise.

    And look for garbage seldom: nearly all that is imported and collected stays.
    """
    gc.set_threshold(ALLOCATIONS_PER_COLLECTION, 20, 20)
    is_worker = hasattr(config, "workerinput")
    if not is_worker and config.option.basetemp is None and memory_has_room():
        config.option.basetemp = tempfile.mkdtemp(prefix="earned-tests-", dir=MEMORY)
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files: whoever gets one last keeps everybody waiting."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)


def pytest_collection_finish() -> None:
    """Leave what was imported out of collections: half a million objects that stay."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def default_logs() -> Iterator[None]:
    """Begin with logs of plain lines, whatever a command or server of another test said of them.

    Drawing a traceback with all that there was takes a second.
    """
    structlog.reset_defaults()
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], PLAIN])
    yield
    structlog.reset_defaults()


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Name the database system under test."""
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database that nobody else uses."""
    return str(request.getfixturevalue(f"empty_{dialect}_url"))


@pytest.fixture
def migrated_database_url(dialect: str, request: pytest.FixtureRequest) -> str:
    """Return the URL of a database of its own with the current schema and no rows."""
    return str(request.getfixturevalue(f"migrated_{dialect}_url"))


@pytest.fixture
def founded_database_url(dialect: str, request: pytest.FixtureRequest) -> str:
    """Return the URL of a database of its own with books that `serving` signs in to."""
    return str(request.getfixturevalue(f"founded_{dialect}_url"))


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def migrated_sqlite_url(migrated_sqlite_stock: Stock) -> Iterator[str]:
    with migrated_sqlite_stock.lend() as url:
        yield url


@pytest.fixture
def founded_sqlite_url(founded_sqlite_stock: Stock) -> Iterator[str]:
    with founded_sqlite_stock.lend() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite_stock(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Stock]:
    with _files(tmp_path_factory.mktemp("migrated"), sqlite_template) as stock:
        yield stock


@pytest.fixture(scope="session")
def founded_sqlite_stock(
    tmp_path_factory: pytest.TempPathFactory, founded_sqlite_template: Path
) -> Iterator[Stock]:
    with _files(tmp_path_factory.mktemp("founded"), founded_sqlite_template) as stock:
        yield stock


def _files(directory: Path, template: Path) -> AbstractContextManager[Stock]:
    def copied() -> LentFile:
        path = directory / f"{uuid4().hex}.db"
        return LentFile(Path(shutil.copy(template, path)), template)

    return closing(Stock(copied))


@pytest.fixture(scope="session")
def founded_sqlite_template(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Path:
    """Found books once in an SQLite file, which each test copies."""
    path = tmp_path_factory.mktemp("sqlite") / "founded.db"
    found(f"sqlite:///{shutil.copy(sqlite_template, path)}")
    assert not Path(f"{path}-wal").exists(), "found() must close its connections"
    return path


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file, which each test copies."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate.upgrade(f"sqlite:///{path}")
    assert not Path(f"{path}-wal").exists(), "upgrade() must close its connections"
    return path


@pytest.fixture
def empty_postgresql_url(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as name:
        yield postgres.url(name)


@pytest.fixture
def migrated_postgresql_url(migrated_postgresql_stock: Stock) -> Iterator[str]:
    with migrated_postgresql_stock.lend() as url:
        yield url


@pytest.fixture
def founded_postgresql_url(founded_postgresql_stock: Stock) -> Iterator[str]:
    with founded_postgresql_stock.lend() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgresql_stock(postgres: Postgres, postgres_template: str) -> Iterator[Stock]:
    with closing(Stock(partial(_copied, postgres, postgres_template))) as stock:
        yield stock


@pytest.fixture(scope="session")
def founded_postgresql_stock(postgres: Postgres, founded_postgres_template: str) -> Iterator[Stock]:
    with closing(Stock(partial(_copied, postgres, founded_postgres_template))) as stock:
        yield stock


def _copied(postgres: Postgres, template: str) -> LentDatabase:
    copy = ExitStack()
    return LentDatabase(postgres.url(copy.enter_context(postgres.database(template))), copy.close)


@pytest.fixture(scope="session")
def founded_postgres_template(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """Found books once in a PostgreSQL database, which each test copies."""
    with postgres.database(postgres_template) as name:
        found(postgres.url(name))
        yield name


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> Iterator[str]:
    """Migrate one PostgreSQL database, which each test copies."""
    with postgres.database() as name:
        migrate.upgrade(postgres.url(name))
        yield name


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Start PostgreSQL, or use the server that EARNED_TEST_DATABASE_URL points at."""
    with running_postgres(os.environ.get("EARNED_TEST_DATABASE_URL")) as server:
        yield server
