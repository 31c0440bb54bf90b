"""A load of everything that moves units, whose outcome does not depend on who comes first.

Each record is one client's, from its first request to its last; funds do not run out. What order
does decide, a rollover and what is depleted of it, is done to another customer's funds.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from random import Random
from typing import Any

from sqlalchemy import text

from earned.bootstrap.application import open_application
from earned.bootstrap.settings import ServerSettings
from tests import builders
from tests.api import keeping
from tests.concurrency.load import USAGE, Answer, Client, Disturbance, Request, reading

Step = Callable[[str], Request]
"""What is asked next, given the id of the record."""

UPSERTING = {"X-Zuora-WSDL-Version": "114"}
_DONE, _NOT_THERE = 200, 404

# What is drawn anew in each run: ids, instants, and who came first.
_ANEW = {"id", "created_at", "updated_at", "usage_id", "sequence", "version"}
_ANEW |= {"bill_run_id", "document_id", "invoice_item_id", "posted_at"}
_ANEW_OF = {"balance_transaction": {"balance", "source_id"}}
TABLES = (
    "fund",
    "prepaid_balance",
    "validity_period_summary",
    "usage_record",
    "guided_usage",
    "balance_transaction",
    "daily_consumption",
    "revenue_event",
    "rating_result",
    "revenue_schedule",
    "billing_document",
    "billing_document_item",
)

_ROWS = {table: text(f"SELECT * FROM {table}") for table in TABLES}  # noqa: S608 - Names of ours.


def set_up(database_url: str) -> None:
    """Sell tokens in advance and calls in arrears to one customer, points to another."""
    with keeping(database_url) as keeper, builders.writing(keeper) as books:
        plan = builders.prepaid_plan(books, units=1_000_000, price=777)
        free: dict[str, Any] = {"is_prepaid": False, "prepaid_operation_type": None}
        free |= {"drawdown_uom": None, "drawdown_rate": None}
        builders.drawdown_charge(books, plan, name="Calls", uom="Call", price="0.333", **free)
        builders.sell(books, builders.account(books), plan, months=2)
        points = builders.prepaid_plan(books, uom="Point", units=1000, price=70)
        builders.sell(books, builders.account(books), points, months=2)


@dataclass
class Script:
    """Requests of one client that follow each other, and how far they have got."""

    steps: Sequence[Step]
    id: str = ""
    answered: list[Answer] = field(default_factory=list)

    def go_on(self, send: Callable[[Request], Answer]) -> None:
        """Send what has not been answered yet."""
        for step in self.steps[len(self.answered) :]:
            answer = send(step(self.id))
            is_gone = answer.request.method == "DELETE" and answer.status == _NOT_THERE
            assert answer.status == _DONE or is_gone, answer
            self.id = self.id or answer.id
            self.answered.append(answer)


def record(number: int, chance: Random) -> Script:
    """Return the life of one record: sent, sent again with its key, changed, deleted, or so."""
    uom, key = chance.choice(["Token", "Token", "Call"]), f"record-{number}"
    fields = {"AccountNumber": "A00000001", "UOM": uom, "UniqueKey": key}

    def sent(name: str, day: int, quantity: int, **more: object) -> Step:
        day_of = {"StartDateTime": f"2026-01-{day:02}T10:00:00Z", "Quantity": quantity}
        return lambda _: Request(USAGE, fields | day_of | more, f"{name}-{number}")

    steps = [sent("first", chance.randint(1, 27), chance.randint(1, 7))]
    if chance.random() < 1 / 3:
        steps.append(sent("again", chance.randint(1, 27), chance.randint(1, 7)))
    if chance.random() < 1 / 3:
        quantity = chance.randint(1, 7)
        steps.append(lambda at: Request(f"{USAGE}/{at}", {"Quantity": quantity}, method="PUT"))
    if chance.random() < 1 / 5:
        steps.append(lambda at: Request(f"{USAGE}/{at}", {}, method="DELETE"))
    elif chance.random() < 1 / 4:
        # Of a day of its own, so that there is something of the day to take back.
        steps = [sent("first", 28, 5), sent("taken-back", 28, -2, UniqueKey=f"back-{number}")]
    return Script(steps)


def boss(database_url: str) -> Script:
    """Return what the seller does to the other customer: rolls over, depletes, bills."""
    january = {"startDate": "2026-01-01", "endDate": "2026-02-01"}
    february = {"startDate": "2026-02-01", "endDate": "2026-03-01"}

    def used(name: str, day: str, quantity: int) -> Step:
        fields = {"AccountNumber": "A00000002", "UOM": "Point", "StartDateTime": day}
        return lambda _: Request(USAGE, {**fields, "Quantity": quantity}, name)

    roll = {
        "subscriptionNumber": "A-S00000002",
        "prepaymentUom": "Point",
        "priority": "ApplyLast",
        "sourceValidityPeriod": january,
        "destinationValidityPeriod": february,
    }
    bill = {
        "targetDate": "2026-03-01",
        "billRunFilters": [{"filterType": "Account", "accountId": "A00000002"}],
        "autoPost": True,
    }
    return Script(
        [
            used("points-1", "2026-01-03", 300),
            used("points-2", "2026-01-09", 333),
            lambda _: Request("/v1/ppdd/rollover", roll, "roll"),
            used("points-3", "2026-02-02", 250),
            lambda _: Request(
                "/v1/prepaid-balance-funds/deplete",
                {"fundIds": [_rolled_fund(database_url)]},
                "deplete",
            ),
            used("points-4", "2026-02-03", 800),
            lambda _: Request("/v1/bill-runs", bill, "bill"),
        ]
    )


def _rolled_fund(database_url: str) -> str:
    with reading(database_url) as books:
        (fund,) = (fund for fund in books.funds.list() if fund.rollover_count)
    return fund.id


def go_on(
    scripts: Sequence[Script], senders: Sequence[Client], disturbance: Disturbance | None = None
) -> None:
    """Send what is left of scripts, each client its share; who loses its server stops."""

    def work(share: int) -> None:
        for script in scripts[share :: len(senders)]:
            try:
                script.go_on(lambda request: _sent(senders[share], request, disturbance))
            except (OSError, HTTPException):
                return

    with ThreadPoolExecutor(len(senders)) as threads:
        list(threads.map(work, range(len(senders))))


def _sent(sender: Client, request: Request, disturbance: Disturbance | None) -> Answer:
    sender.headers.update(UPSERTING)
    answer = sender.send(request)
    if disturbance is not None:
        disturbance.count()
    return answer


def told(database_url: str) -> Mapping[str, list[str]]:
    """Return the books as they lie, without what is drawn anew in each run."""
    application = open_application(ServerSettings(database_url))
    try:
        with application.database.engine.connect() as connection:
            rows = {
                table: [dict(row) for row in connection.execute(_ROWS[table]).mappings()]
                for table in TABLES
            }
    finally:
        application.close()
    names = {row["id"]: _name(row) for row in rows["fund"]}
    return {table: sorted(_lasting(table, found, names)) for table, found in rows.items()}


def _name(fund: Mapping[str, Any]) -> str:
    return f"{fund['charge_number']} {fund['start_date']} {fund['rollover_count']}"


def _lasting(
    table: str, rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]
) -> Iterator[str]:
    anew = _ANEW | _ANEW_OF.get(table, set())
    for row in rows:
        kept = {name: value for name, value in row.items() if name not in anew}
        yield repr({name: names.get(value, value) for name, value in kept.items()})


def replayed(script: Script) -> Sequence[Request]:
    """Return the requests of a script that carry a key."""
    return [answer.request for answer in script.answered if answer.request.key]
