"""`earned journal list`: the journal runs there are."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say_json, say_table
from earned.services.read_journal import journal_runs
from earned.services.show_journal import wire_run

_HEADINGS = ("run", "status", "period", "from", "to", "executed", "entries")


@click.command("list", cls=Command)
@click.option("--period", metavar="NAME", help="Only runs of an accounting period.")
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def journal_list(period: str | None, entity_id: str | None, as_json: bool) -> None:
    """List journal runs, the newest first. Those that were deleted are not there."""
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.reading(scope) as books:
            zone = books.settings.zone
            runs = [wire_run(view, zone) for view in journal_runs(books, period)]
    if as_json:
        say_json({"success": True, "journalRuns": runs})
    else:
        say_table(_HEADINGS, [_row(run) for run in runs])


def _row(run: Mapping[str, Any]) -> Sequence[str]:
    names = ("number", "status", "accountingPeriodName", "targetStartDate", "targetEndDate")
    words = [str(run[name] or "") for name in (*names, "executedOn")]
    return [*words, f"{run['totalJournalEntryCount']:,}"]
