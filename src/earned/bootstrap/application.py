"""The application: the books behind a database, its clients, and the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from earned.bootstrap.identity import IdSource, new_token, secret_matches, token_hash
from earned.bootstrap.settings import ServerSettings
from earned.domain.tenancy import AccessToken, OAuthClient, Scope
from earned.storage.clients import Clients
from earned.storage.database import Database
from earned.storage.engine import open_engine
from earned.storage.imports import forget_lost_parts
from earned.storage.locators import forget_locators
from earned.storage.migrate import current_revision, head_revision
from earned.storage.replies import forget_expired


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

    def knows_secret(self, client: OAuthClient, secret: str) -> bool:
        """Say whether `secret` is the client's."""
        return secret_matches(secret, client.secret_hash)

    def issue_token(self, client: OAuthClient) -> str:
        """Return a new token for a client."""
        token = new_token()
        lifetime = timedelta(seconds=self.settings.token_seconds)
        now = self.clock()
        issued = AccessToken(
            token_hash=token_hash(token), client_id=client.id, expires_at=now + lifetime
        )
        self.clients.add_token(issued, now)
        return token

    def revoke_token(self, client: OAuthClient, token: str) -> None:
        """Forget a token of the client; harmless when it has no such token."""
        self.clients.remove_token(token_hash(token), client.id)

    def find_client(self, token: str) -> tuple[OAuthClient, datetime] | None:
        """Return the active client that a token was issued to, and when the token expires."""
        return self.clients.find_by_token(token_hash(token))

    def default_version(self, scope: Scope) -> str:
        """Return the API version that an entity has chosen for requests that name none."""
        with self.database.reading(scope) as books:
            return books.settings.default_zuora_version

    def forget_expired(self, most: int) -> int:
        """Delete what is kept for a time that is over; return how many of one kind.

        At most `most` of each: kept answers, query locators, parts of files that never came whole.
        """
        engine, now = self.database.engine, self.database.latest()
        forget = (forget_expired, forget_locators, forget_lost_parts)
        return max(forget_some(engine, now, most) for forget_some in forget)

    def is_migrated(self) -> bool:
        """Say whether the database has the schema of this program; raises if it cannot tell."""
        return current_revision(self.database.engine) == head_revision()

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def open_application(
    settings: ServerSettings, clock: Callable[[], datetime] = utc_now
) -> Application:
    """Open the database that `settings` name; it is migrated already."""
    engine = open_engine(settings.database_url, settings.wait_seconds)
    return Application(settings, Database(engine, clock, IdSource()), Clients(engine), clock)
