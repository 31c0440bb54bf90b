"""`earned journal entries`: the entries of a run, or of an accounting period."""

import click

from earned.cli.command import Command, as_json
from earned.cli.journal_choice import check_one
from earned.cli.journal_tables import say_entries
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say_json
from earned.services.read_journal import entries_of
from earned.services.show_journal import wire_entry


@click.command("entries", cls=Command)
@click.argument("run", required=False)
@click.option("--period", metavar="NAME", help="All entries of an accounting period, by hand too.")
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def journal_entries(
    run: str | None, period: str | None, entity_id: str | None, as_json: bool
) -> None:
    """List the entries of a journal RUN, such as JR-00000001, or of a period, cancelled ones too.

    `earned journal export` writes those in force to a file.
    """
    check_one(run, period)
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.reading(scope) as books:
            zone = books.settings.zone
            entries = [wire_entry(view, zone) for view in entries_of(books, run, period)]
    if as_json:
        say_json({"success": True, "journalEntries": entries})
    else:
        say_entries(entries)
