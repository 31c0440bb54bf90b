"""`earned usage`: usage records, from files."""

import click

from earned.cli.command import Group

COMMANDS = {
    "import": "earned.cli.usage_import",
}


@click.group(cls=Group, modules=COMMANDS)
def usage() -> None:
    """Work with usage records."""
