"""`earned serve`: answer HTTP until told to stop."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pkgutil import resolve_name

import click
from sqlalchemy import make_url

from earned.bootstrap.application import open_application
from earned.bootstrap.listening import CannotListen
from earned.bootstrap.settings import ServerSettings, server_settings
from earned.cli.command import Command
from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed
from earned.cli.migrate import bring_up_to_date
from earned.cli.opening import require_current, shown_url
from earned.cli.output import say
from earned.cli.workers import run_workers
from earned.domain.tenancy import OAuthClient

# This package may not import its sibling: what runs is named, as one names it to uvicorn.
_RUN = "earned.http.serve:run"

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Server processes; more than one needs PostgreSQL.",
)
@click.option("--migrate", is_flag=True, help="Apply pending migrations on PostgreSQL first.")
def serve(host: str, port: int, workers: int, migrate: bool) -> None:
    """Serve the Zuora API over the books, until Ctrl-C or SIGTERM.

    An SQLite database is made and migrated by itself. On PostgreSQL, where other servers may be
    running, migrations wait for `earned migrate` or --migrate. What was accepted is answered
    before the server ends.
    """
    with _stopping():
        settings = server_settings()
        _prepare(settings, workers, migrate)
        announce = partial(_announce, settings)
        try:
            if workers == 1:
                run: Callable[..., None] = resolve_name(_RUN)
                run(settings, host, port, announce)
            else:
                run_workers(settings, host, port, workers, announce)
        except CannotListen as refusal:
            step = "Choose another address with --host and --port; --port 0 takes a free port."
            raise CommandFailed(Exit.SET_UP, str(refusal), step) from None


@contextmanager
def _stopping() -> Iterator[None]:
    """End with exit code 0 when told to stop before the server itself takes the signals."""
    handlers = {number: signal.signal(number, _stop) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _stop(number: int, frame: object) -> None:
    del number, frame
    raise SystemExit(Exit.DONE)


def _prepare(settings: ServerSettings, workers: int, migrate: bool) -> None:
    """See that the database is there and migrated, and that it can serve so many processes."""
    embedded = make_url(settings.database_url).get_backend_name() == "sqlite"
    if embedded and workers > 1:
        raise CommandFailed(
            Exit.REFUSED,
            "--workers needs PostgreSQL: an SQLite file has one writer at a time.",
            "Leave --workers away, or point EARNED_DATABASE_URL at PostgreSQL.",
        )
    if embedded or migrate:
        _migrate(settings)
    require_current(settings)


def _migrate(settings: ServerSettings) -> None:
    before, after = bring_up_to_date(settings)
    if before != after:
        say(f"Migrated {shown_url(settings)} from {before or 'empty'} to revision {after}.")


def _announce(settings: ServerSettings, address: str) -> None:
    """Say where the server is and how to get a token."""
    say(f"Earned serves {shown_url(settings)} at {address}", "")
    client_id = _first_client_id(settings)
    if client_id is None:
        say("There is no client yet that may ask for tokens. In another terminal: earned init")
        return
    say(
        "Get a token:",
        f"  curl {address}/oauth/token -d grant_type=client_credentials \\",
        f"    -d client_id={client_id} -d client_secret=<its secret>",
    )


def _first_client_id(settings: ServerSettings) -> str | None:
    application = open_application(settings)
    try:
        clients = application.clients.list(OAuthClient)
        return clients[0].id if clients else None
    finally:
        application.close()
