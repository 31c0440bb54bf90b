"""`earned journal`: journal runs and their entries, on the screen and as files."""

import click

from earned.cli.command import Group

COMMANDS = {
    "run": "earned.cli.journal_run",
    "list": "earned.cli.journal_list",
    "entries": "earned.cli.journal_entries",
    "cancel": "earned.cli.journal_cancel",
    "export": "earned.cli.journal_export",
}


@click.group(cls=Group, modules=COMMANDS)
def journal() -> None:
    """Work with journal runs and journal entries."""
