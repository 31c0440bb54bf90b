"""All there is to do at once: orders, usage, uploads, bills, regeneration; and a kill -9."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from signal import SIGKILL
from threading import Event

from click.testing import CliRunner

from earned.bootstrap.application import open_application
from earned.bootstrap.settings import ServerSettings
from earned.cli.main import main
from earned.storage.imports import waiting_imports
from tests.concurrency import everything
from tests.concurrency.everything import Seller
from tests.concurrency.load import Answer, Client, Disturbance, Request, clients, servers

SELLERS, ENOUGH = 4, 20
DECEMBER = "Dec'2025"
# 105 points in January, 5 of them overage at 2.00; 20 in February; March is taken back.
EXPECTED = {
    "subscriptions": ["Cancelled"],
    "records": 25,
    "left": [0, 80, 0],
    "documents": [("Invoice", "Posted", 70_00), ("Invoice", "Posted", 80_00)],
}


def go_on(sellers: Sequence[Seller], senders: Sequence[Client], killing: Disturbance) -> None:
    """Have each seller go on, each with a client; who loses the server stops."""

    def work(seller: Seller, sender: Client) -> None:
        def send(request: Request) -> Answer:
            answer = sender.send(request)
            killing.count()
            return answer

        try:
            seller.go_on(send)
        except (OSError, HTTPException):
            return

    with ThreadPoolExecutor(len(sellers)) as threads:
        list(threads.map(work, sellers, senders))


def test_everything_at_once_is_done_once_whatever_is_killed(
    founded_database_url: str, dialect: str
) -> None:
    url = founded_database_url
    everything.set_up(url, SELLERS)
    sellers = [Seller(number, url) for number in range(SELLERS)]
    count = 1 if dialect == "sqlite" else 2
    with servers(url, count) as running:
        killed = running[0].process
        with clients(running, SELLERS) as senders:
            go_on(sellers, senders, Disturbance(ENOUGH, lambda: killed.send_signal(SIGKILL)))
        assert killed.wait(30) == -SIGKILL
        with servers(url) as (new,), clients([*running[1:], new], SELLERS) as senders:
            go_on(sellers, senders, Disturbance(0, int))
            everything.close_and_reopen(senders[0], url, DECEMBER)
            wait_for_imports(url)

    assert everything.told(url) == [EXPECTED] * SELLERS
    audited = CliRunner(env={"EARNED_DATABASE_URL": url}).invoke(main, ["audit"])
    assert audited.exit_code == 0, audited.output


def wait_for_imports(database_url: str) -> None:
    """Wait until no uploaded file waits any more."""
    application = open_application(ServerSettings(database_url))
    try:
        while waiting_imports(application.database.engine):
            Event().wait(0.05)
    finally:
        application.close()
