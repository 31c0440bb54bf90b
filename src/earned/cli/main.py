"""The `earned` command."""

import click

from earned import __version__
from earned.cli.command import Group

COMMANDS = {
    "serve": "earned.cli.serve",
    "init": "earned.cli.init",
    "demo": "earned.cli.demo",
    "migrate": "earned.cli.migrate",
    "settings": "earned.cli.settings",
    "currencies": "earned.cli.currencies",
    "permissions": "earned.cli.permissions",
    "balances": "earned.cli.balances",
    "usage": "earned.cli.usage",
    "bill": "earned.cli.bill",
    "collect": "earned.cli.collect",
    "expire": "earned.cli.expire",
    "regenerate": "earned.cli.regenerate",
    "notifications": "earned.cli.notifications",
    "journal": "earned.cli.journal",
    "report": "earned.cli.report",
    "explain": "earned.cli.explain",
    "audit": "earned.cli.audit",
}


@click.group(cls=Group, modules=COMMANDS)
@click.version_option(__version__, prog_name="earned")
@click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error.")
def main(debug: bool) -> None:
    """Run and use a usage-to-revenue engine that speaks the Zuora API.

    The books are in the database that EARNED_DATABASE_URL names, an SQLite file in your data
    directory by default. Exit codes are listed in docs/reference/cli.md.
    """
    del debug
