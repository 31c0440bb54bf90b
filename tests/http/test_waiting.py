"""Requests that wait for others to be done with the books: for so long, and no longer."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager

import pytest
from httpx2 import Response
from sqlalchemy import Connection, event, text
from starlette.testclient import TestClient

from earned.bootstrap.application import open_application
from earned.bootstrap.settings import ServerSettings
from earned.http.app import Server
from tests import builders
from tests.api import Api, Clock, serving
from tests.http.uploads import HEADER, csv_of, send, use

URL = "/v1/object/usage"
RECORD = {"AccountNumber": "A-1", "UOM": "Token", "Quantity": 1, "StartDateTime": "2026-01-10"}
SHORTLY = 0.3
TRIES = 20


@pytest.fixture
def impatient(founded_database_url: str) -> Iterator[Api]:
    """Lend books with a customer, in which a change waits 0.3 s for its turn, and has it alone.

    Two that were carried out together would both have their turn, and wait for the lock.
    """
    with serving(founded_database_url, wait_seconds=SHORTLY, group_max=1) as api:
        with builders.writing(api) as books:
            builders.sell(
                books, builders.account(books, number="A-1"), builders.prepaid_plan(books)
            )
        yield api


@contextmanager
def keeping(api: Api) -> Iterator[None]:
    """Keep the books to ourselves while the block runs."""
    engine = api.application.database.engine.execution_options(sqlite_begin="IMMEDIATE")
    with engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE entity SET revision = revision"))
        yield


def test_who_waits_too_long_for_a_turn_is_told_to_come_back(impatient: Api) -> None:
    def send(key: str) -> Response:
        return impatient.post(URL, RECORD, Idempotency_Key=key)

    with ThreadPoolExecutor(2) as threads:
        with keeping(impatient):
            # One of them has its turn, and waits for the books; the other waits for its turn.
            sent = {threads.submit(send, key): key for key in ("one", "other")}
            (early, *_), (late, *_) = wait(sent, return_when=FIRST_COMPLETED)
        assert late.result().status_code == 200
    refused = early.result()
    assert refused.status_code == 409
    assert refused.json()["Errors"][0]["Code"] == "LOCK_COMPETITION"
    assert refused.headers["retry-after"] == "1"
    assert records(impatient) == 1

    assert send(sent[early]).status_code == 200

    assert records(impatient) == 2


def test_an_upload_that_waits_too_long_may_be_sent_again_with_its_key(
    founded_database_url: str,
) -> None:
    content = csv_of(*[f"{use(1)},{'x' * 1000}"] * 1100, header=f"{HEADER},NOTE")
    settings = ServerSettings(founded_database_url, wait_seconds=SHORTLY)  # type: ignore[arg-type]
    with (
        closing(open_application(settings, Clock())) as application,
        TestClient(Server(application)) as http,
    ):
        api = Api(http, application, Clock())
        with ExitStack() as kept:
            kept.enter_context(keeping(api))
            # Who has waited too long is the last who does: SQLite hears of it as an error, and
            # PostgreSQL as a writer's transaction that is given up.
            engine = application.database.engine
            event.listen(engine, "handle_error", lambda _: kept.close())
            event.listen(engine, "rollback", lambda one: kept.close() if is_writer(one) else None)
            send(api, content, Idempotency_Key="upload")
        # The server has other work too, which may be in the way for a moment.
        answers = (send(api, content, Idempotency_Key="upload") for _ in range(TRIES))
        assert any(answer.status_code == 200 for answer in answers)


def is_writer(connection: Connection) -> bool:
    return "sqlite_begin" in connection.get_execution_options()


@pytest.mark.parametrize(
    ("seconds", "told"), [(7, ("7s", 7000)), (0, ("0", 1_000_000_000))], ids=["some", "no limit"]
)
def test_locks_are_waited_for_as_long_as_turns(
    founded_database_url: str, dialect: str, seconds: int, told: tuple[str, int]
) -> None:
    asked = {"postgresql": "SHOW lock_timeout", "sqlite": "PRAGMA busy_timeout"}[dialect]
    settings = ServerSettings(founded_database_url, wait_seconds=seconds)
    with (
        closing(open_application(settings)) as application,
        application.database.writing() as transaction,
    ):
        assert transaction.connection.execute(text(asked)).scalar_one() in told


def records(api: Api) -> int:
    with builders.writing(api) as books:
        return books.usage.count()
