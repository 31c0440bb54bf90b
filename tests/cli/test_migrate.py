"""`earned migrate` brings a database up to date."""

from sqlalchemy import text

from earned.cli.exits import Exit
from earned.storage.engine import open_engine
from tests.cli.conftest import Earned, answered, complaint, done, runner


def test_migrate_says_from_where_to_where(earned: Earned) -> None:
    answer = answered(earned("migrate", "--json"))

    assert answer == {"success": True, "from": None, "to": "0001", "changed": True}


def test_migrating_twice_is_harmless(earned: Earned) -> None:
    done(earned("migrate"))

    assert "is at revision 0001 already." in done(earned("migrate"))
    assert answered(earned("migrate", "--json"))["changed"] is False


def test_a_password_is_not_shown() -> None:
    refused = runner("postgresql://me:hidden@127.0.0.1:1/books")("migrate")

    assert "hidden" not in refused.output


def test_books_of_a_newer_earned_are_left_alone(earned: Earned, database_url: str) -> None:
    done(earned("init"))
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    assert "They are newer" in complaint(earned("settings"), Exit.SET_UP)
    assert "cannot be migrated" in complaint(earned("migrate"), Exit.SET_UP)


def test_books_that_are_not_migrated_are_not_used(earned: Earned) -> None:
    assert "Run: earned init" in complaint(earned("settings"), Exit.SET_UP)
