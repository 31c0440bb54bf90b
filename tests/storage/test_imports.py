"""Imports of uploaded files, as several servers share them."""

from uuid import uuid4

from sqlalchemy import create_engine, make_url

from earned.storage.imports import claimed


def test_an_import_is_claimed_by_one_server_until_it_is_done(migrated_postgresql_url: str) -> None:
    url = make_url(migrated_postgresql_url).set(drivername="postgresql+psycopg")
    engine, mine, other = create_engine(url), uuid4().hex, uuid4().hex
    with claimed(engine, mine) as first:
        with claimed(engine, mine) as second, claimed(engine, other) as third:
            assert (first, second, third) == (True, False, True)
        with claimed(engine, mine) as second:
            assert not second
    with claimed(engine, mine) as again:
        assert again
    engine.dispose()
