"""`earned init`: make the database, the books and a client that may ask for tokens."""

from dataclasses import dataclass

import click

from earned.bootstrap.application import Application, open_application
from earned.bootstrap.first_run import Credentials, ensure_books, rotate_secret
from earned.bootstrap.settings import ServerSettings, server_settings
from earned.cli.command import Command, as_json
from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed
from earned.cli.migrate import bring_up_to_date
from earned.cli.opening import shown_url
from earned.cli.output import say, say_json
from earned.domain.settings import parse_setting
from earned.domain.tenancy import OAuthClient
from earned.storage.creation import create_if_missing

CLIENT_ID_LENGTH = 36
CLIENT_SECRET_LENGTH_MAX = 42


@dataclass(frozen=True, slots=True)
class Asked:
    """The client that was asked for; None where it is left to us."""

    client_id: str | None
    secret: str | None
    rotate: bool


@click.command(cls=Command)
@click.option("--client-id", help="Id of the OAuth client, 36 characters; made if not given.")
@click.option("--client-secret", help="Its secret, at most 42 characters; made if not given.")
@click.option("--rotate", is_flag=True, help="Give a client that exists a new secret.")
@click.option("--time-zone", help="Time zone of the books, for example Europe/Berlin.")
@as_json
def init(
    client_id: str | None,
    client_secret: str | None,
    rotate: bool,
    time_zone: str | None,
    as_json: bool,
) -> None:
    """Create the database, its books and an OAuth client.

    Running it again is harmless: what is there stays. A generated secret is shown this once. A
    client that exists keeps its secret unless --rotate is given, which also ends its tokens.
    """
    asked = Asked(_client_id(client_id), _client_secret(client_secret), rotate)
    if time_zone is not None:
        parse_setting("timeZone", time_zone)
    settings = server_settings()
    create_if_missing(settings.database_url)
    bring_up_to_date(settings)
    application = open_application(settings)
    try:
        credentials = _credentials(application, asked, time_zone)
    finally:
        application.close()
    _report(settings, credentials, as_json)


def _client_id(text: str | None) -> str | None:
    if text is not None and (len(text) != CLIENT_ID_LENGTH or not _is_plain(text)):
        raise CommandFailed(
            Exit.REFUSED,
            f"--client-id should have {CLIENT_ID_LENGTH} characters, letters, digits and hyphens, "
            f"because Zuora clients demand it; '{text}' has {len(text)}.",
            "A UUID will do: 00000000-0000-4000-8000-000000000001",
        )
    return text


def _client_secret(text: str | None) -> str | None:
    if text is not None and not (0 < len(text) <= CLIENT_SECRET_LENGTH_MAX and text.isascii()):
        raise CommandFailed(
            Exit.REFUSED,
            f"--client-secret should have 1 to {CLIENT_SECRET_LENGTH_MAX} ASCII characters, "
            f"because Zuora clients demand it; this one has {len(text)}.",
        )
    return text


def _is_plain(text: str) -> bool:
    return text.isascii() and text.replace("-", "").isalnum()


def _credentials(application: Application, asked: Asked, time_zone: str | None) -> Credentials:
    """Make what is missing; refuse before anything changes where a secret does not fit."""
    known = _known_client(application, asked.client_id)
    differs = known and asked.secret and not application.knows_secret(known, asked.secret)
    if known and differs and not asked.rotate:
        raise CommandFailed(
            Exit.REFUSED,
            f"The client {known.id} exists and has another secret.",
            "Leave --client-secret away to keep it, or add --rotate to replace it.",
        )
    credentials = ensure_books(application, asked.client_id, asked.secret, time_zone)
    if asked.rotate and not credentials.created:
        return rotate_secret(application, credentials.client_id, asked.secret)
    return credentials


def _known_client(application: Application, client_id: str | None) -> OAuthClient | None:
    clients = application.clients.list(OAuthClient)
    return next((client for client in clients if client_id in {None, client.id}), None)


def _report(settings: ServerSettings, credentials: Credentials, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "success": True,
                "databaseUrl": shown_url(settings),
                "clientId": credentials.client_id,
                "clientSecret": credentials.client_secret,
                "created": credentials.created,
            }
        )
        return
    secret = credentials.client_secret or "(as it was; --rotate makes a new one)"
    say(
        f"Books:         {shown_url(settings)}",
        f"Client id:     {credentials.client_id}",
        f"Client secret: {secret}",
    )
    if credentials.created:
        say("Keep the secret: only its hash is stored. Next: earned serve")
