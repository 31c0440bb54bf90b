"""The wire under test, on both databases."""

from collections.abc import Iterator

import pytest

from tests.api import Api, serving


@pytest.fixture
def api(migrated_database_url: str) -> Iterator[Api]:
    """Lend a client of a fresh server."""
    with serving(migrated_database_url) as client:
        yield client
