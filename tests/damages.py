"""Damaging books by hand, behind their back, to see what an audit finds."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from earned.domain.tenancy import Entity, Scope
from earned.services.audit_books import audit_books
from tests.api import Keeper

_SCRIPTS = Path(__file__).parent / "cli"


def damages_of(script: str) -> Iterator[tuple[str, str]]:
    """Read the statements that damage books, each after the check that has to find it."""
    sections = (_SCRIPTS / script).read_text(encoding="utf-8").split("\n\n-- ")
    for section in sections[1:]:
        check, _, statements = section.partition("\n")
        for statement in statements.split(";\n"):
            if statement.strip():
                yield check, statement


def breaks_of(keeper: Keeper, statement: str) -> set[str]:
    """Damage rows, audit the books, and undo the damage; return the checks that found it."""
    entity = keeper.application.clients.list(Entity)[0]
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
    with keeper.application.database.writing() as transaction:
        books = transaction.books(scope)
        damaging = transaction.connection.begin_nested()
        assert transaction.connection.execute(text(statement)).rowcount > 0, statement
        found = {one.check for one in audit_books(books, Counter())}
        damaging.rollback()
    return found


def missed(keeper: Keeper, script: str) -> list[tuple[str, str, set[str]]]:
    """Return the damages that their check does not find, with what the audit says instead."""
    return [
        (check, statement, found)
        for check, statement in damages_of(script)
        if check not in (found := breaks_of(keeper, statement))
    ]
