"""`earned audit`: recompute the books and tell what does not tie out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

import click

from earned.bootstrap.application import Application
from earned.cli.command import Command, as_json
from earned.cli.exits import Exit
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say, say_json
from earned.domain.audit import Break
from earned.domain.tenancy import Entity
from earned.services.audit_books import Counted, audit_books


@click.command(cls=Command)
@click.option("--entity", "entity_id", help="Whose books; all of them by default.")
@as_json
@click.pass_context
def audit(ctx: click.Context, entity_id: str | None, as_json: bool) -> None:
    """Recompute every balance and total from the ledger, and list what does not tie out.

    Reads only, one consistent state of the books, and may run beside a server. Ends with exit code
    8 if anything is broken.
    """
    counted: Counted = Counter()
    breaks: list[tuple[Entity, Break]] = []
    with opened() as application:
        for entity, found in _breaks(application, entity_id, counted):
            breaks.append((entity, found))
            if not as_json:
                _say_break(found)
    if as_json:
        listed = [{"entityId": entity.id, **_wire(found)} for entity, found in breaks]
        say_json({"success": True, "clean": not breaks, "counted": counted, "breaks": listed})
    else:
        say(f"{_summary(counted)}: {len(breaks) or 'nothing'} broken.")
    ctx.exit(Exit.BROKEN if breaks else Exit.DONE)


def _breaks(
    application: Application, entity_id: str | None, counted: Counted
) -> Iterator[tuple[Entity, Break]]:
    entities = application.clients.list(Entity)
    for entity in [chosen_entity(application, entity_id)] if entity_id else entities:
        with application.database.reading(scope_of(entity)) as books:
            for found in audit_books(books, counted):
                yield entity, found


def _say_break(found: Break) -> None:
    say(
        f"{found.object_type} {found.object_id}: {found.check}",
        f"  should be {found.expected}",
        f"  is        {found.found}",
    )


def _wire(found: Break) -> dict[str, str]:
    facts = asdict(found)
    return {
        "check": facts["check"],
        "objectType": facts["object_type"],
        "objectId": facts["object_id"],
        "expected": facts["expected"],
        "found": facts["found"],
    }


def _summary(counted: Counted) -> str:
    return ", ".join(f"{count} {name}" for name, count in counted.items()) or "Nothing to audit"
