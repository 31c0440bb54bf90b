"""Migrations: from nothing to the schema that the table definitions describe, and again."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.schema import CreateTable

from earned.storage.engine import open_engine
from earned.storage.migrate import current_revision, head_revision, upgrade
from earned.storage.tables import metadata


def test_an_empty_database_comes_to_the_newest_revision(database_url: str) -> None:
    upgrade(database_url)

    engine = open_engine(database_url)
    assert current_revision(engine) == head_revision() == "0001"
    assert set(inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    engine.dispose()


def test_upgrading_twice_is_harmless(database_url: str) -> None:
    upgrade(database_url)
    upgrade(database_url)


def test_the_migrated_schema_is_the_defined_one(migrated_database_url: str) -> None:
    engine = open_engine(migrated_database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)

        assert compare_metadata(context, metadata) == []

    engine.dispose()


def test_every_sqlite_table_is_strict(migrated_sqlite_url: str) -> None:
    engine = open_engine(migrated_sqlite_url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, strict FROM pragma_table_list")
        strict = {row.name: row.strict for row in rows}

    engine.dispose()
    assert {name for name in metadata.tables if not strict[name]} == set()


def test_constraints_are_the_defined_ones(migrated_sqlite_url: str) -> None:
    engine = open_engine(migrated_sqlite_url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
        )
        stored = {row.name: " ".join(row.sql.split()) for row in rows}
    defined = {
        table.name: " ".join(str(CreateTable(table).compile(engine)).split())
        for table in metadata.sorted_tables
    }

    engine.dispose()
    assert defined == {name: stored[name] for name in defined}
