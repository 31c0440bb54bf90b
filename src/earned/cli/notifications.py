"""`earned notifications`: who was told that prepaid units run low."""

import click

from earned.cli.command import Group

COMMANDS = {
    "list": "earned.cli.notifications_list",
    "resend": "earned.cli.notifications_resend",
}


@click.group(cls=Group, modules=COMMANDS)
def notifications() -> None:
    """Look after notifications of thresholds."""
