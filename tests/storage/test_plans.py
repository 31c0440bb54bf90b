"""How SQLite finds rows: by what they are of, and not among all of their entity."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from earned.storage.engine import open_engine


@pytest.fixture
def connection(migrated_sqlite_url: str) -> Iterator[Connection]:
    engine = open_engine(migrated_sqlite_url)
    with engine.connect() as connected:
        yield connected
    engine.dispose()


@pytest.mark.parametrize(
    ("table", "condition"),
    [
        ("billing_document", "account_id = 'x'"),
        ("billing_document", "account_id = 'x' AND kind = 'Invoice'"),
        ("billing_document", "source_id = 'x' AND status = 'Draft'"),
        ("billing_document_item", "document_id IN ('x', 'y')"),
        ("billing_document_item", "charge_id = 'x'"),
        ("billing_document_item", "original_subscription_id = 'x'"),
        ("revenue_schedule", "linked_id IN ('x', 'y') AND reverses_id IS NULL"),
        ("revenue_schedule", "reverses_id = 'x'"),
    ],
)
def test_rows_are_found_by_what_they_are_of(
    connection: Connection, table: str, condition: str
) -> None:
    found = connection.exec_driver_sql(
        f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE entity_id = 'x' AND {condition}"  # noqa: S608
    )
    (plan,) = (row.detail for row in found)

    assert f"{condition.split(maxsplit=1)[0]}=?" in plan
