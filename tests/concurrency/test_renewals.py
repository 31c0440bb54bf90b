"""Renewals by billing: each is made once, whoever is killed, and however many servers renew."""

from collections import Counter
from random import Random
from signal import SIGKILL
from threading import Event

from earned.domain.bill_run import AT_ONCE
from earned.domain.terms import Length
from earned.services.audit_books import audit_books
from tests import builders
from tests.api import keeping
from tests.concurrency.load import (
    Client,
    Request,
    by_status,
    clients,
    reading,
    send_all,
    servers,
)

RUNS = "/v1/bill-runs"
DAY = "2026-02-01"
RUN = {"targetDate": DAY, "invoiceDate": DAY, "autoRenewal": True}
LAST = f"A{AT_ONCE + 1:08}"
GENERATE = f"/v1/accounts/{LAST}/billing-documents/generate"
BODY = {"effectiveDate": DAY, "targetDate": DAY, "autoRenew": True}
ONE = {"billRunFilters": [{"filterType": "Account", "accountId": LAST}]}


def set_up(database_url: str, customers: int) -> None:
    """Sell ten tokens a month for 7.00, for a month that renews by itself."""
    with keeping(database_url) as keeper, builders.writing(keeper) as books:
        plan = builders.prepaid_plan(books, units=10, price=7)
        for _ in range(customers):
            account = builders.account(books)
            builders.sell(books, account, plan, months=1, auto_renew=True, renewal_term=Length(1))


def check_renewed_once(database_url: str, customers: int) -> None:
    """Each subscription has two versions and two funds, an order, and bills of two months."""
    with reading(database_url) as books:
        assert list(audit_books(books, Counter())) == []
        versions = Counter(one.number for one in books.subscriptions.list())
        orders = Counter(one.account_id for one in books.orders.list())
        funds = Counter(one.account_id for one in books.funds.list())
        billed: Counter[str] = Counter()
        for one in books.documents.list():
            billed[one.account_id] += one.amount_minor
    for counted, each in ((versions, 2), (orders, 1), (funds, 2), (billed, 14_00)):
        assert sorted(counted.values()) == [each] * customers


def wait_for(sender: Client, number: str) -> str:
    """Wait until a bill run is over; return its status."""
    while True:
        status = str(sender.send(Request(f"{RUNS}/{number}", {}, method="GET")).body["status"])
        if status not in {"Pending", "Processing"}:
            return status
        Event().wait(0.05)


def test_each_is_renewed_once_by_a_run_of_a_killed_server_and_by_others_at_once(
    founded_database_url: str, dialect: str
) -> None:
    """The next servers carry the run on, while somebody has one of its subscriptions renewed too.

    On PostgreSQL there are two of them.
    """
    url, customers = founded_database_url, AT_ONCE + 1
    set_up(url, customers)
    begin = Request(RUNS, {**RUN, "batches": ["AllBatches"]}, "a run")
    with servers(url) as (server,):
        with clients([server], 1) as (sender,):
            begun = sender.send(begin)
            server.process.send_signal(SIGKILL)
        assert server.process.wait(30) == -SIGKILL
    assert (begun.status, begun.body["status"]) == (200, "Pending")

    requests = [Request(GENERATE, BODY), Request(RUNS, {**RUN, **ONE})] * 4
    Random(7).shuffle(requests)  # noqa: S311 - The same at each run.
    with (
        servers(url, 1 if dialect == "sqlite" else 2) as running,
        clients(running, len(requests)) as senders,
    ):
        answers = send_all(senders, requests)
        assert senders[0].send(begin).body == begun.body
        assert wait_for(senders[0], begun.body["billRunNumber"]) == "Completed"

    assert by_status(answers) == {200: len(requests)}
    check_renewed_once(url, customers)
