"""`earned explain`: what a number is made of, down to usage records, and what it went into."""

import click

from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say, say_exact_json
from earned.domain.explain_text import read_cursor, tree_fields, tree_lines
from earned.domain.explaining import Direction, Node
from earned.services.explain import Explain, Place
from earned.services.explain import explain as explain_number

_LIMIT = 10
_LIMIT_MAX = 100


@click.command(cls=Command)
@click.argument("key", metavar="ID")
@click.option("--up", "direction", flag_value=Direction.UP.value, help="Only what it went into.")
@click.option(
    "--down", "direction", flag_value=Direction.DOWN.value, help="Only what it is made of."
)
@click.option(
    "--limit",
    type=click.IntRange(1, _LIMIT_MAX),
    default=_LIMIT,
    help="How many of a kind to list for each thing.",
)
@click.option("--cursor", help="Where a long list goes on.")
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def explain(
    key: str,
    direction: str | None,
    limit: int,
    cursor: str | None,
    entity_id: str | None,
    as_json: bool,
) -> None:
    """Explain a number: a journal entry or line, schedule, item, event, fund, day or usage record.

    ID is the id or number of it. Items have the number of what they are of, a colon, and the name
    of their period or their place: RS-00000001:Jan'2026, RE-00000002:Jan'2026, JE-00000001:1.
    """
    command = Explain(
        key=key,
        directions=(Direction(direction),) if direction else tuple(Direction),
        limit=limit,
        place=Place(*read_cursor(cursor)) if cursor else None,
    )
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.reading(scope) as books:
            tree = explain_number(books, command)
    if as_json:
        say_exact_json({"success": True, "node": tree_fields(tree, _next)})
    else:
        say(*tree_lines(tree))


def _next(node: Node, cursor: str) -> str:
    """Say which command lists what follows."""
    return f'earned explain "{node.id}" --cursor {cursor}'
