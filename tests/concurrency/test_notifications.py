"""A server that is killed between the commit of a notification and its delivery."""

from collections.abc import Iterator
from queue import Empty
from signal import SIGKILL
from typing import Any

import pytest
from click.testing import CliRunner

from earned.bootstrap.application import utc_now
from earned.cli.main import main
from earned.storage.outbox import LEASE
from tests import builders
from tests.api import Api, Clock, serving
from tests.concurrency.load import USAGE, Request, clients, servers
from tests.receiver import Receiver, Sent, receiving

THRESHOLDS = "/v1/notifications/thresholds"
DELIVERED = "/v1/notifications/deliveries?state=Delivered"
SECRET = "a-secret-between-us"
TRIES = 4000


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as lent:
        yield lent


@pytest.fixture
def shop(founded_database_url: str, receiver: Receiver) -> str:
    """Sell 1,000 tokens to A-1; somebody wants to know below 500, and below 100."""
    with serving(founded_database_url) as api:
        with builders.writing(api) as books:
            plan = builders.prepaid_plan(books, units=1000, price=10)
            builders.sell(books, builders.account(books, number="A-1"), plan, months=1)
        for value in (500, 100):
            body = {"name": f"Below {value}", "mode": "Units", "value": value}
            api.made(THRESHOLDS, {**body, "url": receiver.url, "secret": SECRET})
    return founded_database_url


def use(quantity: int) -> Request:
    record = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": "2026-01-10"}
    return Request(USAGE, {**record, "Quantity": quantity})


def all_delivered(api: Api) -> list[Any]:
    """Return the notifications when both have been taken."""
    told = (api.found(DELIVERED)["deliveries"] for _ in range(TRIES))
    found: list[Any] = next(some for some in told if len(some) == 2)
    return found


def received(receiver: Receiver) -> Iterator[Sent]:
    """Yield what has come meanwhile."""
    try:
        while True:
            yield receiver.sent.get_nowait()
    except Empty:
        return


def test_what_a_killed_server_had_not_delivered_the_next_one_delivers(
    shop: str, receiver: Receiver
) -> None:
    """One notification is on its way, the other committed and not begun, when the server is killed.

    The first comes again, byte for byte with the same id, when the claim of the dead has lapsed.
    """
    receiver.may_answer.clear()
    with servers(shop) as (server,):
        with clients([server], 1) as (client,):
            assert client.send(use(501)).status == 200
            first = receiver.next()
            assert client.send(use(400)).status == 200
            server.process.send_signal(SIGKILL)
        assert server.process.wait(30) == -SIGKILL
    assert list(received(receiver)) == []
    receiver.may_answer.set()

    clock = Clock()
    clock.now = utc_now() + LEASE
    with serving(shop, clock, callouts_to_private=True) as api:
        delivered = all_delivered(api)

    sent = {one.headers["webhook-id"]: one.body for one in received(receiver)}
    assert sent.keys() == {one["id"] for one in delivered}
    assert sent[first.headers["webhook-id"]] == first.body
    attempts = {one["id"] == first.headers["webhook-id"]: one["attempts"] for one in delivered}
    assert attempts == {True: 2, False: 1}
    audited = CliRunner(env={"EARNED_DATABASE_URL": shop}).invoke(main, ["audit"])
    assert audited.exit_code == 0, audited.output
