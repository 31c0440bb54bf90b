"""`earned journal export`: journal entries as a file for people or for another ledger."""

from pathlib import Path

import click

from earned.cli.command import Command
from earned.cli.journal_choice import check_one
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import complain
from earned.domain.journal_export import FileFormat
from earned.services.export_journal import ExportJournal, export_journal

_PATH = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command("export", cls=Command)
@click.argument("run", required=False)
@click.option("--period", metavar="NAME", help="All entries of an accounting period, by hand too.")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in FileFormat]),
    default=FileFormat.CSV.value,
    help="csv for people, iif for QuickBooks Desktop, netsuite for its CSV import.",
)
@click.option("--currency", metavar="CODE", help="Only entries in this currency.")
@click.option("--output", type=_PATH, help="Write this file instead of printing.")
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
def journal_export(
    run: str | None,
    period: str | None,
    form: str,
    output: Path | None,
    entity_id: str | None,
    currency: str | None,
) -> None:
    """Export the entries in force of a journal RUN, such as JR-00000001, or of a period.

    Amounts have the decimals of their currency. A file for another ledger leaves out what that has
    already: entries that are marked as transferred, or to be ignored.
    """
    check_one(run, period)
    query = ExportJournal(
        run_number=run, period_name=period, form=FileFormat(form), currency=currency
    )
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.reading(scope) as books:
            made = export_journal(books, query)
    if output is None:
        click.echo(made.content, nl=False)
        return
    output.write_text(made.content, encoding="utf-8", newline="")
    complain(f"Wrote {output}.")
