"""The application: the books behind a database, its clients, and the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from earned.bootstrap.identity import IdSource, new_token, secret_matches, token_hash
from earned.bootstrap.settings import ServerSettings
from earned.domain.tenancy import AccessToken, OAuthClient
from earned.storage.clients import Clients
from earned.storage.database import Database
from earned.storage.engine import open_engine


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)  # noqa: TID251 - This is the one place that does.


@dataclass(frozen=True, slots=True)
class Application:
    """What HTTP and the command line work with."""

    settings: ServerSettings
    database: Database
    clients: Clients
    clock: Callable[[], datetime]

    def issue_token(self, client_id: str, secret: str) -> tuple[str, OAuthClient] | None:
        """Return a new token for a client that knows its secret, else None."""
        client = self.clients.find(client_id)
        if client is None or not client.active or not secret_matches(secret, client.secret_hash):
            return None
        token = new_token()
        lifetime = timedelta(seconds=self.settings.token_seconds)
        now = self.clock()
        issued = AccessToken(
            token_hash=token_hash(token), client_id=client.id, expires_at=now + lifetime
        )
        self.clients.add_token(issued, now)
        return token, client

    def find_client(self, token: str) -> tuple[OAuthClient, datetime] | None:
        """Return the active client that a token was issued to, and when the token expires."""
        return self.clients.find_by_token(token_hash(token))

    def close(self) -> None:
        """Let go of the database."""
        self.database.engine.dispose()


def open_application(
    settings: ServerSettings, clock: Callable[[], datetime] = utc_now
) -> Application:
    """Open the database that `settings` name; it is migrated already."""
    engine = open_engine(settings.database_url)
    return Application(settings, Database(engine, clock, IdSource()), Clients(engine), clock)
