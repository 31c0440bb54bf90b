"""`earned bill post`: the drafts of a run enter the books."""

import click

from earned.cli.bill_tables import say_run
from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.services.end_bill_run import NamedBillRun, post_bill_run
from earned.services.show_bill_run import wire_bill_run


@click.command("post", cls=Command)
@click.argument("run")
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def bill_post(run: str, entity_id: str | None, as_json: bool) -> None:
    """Post every draft of a bill run; all of them or none."""
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.writing() as transaction:
            books = transaction.books(scope)
            ended = post_bill_run(books, NamedBillRun(key=run))
            shown = wire_bill_run(ended, books.settings.zone)
    say_run(shown, as_json=as_json)
