"""`earned journal run`: what is in no journal entry yet becomes journal entries."""

from collections.abc import Sequence
from datetime import date

import click

from earned.cli.command import Command, as_json
from earned.cli.journal_tables import say_entries
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say, say_json
from earned.domain.calendar import parse_day
from earned.domain.posting import TransactionType
from earned.services.read_journal import entries_of_run, read_journal_run
from earned.services.run_journal import RunJournal, run_journal
from earned.services.show_journal import wire_entry, wire_run


@click.command("run", cls=Command)
@click.option("--period", metavar="NAME", help="Transactions of an accounting period.")
@click.option("--from", "start", metavar="DATE", help="Of the days from this one, in one period.")
@click.option("--to", "end", metavar="DATE", help="Of the days up to this one.")
@click.option(
    "--type",
    "types",
    metavar="TYPE",
    type=click.Choice([kind.value for kind in TransactionType], case_sensitive=False),
    multiple=True,
    help="A type of transactions, such as 'Revenue Event Item'; may be repeated. All by default.",
)
@click.option(
    "--date", "day", metavar="DATE", help="Of the entries; the period's last day if unset."
)
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def journal_run(
    period: str | None,
    types: Sequence[str],
    entity_id: str | None,
    as_json: bool,
    **days: str | None,
) -> None:
    """Make journal entries of transactions that are in none yet.

    Name a --period, or days inside one with --from and --to. Revenue event items belong to a period
    and to no day, so days take the other types. Dates are as yyyy-mm-dd.
    """
    command = RunJournal(
        transaction_types=_types(types, by_days=period is None),
        accounting_period_name=period,
        target_start_date=_parsed(days["start"], "--from"),
        target_end_date=_parsed(days["end"], "--to"),
        journal_entry_date=_parsed(days["day"], "--date"),
    )
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.writing() as transaction:
            number = run_journal(transaction.books(scope), command).number
        with application.database.reading(scope) as books:
            run, zone = read_journal_run(books, number), books.settings.zone
            entries = [wire_entry(view, zone) for view in entries_of_run(books, number)]
    if as_json:
        shown = wire_run(run, zone)
        say_json({"success": True, "journalRun": shown, "journalEntries": entries})
        return
    noun = "entry" if len(entries) == 1 else "entries"
    say(f"{number}: {len(entries):,} journal {noun}.")
    say_entries(entries)


def _types(named: Sequence[str], *, by_days: bool) -> Sequence[TransactionType]:
    if named:
        return [TransactionType(name) for name in named]
    revenue = TransactionType.REVENUE_EVENT_ITEM
    return [kind for kind in TransactionType if not (by_days and kind is revenue)]


def _parsed(text: str | None, option: str) -> date | None:
    return None if text is None else parse_day(text, option)
