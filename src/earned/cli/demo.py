"""`earned demo`: half a year of four customers, told through the API, in a database of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pkgutil import resolve_name

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from sqlalchemy import make_url

from earned.bootstrap.application import open_application, utc_now
from earned.bootstrap.first_run import ensure_books
from earned.bootstrap.listening import CannotListen, listening
from earned.bootstrap.logs import configure_logs
from earned.bootstrap.settings import ServerSettings, server_settings
from earned.cli.command import Command, as_json
from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed
from earned.cli.migrate import bring_up_to_date
from earned.cli.opening import require_current, revision_of, shown_url
from earned.cli.output import complain, say, say_json
from earned.cli.stopping import stoppable
from earned.cli.story.books import CLIENT_ID, CLIENT_SECRET, State, has_its_secret, state_of
from earned.cli.story.figures import Figures, read_figures, ties_of, wire_figures
from earned.cli.story.months import Months
from earned.cli.story.paste import Request, lines_for, requests_of
from earned.cli.story.play import Stage, play
from earned.cli.story.tables import tell_books
from earned.cli.story.usage import expected_records
from earned.cli.story.wire import Wire
from earned.storage.creation import create_if_missing

# This package may not import its sibling: what runs is named, as one names it to uvicorn.
_RUN = "earned.http.serve:run"
_BACKGROUND = "earned.http.serve:background"

_NAME_WIDTH = 12
_ONLY_HERE = ("127.0.0.1", "::1", "localhost")
_ANOTHER_PORT = "Choose another address with --host and --port; --port 0 takes a free port."


@dataclass(frozen=True, slots=True)
class Told:
    """The books of the demonstration, and requests to go on with."""

    played: bool
    figures: Figures
    requests: Sequence[Request]


@click.command(cls=Command)
@click.option("--serve", is_flag=True, help="Serve the books afterwards, until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@as_json
@click.pass_context
def demo(ctx: click.Context, serve: bool, host: str, port: int, as_json: bool) -> None:
    """Fill an empty database with a demonstration, through the API, and show what the books say.

    Half a year of four customers in three currencies: a catalog, orders, usage, corrections, closed
    periods. Where the demonstration is there already, it is shown and not made again. A database
    with anything else in it is left as it is.
    """
    if serve:
        _require_free(host, port)
    settings = server_settings()
    _prepare(settings)
    told = _told(settings, quiet=as_json)
    if told is not None and not as_json:
        tell_books(told.figures, _today())
    if serve:
        _serve(settings, host, port, partial(_announce, settings, told, host, as_json=as_json))
        return
    if as_json:
        say_json(_answer(settings, told))
    is_broken = told is not None and any(tie.broken for tie in ties_of(told.figures))
    ctx.exit(Exit.BROKEN if is_broken else Exit.DONE)


def _require_free(host: str, port: int) -> None:
    """Refuse an address that is taken before anything is done."""
    try:
        with listening(host, port):
            pass
    except CannotListen as refusal:
        raise CommandFailed(Exit.SET_UP, str(refusal), _ANOTHER_PORT) from None


def _prepare(settings: ServerSettings) -> None:
    """Make the database where there is none; migrate by itself only what is embedded or empty."""
    create_if_missing(settings.database_url)
    embedded = make_url(settings.database_url).get_backend_name() == "sqlite"
    if embedded or revision_of(settings) is None:
        bring_up_to_date(settings)
    require_current(settings)


def _told(settings: ServerSettings, *, quiet: bool) -> Told | None:
    """Tell the story where it is not told; return the books, or None where they are others'."""
    application = open_application(settings)
    try:
        state, months = state_of(application, Months.before(_today()))
        if state is State.OTHERS or (state is not State.EMPTY and not has_its_secret(application)):
            _say_of_others(settings, state, quiet=quiet)
            return None
        if state is State.EMPTY:
            ensure_books(application, CLIENT_ID, CLIENT_SECRET)
    finally:
        application.close()
    if state is State.TOLD and not quiet:
        say(f"The demonstration is in {shown_url(settings)} already; it is not made again.", "")
    with _signed_in(settings) as wire:
        if state is not State.TOLD:
            _play(settings, wire, months, quiet=quiet)
        figures = read_figures(wire)
        return Told(state is not State.TOLD, figures, requests_of(wire, figures, _today()))


def _say_of_others(settings: ServerSettings, state: State, *, quiet: bool) -> None:
    if quiet:
        return
    where = shown_url(settings)
    if state is State.OTHERS:
        say(f"There are other books in {where}; they are left as they are.")
    else:
        say(f"The demonstration in {where} has another client secret; it is left as it is.")
    say("To see the demonstration, point EARNED_DATABASE_URL at a new database.", "")


@contextmanager
def _signed_in(settings: ServerSettings) -> Iterator[Wire]:
    """Lend a client of a server on any free port, which is there for as long as the block runs."""
    calm = replace(settings, log_level="warning", rate_limits=(), auth_address_rate_limits=())
    configure_logs(calm)
    background: Callable[[ServerSettings], AbstractContextManager[str]] = resolve_name(_BACKGROUND)
    with stoppable() as stop, background(calm) as address:
        wire = Wire(address, stop)
        wire.sign_in(CLIENT_ID, CLIENT_SECRET)
        yield wire
        wire.close()


def _play(settings: ServerSettings, wire: Wire, months: Months, *, quiet: bool) -> None:
    """Tell the story, and how far it is."""
    console = Console(stderr=True)
    columns = (TextColumn(f"{'usage':{_NAME_WIDTH}}"), BarColumn(), MofNCompleteColumn())
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task("usage", total=expected_records(), start=True)

        def tell(name: str, what: str) -> None:
            if not quiet:
                say(f"{name:{_NAME_WIDTH}} {what}")

        tell("database", shown_url(settings))
        play(Stage(wire, months, tell, partial(progress.advance, task)))
    if not quiet:
        say("")


def _serve(settings: ServerSettings, host: str, port: int, announce: Callable[[str], None]) -> None:
    run: Callable[..., None] = resolve_name(_RUN)
    try:
        run(settings, host, port, announce)
    except CannotListen as refusal:
        raise CommandFailed(Exit.SET_UP, str(refusal), _ANOTHER_PORT) from None


def _announce(
    settings: ServerSettings, told: Told | None, host: str, address: str, *, as_json: bool
) -> None:
    """Say where the server is and what to do with it."""
    if as_json:
        say_json(_answer(settings, told, address))
        return
    say("", f"Earned serves {shown_url(settings)} at {address} until Ctrl-C.")
    if told is None:
        say("Sign in with a client of yours; `earned init` shows which there is.")
        return
    say(
        f"  API description  {address}/docs",
        f"  Client id        {CLIENT_ID}",
        f"  Client secret    {CLIENT_SECRET}",
        "",
        "Paste into another terminal:",
        "",
        *lines_for(address, told.requests),
        "",
    )
    if host not in _ONLY_HERE:
        complain("Whoever can reach this address can sign in: the secret is in the documentation.")


def _answer(
    settings: ServerSettings, told: Told | None, address: str | None = None
) -> Mapping[str, object]:
    """Return what a machine is told."""
    known = told is not None
    answer: dict[str, object] = {
        "success": True,
        "databaseUrl": shown_url(settings),
        "demonstration": known,
        "played": told is not None and told.played,
        "address": address,
        "clientId": CLIENT_ID if known else None,
        "clientSecret": CLIENT_SECRET if known else None,
    }
    if told is None:
        return answer
    curl = lines_for(address, told.requests) if address else []
    return {**answer, "curl": curl, **wire_figures(told.figures, _today())}


def _today() -> date:
    """Return the day in UTC, the time zone of new books."""
    return utc_now().date()
