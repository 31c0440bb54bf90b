"""`earned regenerate`: daily rows and revenue events anew, from the ledger."""

import click
from rich.console import Console
from rich.progress import Progress

from earned.bootstrap.regenerating import regenerate_all
from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say, say_json


@click.command(cls=Command)
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def regenerate(entity_id: str | None, as_json: bool) -> None:
    """Make the daily rows and revenue events of all prepaid funds those of the ledger.

    What is right is left alone, and what is mended is told in the audit log. Usage, schedules and
    closed periods are never touched.
    """
    console = Console(stderr=True)
    hidden = as_json or not console.is_terminal
    with opened() as application, Progress(console=console, transient=True, disable=hidden) as bar:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.reading(scope) as books:
            task = bar.add_task("funds", total=books.funds.count())
        total = regenerate_all(
            application, scope, lambda found: bar.update(task, completed=found.funds)
        )
    done = total.done
    if as_json:
        say_json(
            {
                "success": True,
                "charges": total.charges,
                "funds": total.funds,
                "inserted": done.inserted,
                "changed": done.changed,
                "removed": done.removed,
            }
        )
        return
    say(
        f"{total.funds:,} funds of {total.charges:,} charges: daily rows {done.inserted:,} "
        f"inserted, {done.changed:,} changed, {done.removed:,} removed."
    )
