"""Files of usage leave the books as the same records sent over HTTP, one by one, in file order.

All tables are compared, row by row, but for who may ask and what was asked (`wide_shop.LEFT_OUT`),
and in them all columns but stamps and where a record came from.
"""

import csv
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count
from pathlib import Path
from random import Random

import duckdb
import msgspec
import pytest
from sqlalchemy import text

from earned.bootstrap.regenerating import regenerate_all
from earned.cli.bulk_importing import import_in_bulk
from earned.cli.importing import Asked
from earned.domain.tenancy import Entity, Scope
from earned.domain.usage_columns import Layout, places_of
from earned.domain.usage_import import Begun, ImportStatus
from earned.domain.written_dates import to_iso
from earned.engine.bulk.uploading import prepared_upload
from earned.engine.usage_files.reading import open_cells
from earned.services.audit_books import audit_books
from earned.services.import_usage import BEGIN_IMPORT, IMPORT_USAGE, ImportUsage
from earned.services.usage_row import usage_of_row
from tests.api import Api, serving
from tests.http.uploads import accepted
from tests.postgres import Postgres
from tests.property.wide_shop import KEYS, NAMED, stock, told

Cells = Sequence[str]
Open = Callable[[], AbstractContextManager[Api]]

HEADER = (
    *("ACCOUNT_ID", "UOM", "QTY", "STARTDATE", "ENDDATE", "SUBSCRIPTION_ID", "CHARGE_ID"),
    *("DESCRIPTION", "UNIQUE_KEY", "Color__c", "Row__c"),
)
LAYOUT = Layout(HEADER, places_of(HEADER), {})
UPSERTING = {"X_Zuora_WSDL_Version": "114"}

QUANTITIES = (
    *("1", "0.5", "2.25", "0", "3.123456789", "12", "-0.75", "-2", "-30.5"),
    "9999999999999.999999999",
)
STARTS = (
    *(f"2026-{1 + n // 31:02}-{1 + n % 28:02}" for n in range(96)),
    *(f"2026-02-{n:02}T01:30:00.123456Z" for n in range(1, 29)),
    *(f"01/{n:02}/2026 23:59" for n in range(1, 29)),
    *("2026-03-08T02:30:00", "2026-03-08T01:59:59-05:00", "2025-12-31", "2026-02-30"),
)
ENDS = ("2026-04-30", "2025-01-01", *[""] * 12)
DESCRIPTIONS = ("", "plain", 'said "more", twice', "zwölf Öre", "a\nb")
NEW_KEYS = ("new-1", "new-2", *[""] * 20)


def rows_of(seed: int, count: int = 40) -> list[Cells]:
    """Return rows by chance, the same for each seed; each says which it is."""
    chance = Random(seed)  # noqa: S311 - The same each time is the point.
    found: list[Cells] = []
    for number in range(2, 2 + count):
        account, uom, subscription, charge = chance.choice(NAMED)
        quantity, start, end = (chance.choice(one) for one in (QUANTITIES, STARTS, ENDS))
        key = chance.choice((*KEYS, *NEW_KEYS))
        told = chance.choice(DESCRIPTIONS), key, chance.choice(("", "red", "\tblue"))
        found.append((account, uom, quantity, start, end, subscription, charge, *told, str(number)))
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def open_one(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Lend what opens a copy of the stocked books."""
    make = {"sqlite": _in_files, "postgresql": _on_a_server}[request.param]
    with make(request, tmp_path) as opens:
        yield opens


@contextmanager
def _in_files(request: pytest.FixtureRequest, directory: Path) -> Iterator[Open]:
    template = directory / "template.db"
    shutil.copy(request.getfixturevalue("founded_sqlite_template"), template)
    stock(f"sqlite:///{template}")
    numbers = count()

    @contextmanager
    def opened() -> Iterator[Api]:
        path = directory / f"{next(numbers)}.db"
        with serving(f"sqlite:///{shutil.copy(template, path)}") as api:
            yield api

    yield opened


@contextmanager
def _on_a_server(request: pytest.FixtureRequest, directory: Path) -> Iterator[Open]:
    del directory
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database(request.getfixturevalue("founded_postgres_template")) as template:
        stock(postgres.url(template))

        @contextmanager
        def opened() -> Iterator[Api]:
            with postgres.database(template) as name, serving(postgres.url(name)) as api:
                yield api

        yield opened


def over_http(api: Api, sent: Sequence[Cells]) -> set[int]:
    """Send records one by one; return the numbers of those that are refused."""
    date_format = "MM/DD/YYYY"
    refused = set()
    for number, row in enumerate(sent, start=2):
        command = usage_of_row(LAYOUT.values(row), "usage.csv")
        fields = dict(command.fields) | dict(command.custom_fields)
        for name in ("StartDateTime", "EndDateTime"):
            if name in fields:
                fields[name] = to_iso(str(fields[name]), date_format)
        fields["Quantity"] = msgspec.Raw(str(fields["Quantity"]).encode())
        answer = api.http.post(
            "/v1/object/usage",
            content=msgspec.json.encode(fields),
            headers={
                **api.headers,
                "Content-Type": "application/json",
                "X-Zuora-WSDL-Version": "114",
            },
        )
        assert answer.status_code in {200, 400}, answer.text
        if answer.status_code == 400:
            refused.add(number)
    return refused


def by_command(api: Api, file: Path) -> int:
    """Import a file as the command line does; return how many rows are refused."""
    asked = Asked(
        file=file,
        columns={},
        constants={},
        delimiter=",",
        rejects=None,
        dry_run=False,
        keyed=False,
        quiet=True,
    )
    report, _ = import_in_bulk(api.application, _scope(api), asked)
    return report.refused


def by_upload(api: Api, file: Path, size: int) -> None:
    """Import a file as the server does with a large one, so many rows at a time."""
    database = api.application.database
    with database.writing(structural=False) as transaction:
        found = accepted(transaction.books(_scope(api)), file.read_bytes(), file.name)
        waiting = Begun(id=found.id, attempts=0)
        (begun,) = BEGIN_IMPORT.run(transaction.books(_scope(api)), [waiting])
        assert isinstance(begun, Begun)
    with database.reading(_scope(api), remembering=True) as books:
        ready = ExitStack()
        record = ready.enter_context(prepared_upload(books, found, lambda: None, size))
    with ready, database.writing(structural=False) as transaction:
        command = ImportUsage(begun=begun, open_file=open_cells, record_file=record)
        (status,) = IMPORT_USAGE.run(transaction.books(_scope(api)), [command])
        ended = transaction.books(_scope(api)).usage_imports.find(id=found.id)
    assert status is ImportStatus.COMPLETED, ended


def _scope(api: Api) -> Scope:
    entity = api.application.clients.list(Entity)[0]
    return Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")


def written(sent: Sequence[Cells], path: Path) -> Path:
    """Write a file, as CSV or Parquet by its name."""
    text = path.with_suffix(".csv")
    with text.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *sent])
    if path.suffix == ".parquet":
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in HEADER)
        options = f"header = true, auto_detect = false, quote = '\"', columns = {{{columns}}}"
        duckdb.sql(f"FROM read_csv('{text}', {options})").write_parquet(str(path))
    return path


def check(api: Api, expected: dict[str, list[str]]) -> None:
    """Find the books as they are expected, nothing broken in them, and nothing to regenerate."""
    found = told(api.application.database.engine)
    differing = {
        table: (sorted(set(found[table]) - set(lines)), sorted(set(lines) - set(found[table])))
        for table, lines in expected.items()
        if found[table] != lines
    }
    assert not differing
    with api.application.database.reading(_scope(api)) as books:
        assert not list(audit_books(books, Counter()))
    right = stored(api)
    regenerate_all(api.application, _scope(api))
    assert stored(api) == right
    with api.application.database.engine.begin() as connection:
        for table in ("revenue_event", "daily_consumption"):
            connection.execute(text(f"DELETE FROM {table} WHERE fund_id IS NOT NULL"))  # noqa: S608 - Two names.
    regenerate_all(api.application, _scope(api))
    assert stored(api) == right


def stored(api: Api) -> list[list[object]]:
    """Return rows as they lie, of what is regenerated and of what it is made from."""
    tables = "daily_consumption", "revenue_event", "fund", "balance_transaction", "usage_record"
    with api.application.database.engine.connect() as connection:
        queries = (f"SELECT * FROM {table} ORDER BY id" for table in tables)  # noqa: S608 - Names of ours.
        return [list(connection.execute(text(query)).all()) for query in queries]


@pytest.mark.parametrize(
    ("open_one", "seed", "suffix"),
    [("sqlite", 1, ".csv"), ("postgresql", 2, ".parquet")],
    indirect=["open_one"],
)
def test_a_file_on_the_command_line_is_as_its_rows_over_http(
    open_one: Open, tmp_path: Path, seed: int, suffix: str
) -> None:
    sent = rows_of(seed)
    with open_one() as slow, open_one() as fast:
        refused = over_http(slow, sent)
        assert by_command(fast, written(sent, tmp_path / f"usage{suffix}")) == len(refused)
        check(fast, told(slow.application.database.engine))


@pytest.mark.parametrize(
    ("open_one", "seed", "suffix", "size"),
    [("sqlite", 3, ".parquet", 7), ("postgresql", 4, ".csv", 20)],
    indirect=["open_one"],
)
def test_an_uploaded_file_is_as_its_rows_over_http(
    open_one: Open, tmp_path: Path, seed: int, suffix: str, size: int
) -> None:
    sent = list(_once(rows_of(seed)))
    with open_one() as slow, open_one() as fast:
        refused = over_http(slow, sent)
        good = [row for number, row in enumerate(sent, start=2) if number not in refused]
        by_upload(fast, written(good, tmp_path / f"usage{suffix}"), size)
        check(fast, told(slow.application.database.engine))


def test_what_chance_seldom_makes_is_as_its_rows_over_http(open_one: Open, tmp_path: Path) -> None:
    """A quantity that 128 bits do not hold; units that come back to a fund that has expired."""
    seldom = (
        ("Huge", "Call", "9999999999999.999999999", "2026-02-05"),
        ("Huge", "Call", "1", "2026-02-06"),
        ("One", "Token", "-1", "2026-01-05"),
        ("One", "Token", "2", "2026-01-06"),
    )
    sent = [(*row, *[""] * 6, str(number)) for number, row in enumerate(seldom, start=2)]
    with open_one() as slow, open_one() as fast:
        assert over_http(slow, sent) == set()
        assert by_command(fast, written(sent, tmp_path / "usage.csv")) == 0
        check(fast, told(slow.application.database.engine))


def test_a_changed_record_finds_what_reversed_it_earlier_in_the_file(
    open_one: Open, tmp_path: Path
) -> None:
    call = ("One", "Call")
    back = (*call, "-1", "2026-02-09T12:00:00", "", "", "", "", "", "", "2")
    changed = (*call, "3", "2026-02-09T12:00:00", "", "", "", "", "old-2", "", "3")
    with open_one() as slow, open_one() as fast:
        assert over_http(slow, [back, changed]) == set()
        by_upload(fast, written([back, changed], tmp_path / "usage.csv"), size=1)
        check(fast, told(slow.application.database.engine))


def _once(sent: Sequence[Cells]) -> Iterator[Cells]:
    """Yield rows with each unique key there once: an upload refuses the second."""
    place, known = HEADER.index("UNIQUE_KEY"), {""}
    for row in sent:
        if row[place] not in known or not row[place]:
            known.add(row[place])
            yield row
