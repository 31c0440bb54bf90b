"""`earned migrate`: bring the database to the revision this program needs."""

import click

from earned.bootstrap.settings import ServerSettings, server_settings
from earned.cli.command import Command, as_json
from earned.cli.opening import revision_of, shown_url
from earned.cli.output import say, say_json
from earned.storage.migrate import upgrade


@click.command(cls=Command)
@as_json
def migrate(as_json: bool) -> None:
    """Apply the migrations that the database does not have yet.

    Running it again is harmless. Stop the servers first when the release notes say so.
    """
    settings = server_settings()
    before, after = bring_up_to_date(settings)
    if as_json:
        say_json({"success": True, "from": before, "to": after, "changed": before != after})
    elif before == after:
        say(f"{shown_url(settings)} is at revision {after} already.")
    else:
        say(f"Migrated {shown_url(settings)} from {before or 'empty'} to revision {after}.")


def bring_up_to_date(settings: ServerSettings) -> tuple[str | None, str | None]:
    """Migrate; return the revisions before and after."""
    before = revision_of(settings)
    upgrade(settings.database_url)
    return before, revision_of(settings)
