"""A database that is lent again is as it was made; one that cannot be is not lent again."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, event, inspect, text

from tests import builders
from tests.api import Api, serving
from tests.lending import Stock, lent_engine


@pytest.fixture
def stock(dialect: str, request: pytest.FixtureRequest) -> Stock:
    """Return databases that nobody has had before, in which tests sign in."""
    known: Stock = request.getfixturevalue(f"founded_{dialect}_stock")
    return Stock(known.make)


def rows(api: Api) -> dict[str, list[Sequence[Any]]]:
    """Return all rows of all tables."""
    engine = api.application.database.engine
    names = inspect(engine).get_table_names()
    with engine.connect() as connection:
        return {
            name: sorted(
                (tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))),  # noqa: S608
                key=repr,
            )
            for name in names
        }


def test_all_rows_are_as_they_were(stock: Stock) -> None:
    with stock.lend() as url, serving(url) as api:
        before = rows(api)
        with builders.writing(api) as books:
            builders.sell(books, builders.account(books), builders.prepaid_plan(books))
        api.settings(time_zone="Europe/Berlin")
        filled = rows(api)
    with stock.lend() as again, serving(again) as api:
        after = rows(api)
    stock.close()

    assert again == url
    assert [name for name in before if before[name] != filled[name]] != []
    assert after == before


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE more (id INTEGER)",
        "ALTER TABLE account ADD COLUMN more INTEGER",
        "DROP TABLE collected",
        "DROP TRIGGER journal_seal_balanced",
    ],
)
def test_a_changed_schema_is_not_lent_again(stock: Stock, dialect: str, change: str) -> None:
    if dialect == "postgresql" and "TRIGGER" in change:
        change += " ON journal_seal"
    with stock.lend() as url:
        engine = lent_engine(url)
        assert engine
        with engine.begin() as connection:
            connection.execute(text(change))
    with stock.lend() as another:
        assert another != url
    stock.close()


def test_where_somebody_is_still_connected_it_is_not_lent_again(stock: Stock) -> None:
    with stock.lend() as url:
        engine = lent_engine(url)
        assert engine
        left = engine.connect()
    with stock.lend() as another:
        assert another != url
    left.invalidate()
    left.close()
    stock.close()


def test_who_listens_to_a_database_does_not_hear_the_next(stock: Stock) -> None:
    heard: list[str] = []

    def hear(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        heard.append(statement)

    with stock.lend() as url, serving(url) as api:
        event.listen(api.application.database.engine, "before_cursor_execute", hear)
        api.found("/v1/catalog/products")
        assert heard
    heard.clear()
    with stock.lend() as again, serving(again) as api:
        api.found("/v1/catalog/products")
    stock.close()

    assert (again, heard) == (url, [])
