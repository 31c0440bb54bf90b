"""The wire under test, on both databases."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from tests.api import Api, serving
from tests.conftest import DIALECTS
from tests.lending import Stock


@pytest.fixture
def api(founded_database_url: str) -> Iterator[Api]:
    """Lend a client of a fresh server."""
    with serving(founded_database_url) as client:
        yield client


@pytest.fixture(scope="module", params=DIALECTS)
def wire(request: pytest.FixtureRequest) -> Iterator[Api]:
    """Lend one server to all tests of a module: for those that leave nothing behind."""
    stock: Stock = request.getfixturevalue(f"founded_{request.param}_stock")
    with stock.lend() as url, serving(url) as client:
        yield client


@pytest.fixture(scope="module")
def embedded_wire(founded_sqlite_stock: Stock) -> Iterator[Api]:
    """Lend one server to tests of what is decided before a database has a part in it."""
    with founded_sqlite_stock.lend() as url, serving(url) as client:
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
