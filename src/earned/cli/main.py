"""The `earned` command."""

import click

from earned import __version__


@click.group()
@click.version_option(__version__, prog_name="earned")
def main() -> None:
    """Run and use a usage-to-revenue engine that speaks the Zuora API."""
