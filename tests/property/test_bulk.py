"""Rows recorded in sets leave the books as the same rows recorded one by one, in their order."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from earned.bootstrap.regenerating import regenerate_all
from earned.domain.errors import EarnedError
from earned.domain.exact import canonical
from earned.domain.usage_columns import Layout, places_of
from earned.engine.bulk.checking import Sheet, check_rows
from earned.engine.bulk.desk import open_desk
from earned.engine.bulk.importing import chunks, record_chunk, spool_csv
from earned.engine.bulk.recording import Recorded, Recorder
from earned.engine.duck import Scratch
from earned.services.usage_row import usage_of_row
from tests.postgres import Postgres
from tests.property.shop import Shop, make_template, stock

Cells = Sequence[str]
Refused = Mapping[int, str]

HEADER = (
    *("ACCOUNT_ID", "UOM", "QTY", "STARTDATE", "ENDDATE", "SUBSCRIPTION_ID", "CHARGE_ID"),
    *("DESCRIPTION", "UNIQUE_KEY", "Color__c"),
)
LAYOUT = Layout(HEADER, places_of(HEADER), {})
# Ids are made by chance, instants differ, and versions count the transactions that it took.
APART = {"id", "usage_id", "source_id", "created_at", "updated_at", "version"}
ALONE = (
    *("usage_record", "daily_consumption", "revenue_event", "rating_result", "fund"),
    *("prepaid_balance", "validity_period_summary", "revenue_schedule"),
)
OF_RECORDS = ("guided_usage", "balance_transaction")

REGENERATED = ("daily_consumption", "revenue_event", "usage_record", "fund")
_OF_FUNDS = "WHERE fund_id IS NOT NULL AND transaction_date"
DAMAGES = (
    f"DELETE FROM daily_consumption {_OF_FUNDS} < '2026-01-15'",  # noqa: S608 - Words of ours.
    f"UPDATE daily_consumption SET amount_minor = amount_minor + 1 {_OF_FUNDS} > '2026-01-20'",  # noqa: S608 - The same.
    f"DELETE FROM revenue_event {_OF_FUNDS} > '2026-02-01'",  # noqa: S608 - The same.
)

plain_rows = st.builds(
    lambda day, quantity, charge, color: (
        *("A00000001", "Call" if charge == "C-00000003" else "Token", quantity, day, "", ""),
        *(charge, "", "", color),
    ),
    st.one_of(
        st.integers(1, 59).map(lambda n: f"2026-{1 + n // 32:02}-{1 + n % 28:02}"),
        st.integers(1, 28).map(lambda n: f"2026-01-{n:02}T23:30:00.123456-02:00"),
        st.integers(1, 28).map(lambda n: f"02/{n:02}/2026"),
    ),
    st.sampled_from(["1", "0.5", "2.25", "0", "3.123456789", "0.333"]),
    st.sampled_from(["", "C-00000002", "C-00000003", "C-00000004"]),
    st.sampled_from(["", "red"]),
)


def odd(row: Cells, change: tuple[str, str]) -> Cells:
    """Return a row with another value in a column."""
    name, value = change
    return [value if column == name else cell for column, cell in zip(HEADER, row, strict=True)]


changes = st.sampled_from(
    [
        *(("QTY", "-0.75"), ("QTY", "3e-1"), ("QTY", " 1 "), ("QTY", ""), ("QTY", "many")),
        *(("UNIQUE_KEY", "first"), ("UNIQUE_KEY", "second"), ("UNIQUE_KEY", "first")),
        *(("STARTDATE", "2026-02-30"), ("ENDDATE", "2026-01-01"), ("ENDDATE", "2026-04-01")),
        *(("UOM", "Hour"), ("CHARGE_ID", "C-9"), ("SUBSCRIPTION_ID", "A-S00000001")),
        *(("DESCRIPTION", 'said "more"'), ("Color__c", "\tblue\n"), ("ACCOUNT_ID", " ")),
    ]
)
odd_rows = st.builds(odd, plain_rows, changes)
files = st.lists(st.one_of(plain_rows, plain_rows, plain_rows, odd_rows), min_size=1, max_size=24)
plain_files = st.lists(plain_rows, min_size=1, max_size=40)


class Shops:
    """Makes shops that are alike, in databases of their own."""

    def __init__(self, open_one: Callable[[], Any]) -> None:
        self.open = open_one


@pytest.fixture(params=["sqlite", "postgresql"])
def shops(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shops]:
    make = {"sqlite": _in_files, "postgresql": _on_a_server}[request.param]
    with make(request, tmp_path) as shops:
        yield shops


@contextmanager
def _in_files(request: pytest.FixtureRequest, directory: Path) -> Iterator[Shops]:
    empty = request.getfixturevalue("sqlite_template")
    template, numbers = make_template(empty, directory / "template.db"), count()

    @contextmanager
    def open_one() -> Iterator[Shop]:
        shop = Shop(template, directory / f"shop-{next(numbers)}.db")
        with closing(shop.application):
            yield shop

    yield Shops(open_one)


@contextmanager
def _on_a_server(request: pytest.FixtureRequest, directory: Path) -> Iterator[Shops]:
    del directory
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database(request.getfixturevalue("postgres_template")) as template:
        stock(postgres.url(template))

        @contextmanager
        def open_one() -> Iterator[Shop]:
            with postgres.database(template) as name:
                shop = Shop.at(postgres.url(name))
                with closing(shop.application):
                    yield shop

        yield Shops(open_one)


def one_by_one(shop: Shop, rows: Sequence[Cells]) -> Refused:
    """Record each row in a transaction of its own; return what was refused."""
    commands = [usage_of_row(LAYOUT.values(row), "usage.csv") for row in rows]
    outcomes = [shop.record([command])[0] for command in commands]
    return {
        number: str(outcome)
        for number, outcome in enumerate(outcomes, start=2)
        if isinstance(outcome, EarnedError)
    }


def in_sets(
    shop: Shop, rows: Sequence[Cells], size: int, directory: Path, *, whole: bool
) -> Refused:
    """Record the rows as a file, `size` rows at a time; return what was refused."""
    path = directory / "usage.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    sheet = Sheet(LAYOUT, "usage.csv")
    refused: dict[int, str] = {}
    with open_desk() as desk:
        spool_csv(desk, path, ",", len(HEADER), enumerate(rows, start=2))
        for recorded in _recorded(shop, desk, sheet, size, whole=whole):
            refused |= {number: str(refusal) for number, refusal in recorded.refused}
            refused |= {
                number: str(outcome)
                for number, _, outcome in recorded.others
                if isinstance(outcome, EarnedError)
            }
    return refused


def _recorded(
    shop: Shop, desk: Scratch, sheet: Sheet, size: int, *, whole: bool
) -> Iterator[Recorded]:
    """Record the chunks of a file: all of them in one transaction, or each in its own."""
    if not whole:
        for first, last in chunks(desk, size):
            with shop.writing() as books:
                checked = check_rows(desk, books, sheet, first, last)
                yield record_chunk(desk, books, sheet, checked)
        return
    with shop.writing() as books:
        recorder = Recorder(desk, books, sheet)
        for first, last in chunks(desk, size):
            yield recorder.record(check_rows(desk, books, sheet, first, last))
        recorder.write()


def found(shop: Shop) -> dict[str, list[str]]:
    """Return the rows of the books, but for what is apart anyway."""
    queries = {name: f"SELECT * FROM {name}" for name in ALONE}  # noqa: S608 - Names of ours.
    queries |= {
        name: f"SELECT {name}.*, usage_record.start_date_time, usage_record.unique_key"  # noqa: S608 - Names of ours.
        f" FROM {name} LEFT JOIN usage_record ON usage_record.id = {name}.usage_id"
        for name in OF_RECORDS
    }
    with shop.application.database.engine.connect() as connection:
        return {
            name: sorted(
                repr({key: _value(value) for key, value in row.items() if key not in APART})
                for row in connection.execute(text(query)).mappings()
            )
            for name, query in queries.items()
        }


def _value(value: object) -> object:
    """Return a value in its one form: PostgreSQL keeps the zeros that a sum ends in."""
    return canonical(value) if isinstance(value, Decimal) else value


def compare(shops: Shops, rows: Sequence[Cells], size: int, directory: Path) -> None:
    with ExitStack() as stack:
        slow, fast = (stack.enter_context(shops.open()) for _ in range(2))
        whole = size % 2 == 0 and not _repeats_a_key(rows)
        assert in_sets(fast, rows, size, directory, whole=whole) == one_by_one(slow, rows)
        assert found(fast) == found(slow)
        fast.audit()
        check_regeneration(fast)


def _repeats_a_key(rows: Sequence[Cells]) -> bool:
    """Say whether a unique key is there twice: a file that is imported whole is refused then."""
    keys = [key for row in rows if (key := row[HEADER.index("UNIQUE_KEY")])]
    return len(set(keys)) < len(keys)


def check_regeneration(shop: Shop) -> None:
    """Regenerate what is right, and what was damaged: both times it is as it was."""
    right = shop.rows(*REGENERATED)
    regenerate_all(shop.application, shop.scope)
    assert shop.rows(*REGENERATED) == right
    for damage in DAMAGES:
        shop.execute(damage)
    regenerate_all(shop.application, shop.scope)
    assert shop.rows(*REGENERATED) == right


few = settings(
    max_examples=4,
    derandomize=True,
    phases=[Phase.generate],
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@few
@given(rows=plain_files, size=st.integers(5, 50))
def test_plain_rows_in_sets_are_as_one_by_one(
    shops: Shops, tmp_path: Path, rows: list[Cells], size: int
) -> None:
    compare(shops, rows, size, tmp_path)


@few
@given(rows=files, size=st.integers(3, 50))
def test_odd_rows_among_them_change_nothing_of_it(
    shops: Shops, tmp_path: Path, rows: list[Cells], size: int
) -> None:
    compare(shops, rows, size, tmp_path)
