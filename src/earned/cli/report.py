"""`earned report`: what the books say of revenue, now or as of a past moment."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click

from earned.cli.command import Command
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say, say_exact_json
from earned.domain import trial_balance
from earned.domain.obligations import YearBy
from earned.domain.report_fields import row_fields
from earned.domain.report_text import to_csv, to_table
from earned.services.ports import Books
from earned.services.read_trial_balance import (
    BalanceView,
    Beside,
    balance_fields,
    beside,
    read_trial_balance,
)
from earned.services.report import KEPT, REPORTS, Reported, ReportQuery, make_report

_MOMENT = "an instant, a day (its end), or the name of a period (when it was last closed)"


@click.command(cls=Command)
@click.argument("name", type=click.Choice([*REPORTS, *KEPT]))
@click.option("--as-of", metavar="MOMENT", help=f"Report what was known then: {_MOMENT}.")
@click.option("--compare", metavar="MOMENT", help="Set it beside what it said at another moment.")
@click.option("--from", "first", metavar="PERIOD", help="The first accounting period, by name.")
@click.option("--to", "last", metavar="PERIOD", help="The last accounting period, by name.")
@click.option("--period", metavar="PERIOD", help="The only accounting period, by name.")
@click.option("--account", metavar="KEY", help="Only what belongs to an account: id or number.")
@click.option(
    "--year-by",
    type=click.Choice([year.value for year in YearBy]),
    default=YearBy.FISCAL.value,
    help="Which year a period belongs to: its fiscal year, or the calendar year of its last day.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    help="What to print.",
)
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
def report(name: str, form: str, entity_id: str | None, **asked: Any) -> None:  # noqa: ANN401 - As click has them.
    """Print a report on revenue, exact to the cent, each currency by itself.

    Reads only, one consistent state of the books, and may run beside a server.
    """
    query = ReportQuery(
        name=name,
        as_of=asked["as_of"],
        compare_to=asked["compare"],
        first=asked["first"] or asked["period"],
        last=asked["last"] or asked["period"],
        account_key=asked["account"],
        year_by=YearBy(asked["year_by"]),
    )
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.reading(scope) as books:
            reported, zone = make_report(books, query), books.settings.zone
            balance = _balance(books, query, reported)
    if form == "csv":
        click.echo(to_csv(reported.report), nl=False)
    elif form == "json":
        more = balance_fields(*balance, zone) if balance else {}
        say_exact_json({"success": True, **reported.heading(zone), **more, **_tables(reported)})
    else:
        say(*to_table(reported.report))
        if balance:
            say(*_beside(balance[1]))


def _balance(
    books: Books, query: ReportQuery, reported: Reported
) -> tuple[BalanceView, Beside] | None:
    """Return what only a trial balance has, None of any other report."""
    if query.name != trial_balance.NAME:
        return None
    view = read_trial_balance(books, query.first or "", reported.at)
    return view, beside(books, view)


def _beside(found: Beside) -> Iterator[str]:
    if found.receivables.rows:
        yield "\nReceivables"
        yield from to_table(replace(found.receivables, totals=()))
    if found.actions:
        yield "\nRequired action items"
        yield from (f"{item.document} {item.number} of {item.day}" for item in found.actions)


def _tables(reported: Reported) -> dict[str, object]:
    made = reported.report
    return {
        "rows": [row_fields(made, row) for row in made.rows],
        "totals": [row_fields(made, row) for row in made.totals],
    }
