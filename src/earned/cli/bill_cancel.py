"""`earned bill cancel`: the drafts of a run go."""

import click

from earned.cli.bill_ending import end_run
from earned.cli.command import Command, as_json
from earned.services.end_bill_run import cancel_bill_run


@click.command("cancel", cls=Command)
@click.argument("run")
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def bill_cancel(run: str, entity_id: str | None, as_json: bool) -> None:
    """Throw the drafts of a bill run away; what it billed is due again."""
    end_run(cancel_bill_run, run, entity_id, as_json=as_json)
