"""`earned journal cancel`: what was in a run or an entry may be picked up again."""

import click

from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say, say_json
from earned.services.cancel_journal import cancel_journal_entry, cancel_journal_run
from earned.services.ports import NumberKind


@click.command("cancel", cls=Command)
@click.argument("number")
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def journal_cancel(number: str, entity_id: str | None, as_json: bool) -> None:
    """Cancel a journal run or entry by its NUMBER, such as JR-00000001 or JE-00000001.

    Entries that the other ledger has, or is getting, stay; then their run stays too.
    """
    is_run = number.startswith(NumberKind.JOURNAL_RUN)
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.writing() as transaction:
            books = transaction.books(scope)
            cancel = cancel_journal_run if is_run else cancel_journal_entry
            status = cancel(books, number).status
    if as_json:
        say_json({"success": True, "number": number, "status": status})
    else:
        say(f"{number} is {status}.")
