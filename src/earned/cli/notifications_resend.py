"""`earned notifications resend`: once more."""

import click

from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say, say_json
from earned.services.resend_notification import resend_notification


@click.command("resend", cls=Command)
@click.argument("notification")
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def notifications_resend(notification: str, entity_id: str | None, as_json: bool) -> None:
    """Send a notification again that was given up, or taken. A running server does."""
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.writing() as transaction:
            sent = resend_notification(transaction.books(scope), notification)
    if as_json:
        say_json({"success": True, "id": sent.id})
    else:
        say(f"Notification {sent.id} is on its way.")
