"""`earned bill list`: the bill runs there are."""

import click

from earned.cli.bill_tables import say_runs
from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.services.show_bill_run import wire_bill_run


@click.command("list", cls=Command)
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def bill_list(entity_id: str | None, as_json: bool) -> None:
    """List bill runs, the newest first. Those that were deleted are not there."""
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.reading(scope) as books:
            zone = books.settings.zone
            found = books.bill_runs.list(order_by=["-number"])
            runs = [wire_bill_run(run, zone) for run in found]
    say_runs(runs, as_json=as_json)
