"""`earned bill`: what is due becomes invoices and credit memos."""

import click

from earned.cli.command import Group

COMMANDS = {
    "run": "earned.cli.bill_run",
    "list": "earned.cli.bill_list",
    "post": "earned.cli.bill_post",
    "cancel": "earned.cli.bill_cancel",
}


@click.group(cls=Group, modules=COMMANDS)
def bill() -> None:
    """Work with bill runs."""
