"""Runs, cancellations and distributions at once, at two processes: nothing is posted twice."""

from collections import Counter
from decimal import Decimal

from earned.services.audit_books import audit_books
from tests.api import serving
from tests.builders import writing
from tests.concurrency.load import Request, clients, send_all, servers
from tests.http.by_hand import SCHEDULES, new_amounts
from tests.http.journal import REVENUE, RUNS, Ledger

CLIENTS = 6
SCHEDULED, ROUNDS = 12, 48
RUN = Request(RUNS, {"transactionTypes": REVENUE, "accountingPeriodName": "Jan'2013"})


def requests(numbers: list[str]) -> list[Request]:
    """Return runs, cancellations of runs there may be, and changes of schedules, in turns."""
    asked = []
    for place in range(ROUNDS):
        cents = place % 100
        amounts = {"Jan'2013": f"1.{cents:02}", "Feb'2013": f"{1 - Decimal(cents) / 100:.2f}"}
        number = numbers[place % len(numbers)]
        path = f"{SCHEDULES}/{number}/distribute-revenue-across-accounting-periods"
        asked.append(Request(path, {"revenueDistributions": new_amounts(amounts)}, method="PUT"))
        asked.append(RUN)
        if place % 3 == 0:
            asked.append(Request(f"{RUNS}/JR-{place // 2 + 1:08}/cancel", {}, method="PUT"))
    return asked


def test_each_revenue_event_item_is_in_one_entry(migrated_database_url: str) -> None:
    with serving(migrated_database_url) as api:
        ledger = Ledger(api)
        numbers = [
            ledger.schedule("2", {"Jan'2013": "1", "Feb'2013": "1"}) for _ in range(SCHEDULED)
        ]
    processes = 2 if migrated_database_url.startswith("postgresql") else 1
    with (
        servers(migrated_database_url, processes) as running,
        clients(running, CLIENTS) as senders,
    ):
        answers = send_all(senders, requests(numbers))
        assert {answer.status for answer in answers} <= {200, 400, 404}
        (last,) = send_all(senders[:1], [RUN])
        assert last.status == 200

    with serving(migrated_database_url) as api, writing(api) as books:
        january = books.periods.find(name="Jan'2013")
        assert january
        items = {
            (item.distribution_id, item.period_id)
            for item in books.distribution_items.list(period_id=january.id)
        }
        links = [(link.source_id, link.period_id) for link in books.posted.list(released_at=None)]
        assert Counter(links) == Counter(items)
        assert books.journal_runs.count() > ROUNDS
        assert list(audit_books(books, Counter())) == []
