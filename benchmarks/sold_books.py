"""Books to load: one account with a prepaid plan, sold through the use cases."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from json import loads
from urllib.parse import urlencode

from earned.bootstrap.application import Application, open_application
from earned.bootstrap.first_run import ensure_books
from earned.bootstrap.settings import ServerSettings
from earned.domain.tenancy import Entity, Scope
from earned.services.record_usage import RECORD_USAGE, RecordUsage
from earned.storage.migrate import upgrade
from tests import builders

CLIENT_ID = "00000000-0000-4000-8000-000000000001"
SECRET = "a-secret-of-the-benchmarks"  # noqa: S105 - Of a server that lives for seconds.
UNITS = 9_000_000_000
GROUP = 1000
DAY = "2026-01-15T10:00:00Z"


@contextmanager
def opened(url: str) -> Iterator[Application]:
    """Lend the application on a database that is there."""
    application = open_application(ServerSettings(url))
    try:
        yield application
    finally:
        application.close()


def sell(url: str) -> None:
    """Migrate the database and sell a plan whose fund outlasts every load."""
    upgrade(url)
    with opened(url) as application:
        ensure_books(application, CLIENT_ID, SECRET)
        with application.database.writing() as transaction:
            books = transaction.books(scope(application))
            plan = builders.prepaid_plan(books, units=UNITS)
            builders.sell(books, builders.account(books), plan)


def fill(url: str, records: int) -> None:
    """Record usage in groups, past the wire, until there are `records` more."""
    with opened(url) as application:
        mine = scope(application)
        for start in range(0, records, GROUP):
            size = min(GROUP, records - start)
            commands = [RecordUsage(fields=usage(start + place)) for place in range(size)]
            with application.database.writing(structural=False) as transaction:
                RECORD_USAGE.run(transaction.books(mine), commands)


def usage(place: int) -> dict[str, object]:
    """Return the fields of the usage record at a place in the load."""
    return {
        "AccountNumber": "A00000001",
        "UOM": "Token",
        "Quantity": place % 97 + 1,
        "StartDateTime": DAY,
        "Description": "load",
    }


def stored(url: str) -> int:
    """Count the usage records."""
    with opened(url) as application, application.database.reading(scope(application)) as books:
        return books.usage.count()


def token(port: int) -> str:
    """Sign in and return a bearer token."""
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": SECRET}
    connection = HTTPConnection("127.0.0.1", port)
    connection.request(
        "POST",
        "/oauth/token",
        urlencode(form),
        {"content-type": "application/x-www-form-urlencoded"},
    )
    answer = loads(connection.getresponse().read())
    connection.close()
    return str(answer["access_token"])


def scope(application: Application) -> Scope:
    """Return who loads: somebody who sees all of the first entity."""
    entity = application.clients.list(Entity)[0]
    return Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="load")
