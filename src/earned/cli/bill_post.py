"""`earned bill post`: the drafts of a run enter the books."""

import click

from earned.cli.bill_ending import end_run
from earned.cli.command import Command, as_json
from earned.services.end_bill_run import post_bill_run


@click.command("post", cls=Command)
@click.argument("run")
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def bill_post(run: str, entity_id: str | None, as_json: bool) -> None:
    """Post every draft of a bill run; all of them or none."""
    end_run(post_bill_run, run, entity_id, as_json=as_json)
