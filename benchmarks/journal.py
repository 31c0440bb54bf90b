"""Journal lines a second, beside rows a second of a raw insert into the same database.

A line is one revenue event item that a run posts: added up, linked to its entry, and the entries
sealed, in one transaction that waits for the disk. The limit is an insert of as many rows of the
same width, in one transaction too, into a table with a primary key and no other index: many rows a
statement on SQLite, COPY on PostgreSQL.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.servers import database
from benchmarks.sold_books import opened, scope, sell
from earned.bootstrap.application import Application
from earned.domain.posting import TransactionType
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem, RevenueSchedule
from earned.domain.scheduling import REVENUE_DISTRIBUTED
from earned.domain.subscription import RatePlanCharge
from earned.services.cancel_journal import cancel_journal_run
from earned.services.ports import Books
from earned.services.run_journal import RunJournal, run_journal
from tests.periods import define_months

CURRENCIES, CODES = ("USD", "EUR", "JPY"), 20
_CHUNK = 5_000
_SHARE = 500
_RAW = """CREATE TABLE raw_line
(entry_id TEXT, source_type TEXT, source_id TEXT PRIMARY KEY, period_id TEXT, entity_id TEXT)"""


def measure(kind: str, lines: int, rounds: int) -> None:
    """Fill a database with schedules, journal their month again and again, print the ratio."""
    with database(kind) as url:
        sell(url)
        with opened(url) as application:
            fill(application, lines)
            learn(application)
            rates = [lines / journal(application, lines) for _ in range(rounds)]
            raw = [lines / insert(application, lines) for _ in range(rounds)]
    print(f"{kind:10} journal run            {median(rates):9,.0f} lines/s of {lines:,}")
    print(f"{kind:10} raw insert             {median(raw):9,.0f} rows/s")
    ratio = median(rates) / median(raw)
    print(f"{kind:10} a journal line is {ratio:.2f} of a raw insert\n", flush=True)


@contextmanager
def writing(application: Application) -> Iterator[Books]:
    """Lend the books of the first entity, committed at the end."""
    with application.database.writing() as transaction:
        yield transaction.books(scope(application))


def fill(application: Application, lines: int) -> None:
    """Keep a schedule for each line: 1.00 in January, of 60 kinds in turns."""
    with writing(application) as books:
        (january,) = define_months(books, 2026, 1)
        charge = books.charges.list(limit=1)[0]
    places = iter(range(lines))
    while chunk := list(islice(places, _CHUNK)):
        with writing(application) as books:
            _keep(books, charge, january.id, chunk)


def _keep(books: Books, charge: RatePlanCharge, period_id: str, places: Sequence[int]) -> None:
    schedules = [new_schedule(books, charge, place) for place in places]
    made = [_distribution(books, one) for one in schedules]
    kept: dict[str, Any] = {
        "period_id": period_id,
        "entity_id": books.scope.entity_id,
        "amount_minor": 100,
    }
    books.schedules.add_all(schedules)
    books.distributions.add_all(made)
    books.distribution_items.add_all(
        [DistributionItem(distribution_id=one.id, **kept) for one in made]
    )
    books.items.add_all([RevenueItem(schedule_id=one.id, **kept) for one in schedules])


def new_schedule(books: Books, charge: RatePlanCharge, place: int) -> RevenueSchedule:
    """Return a schedule of 1.00, of one of 60 kinds."""
    return RevenueSchedule(
        id=books.new_id(),
        entity_id=books.scope.entity_id,
        number=f"RS-{place + 1_000:08}",
        account_id=charge.account_id,
        original_subscription_id=charge.original_subscription_id,
        charge_id=charge.original_id,
        amount_minor=100,
        currency=CURRENCIES[place % len(CURRENCIES)],
        rule_name="Any",
        schedule_date=date(2026, 1, 1),
        recognized_code=f"Revenue {place % CODES:02}",
        recognized_code_type="SalesRevenue",
        deferred_code="Deferred",
        deferred_code_type="DeferredRevenue",
        **books.stamp(),
    )


def _distribution(books: Books, schedule: RevenueSchedule) -> Distribution:
    return Distribution(
        id=books.new_id(),
        entity_id=schedule.entity_id,
        number=schedule.number.replace("RS", "RE"),
        schedule_id=schedule.id,
        event_type=REVENUE_DISTRIBUTED.label,
        event_type_system_id=REVENUE_DISTRIBUTED.system_id,
        **books.stamp(),
    )


def learn(application: Application) -> None:
    """Have PostgreSQL look at what it holds, as it does by itself within a minute."""
    if application.database.engine.dialect.name != "postgresql":
        return
    with application.database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def journal(application: Application, lines: int) -> float:
    """Run January's journal and cancel it; return how many seconds the run took."""
    command = RunJournal(
        transaction_types=[TransactionType.REVENUE_EVENT_ITEM], accounting_period_name="Jan'2026"
    )
    began = perf_counter()
    with writing(application) as books:
        made = run_journal(books, command)
    seconds = perf_counter() - began
    assert made.entry_count == len(CURRENCIES) * CODES
    with writing(application) as books:
        assert books.posted.count(released_at=None) == lines
        cancel_journal_run(books, made.number)
    return seconds


def insert(application: Application, lines: int) -> float:
    """Insert rows as wide as links; return how many seconds it took."""
    new_id = application.database.new_id
    fixed = new_id()
    rows = [(fixed, "Revenue Event Item", new_id(), fixed, fixed) for _ in range(lines)]
    engine = application.database.engine
    load: Callable[[Any, Any], None] = _copy if engine.dialect.name == "postgresql" else _insert
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS raw_line")
        connection.exec_driver_sql(_RAW)
    connection = application.database.engine.connect()
    began = perf_counter()
    with connection, connection.begin():
        load(connection.connection.driver_connection, rows)
    return perf_counter() - began


def _insert(driver: Any, rows: Sequence[tuple[str, ...]]) -> None:  # noqa: ANN401
    for start in range(0, len(rows), _SHARE):
        share = rows[start : start + _SHARE]
        marks = ", ".join(["(?, ?, ?, ?, ?)"] * len(share))
        values = [value for row in share for value in row]
        driver.execute(f"INSERT INTO raw_line VALUES {marks}", values)  # noqa: S608


def _copy(driver: Any, rows: Sequence[tuple[str, ...]]) -> None:  # noqa: ANN401
    with driver.cursor() as cursor, cursor.copy("COPY raw_line FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
