"""`earned journal`: the journal, as files."""

import click

from earned.cli.command import Group

COMMANDS = {
    "export": "earned.cli.journal_export",
}


@click.group(cls=Group, modules=COMMANDS)
def journal() -> None:
    """Work with journal entries."""
