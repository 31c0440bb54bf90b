"""A usage file whose server is killed: it is imported once, whole, by the next one."""

from signal import SIGKILL

import httpx2
import pytest
from click.testing import CliRunner

from earned.cli.main import main
from earned.engine.usage_files.large import LARGE_BYTES
from tests import builders
from tests.api import keeping, serving
from tests.concurrency.load import clients, servers
from tests.http.uploads import HEADER, UPLOAD, csv_of, ended, use

ROWS = 1500
# Another column makes the file one that is recorded in sets of rows.
NOTE = "x" * 800


@pytest.fixture
def shop(founded_database_url: str) -> str:
    """Sell a plan that prepays 1,000 tokens in January to A-1."""
    with keeping(founded_database_url) as keeper, builders.writing(keeper) as books:
        plan = builders.prepaid_plan(books, units=1000, price=1000, overage=2)
        builders.sell(books, builders.account(books, number="A-1"), plan, months=1)
    return founded_database_url


def upload_and_kill(database_url: str) -> str:
    """Upload a file, kill the server once it has answered; return where its status is."""
    content = csv_of(*(f"{use(1)},{NOTE}" for _ in range(ROWS)), header=f"{HEADER},NOTE")
    assert len(content) > LARGE_BYTES
    with servers(database_url) as (server,):
        with clients([server], 1) as (client,):
            headers = {**client.headers}
        del headers["Content-Type"]
        answer = httpx2.post(
            f"http://{server.host}:{server.port}{UPLOAD}",
            files={"file": ("usage.csv", content)},
            headers=headers,
        )
        server.process.send_signal(SIGKILL)
        assert server.process.wait(30) == -SIGKILL
    assert answer.status_code == 200, answer.text
    return str(answer.json()["checkImportStatus"])


def test_a_file_of_a_killed_server_is_imported_by_the_next(shop: str) -> None:
    path = upload_and_kill(shop)

    with serving(shop) as api:
        status = ended(api, path)
        with builders.writing(api) as books:
            counts = (books.usage.count(), books.guided_usage.count())
            (fund,) = books.funds.list()
            (rating,) = books.rating_results.list()

    assert (status["importStatus"], status["importedCount"]) == ("Completed", ROWS)
    assert counts == (ROWS, ROWS)
    assert fund.balance == 0
    assert rating.quantity == ROWS - 1000
    audited = CliRunner(env={"EARNED_DATABASE_URL": shop}).invoke(main, ["audit"])
    assert audited.exit_code == 0, audited.output
