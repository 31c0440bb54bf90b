"""Servers in processes of their own, clients on threads, and what the books say afterwards."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from http.client import HTTPConnection, HTTPException
from threading import Event, Lock
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from earned.bootstrap.application import open_application
from earned.bootstrap.settings import ServerSettings
from earned.domain.tenancy import Entity, Scope
from earned.services.audit_books import audit_books
from earned.services.ports import Books
from tests import builders
from tests.api import CLIENT_ID, CLIENT_SECRET, NEW_ERRORS, keeping
from tests.builders import Sold

USAGE = "/v1/object/usage"
REGENERATE = "/v1/uno-regenerate/rev-rec-events/daily-consumption"
BOUNDARY = "a-boundary-of-the-tests"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
PATIENCE = 30
CLIENTS = 32

_PROGRAM = """
import sys
from earned.bootstrap.settings import ServerSettings
from earned.http.serve import run

settings = ServerSettings(
    sys.argv[1],
    rate_limits=(),
    auth_rate_limits=(),
    auth_address_rate_limits=(),
    concurrency_default=0,
    callouts_to_private=True,
    log_level="error",
)
run(settings, "127.0.0.1", 0, lambda address: print(address, flush=True))
"""

Process = subprocess.Popen[str]


@dataclass(frozen=True)
class Server:
    """A server process and where it listens."""

    process: Process
    host: str
    port: int


@contextmanager
def servers(database_url: str, count: int = 1) -> Iterator[list[Server]]:
    """Run servers in processes of their own; end them, by whatever means, with the block."""
    command = [sys.executable, "-c", _PROGRAM, database_url]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - Ours.
            )
            for _ in range(count)
        ]
        for process in processes:
            stack.callback(process.kill)
        yield [_listening(process) for process in processes]


def _listening(process: Process) -> Server:
    """Wait until a server answers."""
    assert process.stdout is not None
    host, _, port = process.stdout.readline().strip().removeprefix("http://").partition(":")
    return Server(process, host, int(port))


@dataclass(frozen=True)
class Request:
    """A request to send, and under which key; a `form` is sent in place of a body."""

    path: str
    body: Mapping[str, Any]
    key: str | None = None
    method: str = "POST"
    form: bytes | None = None


@dataclass(frozen=True)
class Answer:
    """What came back, and after how long; status 0 means nothing did."""

    request: Request
    status: int
    body: Mapping[str, Any]
    seconds: float

    @property
    def id(self) -> str:
        return str(self.body.get("Id"))


class Client:
    """One connection to a server, signed in."""

    def __init__(self, at: Server) -> None:
        self._connection = HTTPConnection(at.host, at.port, timeout=PATIENCE)
        self.headers = {"Content-Type": "application/json", **NEW_ERRORS}
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID}
        body = urlencode({**form, "client_secret": CLIENT_SECRET})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", "/oauth/token", body, headers)
        token = json.load(self._connection.getresponse())["access_token"]
        self.headers["Authorization"] = f"Bearer {token}"

    def send(self, request: Request) -> Answer:
        headers = {**self.headers, **({"Idempotency-Key": request.key} if request.key else {})}
        content: str | bytes = json.dumps(request.body)
        if request.form is not None:
            content, headers["Content-Type"] = request.form, FORM
        began = monotonic()
        self._connection.request(request.method, request.path, content, headers)
        response = self._connection.getresponse()
        body = json.loads(response.read())
        return Answer(request, response.status, body, monotonic() - began)

    def close(self) -> None:
        self._connection.close()


@contextmanager
def clients(running: Sequence[Server], count: int = CLIENTS) -> Iterator[list[Client]]:
    """Sign in `count` clients, in turn at each server."""
    signed_in = [Client(running[number % len(running)]) for number in range(count)]
    try:
        yield signed_in
    finally:
        for client in signed_in:
            client.close()


def send_all(senders: Sequence[Client], requests: Sequence[Request]) -> list[Answer]:
    """Send all requests, each client its share, at once; none may fail to be answered."""
    with ThreadPoolExecutor(len(senders)) as threads:
        shares = [requests[number :: len(senders)] for number in range(len(senders))]
        done = threads.map(
            lambda pair: [pair[0].send(one) for one in pair[1]], zip(senders, shares, strict=True)
        )
        return [answer for share in done for answer in share]


@dataclass
class Disturbance:
    """What happens in the middle of a load: `act` is called once, after so many answers."""

    after: int
    act: Callable[[], object]
    _answered: int = 0
    _lock: Lock = field(default_factory=Lock)

    def count(self) -> None:
        with self._lock:
            self._answered += 1
            if self._answered == self.after:
                self.act()


def send_until_refused(
    senders: Sequence[Client], requests: Sequence[Request], disturbance: Disturbance
) -> list[Answer]:
    """Send requests until the server is gone; what got no answer has the status 0."""

    def work(sender: Client, share: Sequence[Request]) -> list[Answer]:
        answers = []
        for place, request in enumerate(share):
            try:
                answers.append(sender.send(request))
            except (OSError, HTTPException):
                rest = [Answer(one, 0, {}, 0.0) for one in share[place:]]
                return [*answers, *rest]
            disturbance.count()
        return answers

    with ThreadPoolExecutor(len(senders)) as threads:
        shares = [requests[number :: len(senders)] for number in range(len(senders))]
        done = threads.map(work, senders, shares)
        return [answer for share in done for answer in share]


@contextmanager
def repeated(action: Callable[[], object]) -> Iterator[Callable[[], int]]:
    """Do something over and over on a thread of its own while the block runs; lends the count."""
    stop, count = Event(), 0

    def work() -> None:
        nonlocal count
        while not stop.is_set():
            action()
            count += 1

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(work)
        try:
            yield lambda: count
        finally:
            stop.set()
        running.result()


# What there is to use, and what the books say of it.


def set_up(
    database_url: str, *, units: int = 1_000_000, price: int = 777, sales: int = 1
) -> list[Sold]:
    """Make books with one customer who has bought a plan `sales` times: `units` a month."""
    with keeping(database_url) as keeper, builders.writing(keeper) as books:
        customer = builders.account(books)
        plan = builders.prepaid_plan(books, units=units, price=price)
        return [builders.sell(books, customer, plan, months=2) for _ in range(sales)]


@contextmanager
def reading(database_url: str) -> Iterator[Books]:
    """Lend the books of the first entity, read from the database itself."""
    application = open_application(ServerSettings(database_url))
    try:
        entity = application.clients.list(Entity)[0]
        scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
        with application.database.reading(scope) as books:
            yield books
    finally:
        application.close()


def usage(number: int, charge: str | None = None, *, key: str | None = None) -> Request:
    """Return the request of a record whose quantity and day follow from its number."""
    record: dict[str, Any] = {
        "AccountNumber": "A00000001",
        "UOM": "Token",
        "Quantity": quantity_of(number),
        "StartDateTime": f"2026-01-{day_of(number):02}T10:00:00Z",
        "Description": f"record {number}",
    }
    return Request(USAGE, record | ({"ChargeNumber": charge} if charge else {}), key)


def quantity_of(number: int) -> int:
    return number % 7 + 1


def day_of(number: int) -> int:
    return number * 13 % 28 + 1


def expected_days(numbers: Iterable[int]) -> Counter[int]:
    """Return how much is used on each day of January."""
    days: Counter[int] = Counter()
    for number in numbers:
        days[day_of(number)] += quantity_of(number)
    return days


def expected_amounts(days: Mapping[int, int], units: int, price: int) -> dict[int, int]:
    """Return the cents of each day: differences of the running total, rounded half up."""
    amounts, running, before = {}, 0, 0
    for day in sorted(days):
        running += days[day]
        exact = Fraction(price * 100 * running, units)
        after = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
        amounts[day] = after - before
        before = after
    return amounts


@dataclass(frozen=True)
class Told:
    """What the books say."""

    records: int
    balances: tuple[int, ...]
    days: Mapping[int, int]
    amounts: Mapping[int, int]
    overage: int

    @classmethod
    def by(cls, database_url: str) -> "Told":
        """Read the books, and find nothing wrong with them."""
        with reading(database_url) as books:
            breaks = list(audit_books(books, Counter()))
            assert not breaks, breaks
            days: Counter[int] = Counter()
            amounts: Counter[int] = Counter()
            for row in books.consumption.list():
                if row.fund_id:
                    days[row.transaction_date.day] += int(row.quantity)
                    amounts[row.transaction_date.day] += row.amount_minor
            events = books.events.list()
            assert sum(event.amount_minor or 0 for event in events if event.fund_id) == sum(
                amounts.values()
            )
            return cls(
                records=books.usage.count(),
                balances=tuple(int(row.balance) for row in books.balances.list(order_by=["id"])),
                days=days,
                amounts=amounts,
                overage=sum(int(row.quantity) for row in books.rating_results.list()),
            )


def by_status(answers: Iterable[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)
