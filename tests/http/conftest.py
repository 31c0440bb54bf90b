"""The wire under test, on both databases."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.api import Api, serving
from tests.conftest import DIALECTS


@pytest.fixture
def api(founded_database_url: str) -> Iterator[Api]:
    """Lend a client of a fresh server."""
    with serving(founded_database_url) as client:
        yield client


@pytest.fixture(scope="module", params=DIALECTS)
def wire(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Lend one server to all tests of a module: for those that leave nothing behind."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("founded_sqlite_template")
        path = shutil.copy(template, tmp_path_factory.mktemp("wire") / "shared.db")
        with serving(f"sqlite:///{path}") as client:
            yield client
        return
    postgres = request.getfixturevalue("postgres")
    with (
        postgres.database(request.getfixturevalue("founded_postgres_template")) as name,
        serving(postgres.url(name)) as client,
    ):
        yield client


@pytest.fixture
def restored_logs() -> Iterator[None]:
    """Put the logging of the process back as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("alembic").setLevel(logging.NOTSET)
    structlog.reset_defaults()
