"""`earned notifications list`: what was sent, what waits, what was given up."""

from typing import Any

import click

from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say, say_exact_json, say_table
from earned.domain.notifying import State
from earned.services.show_notification import wire_notification

_COLUMNS = ("id", "state", "attempts", "lastStatus", "lastError", "createdDate")


@click.command("list", cls=Command)
@click.option("--state", type=click.Choice(list(State), case_sensitive=False), help="Only those.")
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def notifications_list(state: str | None, entity_id: str | None, as_json: bool) -> None:
    """List notifications, the newest first."""
    criteria: dict[str, Any] = {"state": State(state)} if state else {}
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.reading(scope) as books:
            zone = books.settings.zone
            found = books.notifications.list(order_by=["-id"], **criteria)
            shown = [wire_notification(one, zone) for one in found]
    if as_json:
        say_exact_json({"success": True, "deliveries": shown})
    elif shown:
        say_table(_COLUMNS, [[str(one[name] or "") for name in _COLUMNS] for one in shown])
    else:
        say("No notifications.")
