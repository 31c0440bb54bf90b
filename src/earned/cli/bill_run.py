"""`earned bill run`: bill everybody, or some."""

from collections.abc import Sequence
from datetime import date

import click

from earned.cli.bill_tables import say_run
from earned.cli.command import Command, as_json
from earned.cli.exits import Exit
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.domain.bill_run import ALL_BATCHES
from earned.domain.calendar import parse_day
from earned.services.carry_on_bill_run import CarryOn, carry_on_bill_run
from earned.services.create_bill_run import CreateBillRun, RunFilter, create_bill_run
from earned.services.end_bill_run import bill_run_by_key
from earned.services.show_bill_run import wire_bill_run

_TYPES = click.Choice(["OneTime", "Recurring", "Usage"], case_sensitive=False)


@click.command("run", cls=Command)
@click.option("--target", metavar="DATE", required=True, help="What is due by this day is billed.")
@click.option("--invoice-date", metavar="DATE", help="Of the documents; today if unset.")
@click.option(
    "--account",
    "accounts",
    metavar="KEY",
    multiple=True,
    help="Id or number of an account; may be repeated. Everybody without it.",
)
@click.option(
    "--subscription",
    "subscriptions",
    metavar="KEY",
    multiple=True,
    help="Id or number of a subscription; may be repeated, all of one account.",
)
@click.option(
    "--exclude", "excluded", type=_TYPES, multiple=True, help="A type of charge; may be repeated."
)
@click.option("--name", help="What the run is called.")
@click.option("--post", is_flag=True, help="Post the documents at once.")
@click.option(
    "--renew", is_flag=True, help="Renew subscriptions first that renew by themselves and are due."
)
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def bill_run(
    accounts: Sequence[str],
    subscriptions: Sequence[str],
    excluded: Sequence[str],
    post: bool,
    renew: bool,
    as_json: bool,
    **said: str | None,
) -> None:
    """Draft invoices and credit memos of what is due, of every account or of some.

    An account that cannot be billed is named, and keeps no other from being billed; the exit code
    says so. Dates are as yyyy-mm-dd.
    """
    if accounts and subscriptions:
        raise click.UsageError("--account and --subscription cannot be used together.")
    filters = [RunFilter(type="Account", account_id=key) for key in accounts]
    filters += [RunFilter(type="Subscription", subscription_id=key) for key in subscriptions]
    command = CreateBillRun(
        target_date=parse_day(said["target"], "--target"),
        invoice_date=_parsed(said["invoice_date"], "--invoice-date"),
        name=said["name"],
        auto_post=post,
        auto_renewal=renew,
        excluded=excluded,
        batches=None if filters else [ALL_BATCHES],
        filters=filters,
    )
    with opened() as application:
        scope = scope_of(chosen_entity(application, said["entity_id"]))
        with application.database.writing() as transaction:
            books = transaction.books(scope)
            run, zone = create_bill_run(books, command), books.settings.zone
        while not run.status.is_over:
            with application.database.writing() as transaction:
                books = transaction.books(scope)
                further = carry_on_bill_run(books, CarryOn(run_id=run.id))
                run = further or bill_run_by_key(books, run.id)
    say_run(wire_bill_run(run, zone), as_json=as_json)
    click.get_current_context().exit(Exit.PARTLY if run.errors else Exit.DONE)


def _parsed(text: str | None, option: str) -> date | None:
    return None if text is None else parse_day(text, option)
