"""`earned collect`: revenue events into revenue schedules."""

import click

from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say, say_json
from earned.services.collect_revenue import collect_revenue


@click.command(cls=Command)
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def collect(entity_id: str | None, as_json: bool) -> None:
    """Collect revenue events into the revenue schedules of their funds, and of overage.

    Moves only what was not collected yet, so that running it again moves nothing. Closing an
    accounting period does the same first.
    """
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.writing() as transaction:
            done = collect_revenue(transaction.books(scope))
    if as_json:
        say_json(
            {
                "success": True,
                "eventsCollected": done.events,
                "revenueEvents": done.distributions,
                "revenueSchedules": done.schedules,
            }
        )
        return
    say(
        f"{done.events:,} events collected: {len(done.distributions):,} revenue events made, "
        f"{len(done.schedules):,} revenue schedules."
    )
