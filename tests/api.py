"""A server in this process and a client of it, for tests that speak the wire; and books alone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from earned.bootstrap.application import Application, open_application
from earned.bootstrap.first_run import change_settings, ensure_books
from earned.bootstrap.identity import IdSource, token_hash
from earned.bootstrap.settings import ServerSettings
from earned.domain.tenancy import AccessToken, Entity, OAuthClient
from earned.http.app import Server
from earned.storage.clients import Clients
from earned.storage.database import Database
from earned.storage.engine import open_engine
from tests.lending import lent_engine

CLIENT_ID = "00000000-0000-4000-8000-000000000001"
CLIENT_SECRET = "a-secret-of-the-tests"
TOKEN = "a-token-of-the-tests"
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
QUICK = 1  # Tests sign in a thousand times; nobody attacks their secrets.
NEW_ERRORS = {"Zuora-Version": "2025-08-12"}
UNLIMITED = {"rate_limits": (), "auth_rate_limits": (), "auth_address_rate_limits": ()}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Ids:
    """Ids in their order, the same each time; those of a later `lead` come after them."""

    lead: str
    last: int = 0

    def __call__(self) -> str:
        self.last += 1
        return f"{self.lead}{self.last:015x}{0:016x}"


class Keeper:
    """Who keeps the books: an application, and the clock it looks at."""

    def __init__(self, application: Application, clock: Clock) -> None:
        self.application = application
        self.clock = clock

    def settings(self, **changes: object) -> None:
        """Change settings of the first entity."""
        change_settings(self.application, self.application.clients.list(Entity)[0], dict(changes))


class Api(Keeper):
    """An authenticated client. Requests speak the newest version: errors come with a status."""

    def __init__(self, http: TestClient, application: Application, clock: Clock) -> None:
        super().__init__(application, clock)
        self.http = http
        self.headers: dict[str, str] = {**NEW_ERRORS, "Authorization": f"Bearer {TOKEN}"}

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """Send a request; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, path, json=body, headers={**self.headers, **named})

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        return self.request("POST", path, body, **headers)

    def get(self, path: str, **headers: str) -> Response:
        return self.request("GET", path, None, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Response:
        return self.request("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Response:
        return self.request("DELETE", path, None, **headers)

    def made(self, path: str, body: Any, **headers: str) -> dict[str, Any]:
        """Post what must succeed; return the answer."""
        response = self.post(path, body, **headers)
        answer: dict[str, Any] = response.json()
        assert response.status_code == 200, answer
        assert answer.get("success", answer.get("Success")) is True, answer
        return answer

    def found(self, path: str, **headers: str) -> Any:
        """Get what must be there; return the answer."""
        response = self.get(path, **headers)
        assert response.status_code == 200, response.text
        return response.json()


def sign_in(http: TestClient, client_id: str, secret: str) -> dict[str, str]:
    """Return the header of a fresh token."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    answer = http.post("/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def found(database_url: str) -> None:
    """Make the books that tests sign in to, on a migrated database."""
    application = open_application(ServerSettings(database_url), Clock())
    _found(application)
    application.close()


def _found(application: Application) -> None:
    """Make books, with a token for the tests that are not about signing in."""
    ensure_books(application, CLIENT_ID, CLIENT_SECRET, secret_cost=QUICK)
    token = AccessToken(token_hash=token_hash(TOKEN), client_id=CLIENT_ID, expires_at=_NEVER)
    application.clients.add_token(token, application.clock())


class _LentDatabase(Database):
    """A database whose connections stay, for whoever it is lent to next."""

    def close(self) -> None:
        """Let go of what is ours."""
        self._standing.drop()


def _opened(
    settings: ServerSettings, clock: Clock, new_id: Callable[[], str] | None = None
) -> Application:
    """Open a migrated database, with books in it."""
    engine = lent_engine(settings.database_url)
    if engine is not None:
        database: Database = _LentDatabase(engine, clock, new_id or IdSource())
    else:
        engine = open_engine(settings.database_url)
        database = Database(engine, clock, new_id or IdSource())
    application = Application(settings, database, Clients(engine), clock)
    if not application.clients.list(OAuthClient):
        _found(application)
    return application


@contextmanager
def serving(database_url: str, clock: Clock | None = None, **settings: Any) -> Iterator[Api]:
    """Lend a client of a server on a migrated database."""
    clock = clock or Clock()
    chosen: Mapping[str, Any] = {**UNLIMITED, **settings}
    application = _opened(ServerSettings(database_url, **chosen), clock)
    with TestClient(Server(application)) as http:
        yield Api(http, application, clock)


@contextmanager
def keeping(database_url: str, new_id: Callable[[], str] | None = None) -> Iterator[Keeper]:
    """Lend the books of a migrated database: nobody else works on them, as a server would.

    With ids of one's own, books are the same each time they are made.
    """
    clock = Clock()
    with closing(_opened(ServerSettings(database_url), clock, new_id)) as application:
        yield Keeper(application, clock)
