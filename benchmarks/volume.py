"""A file of usage records in the books, and everything regenerated after it.

It is imported by `earned usage import`, or uploaded to `earned serve`. The limit is the same rows
once more: usage records, guided usage and balance transactions, taken from the books that have them
by the database itself (`INSERT ... SELECT` from an attached file, or `COPY`) and inserted into a
copy of the books as they were before, with all checks, foreign keys and indexes, in transactions of
as many records as those of an import; an upload is one transaction.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import psycopg
from sqlalchemy import make_url

from benchmarks.again import copied
from benchmarks.servers import database
from benchmarks.sold_books import opened, scope, sell
from benchmarks.upload import Ran, upload
from earned.bootstrap.first_run import change_settings
from earned.domain.tenancy import Entity
from earned.domain.usage_columns import TEMPLATE
from earned.engine.bulk.importing import CHUNK
from tests import builders

RECORDS_AN_ACCOUNT = 10_000
_UNITS, _MOST = 1_500_000, 400
_SECONDS_OF_DAYS = 28 * 86_400
_BLOCK = 1024 * 1024
_TABLES = {
    "usage_record": "true",
    "guided_usage": "true",
    "balance_transaction": "usage_id IS NOT NULL",
}
"""What is inserted again of each table: not the transactions of the sale."""


def measure(kind: str, records: int, *, uploaded: bool = False) -> None:
    """Import or upload a file of so many records; insert its rows again; regenerate all charges."""
    what, take = ("upload", upload) if uploaded else ("import", _import)
    accounts = max(10, records // RECORDS_AN_ACCOUNT)
    with database(kind) as url, TemporaryDirectory() as directory:
        _sell_to(url, accounts)
        file = Path(directory) / "usage.csv"
        _write(file, records, accounts)
        with copied(url) as copy:
            taken = take(url, file)
            assert taken.answer["stored"] == records, taken.answer
            limit = _insert_again(kind, url, copy)
        print(f"{kind:10} {what} of {records:,} records {_told(taken, records)}")
        print(
            f"{kind:10} raw insert of their rows {limit:8.1f} s {records / limit:9,.0f} records/s"
        )
        print(f"{kind:10} {what} is {limit / taken.seconds:.2f} of the raw insert")
        again = run(url, "regenerate", "--json")
        assert not again.answer["changed"], again.answer
        print(f"{kind:10} regenerating all of it {_told(again, records)}\n", flush=True)


def _import(url: str, file: Path) -> Ran:
    return run(url, "usage", "import", str(file), "--json")


def run(url: str, *words: str) -> Ran:
    """Run a command of ours on a database."""
    command = [sys.executable, "-m", "earned", *words]
    environment = {**os.environ, "EARNED_DATABASE_URL": url}
    began = perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)  # noqa: S603 - A command of ours.
    assert process.stdout is not None
    told = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{words[0]} failed: {told.decode()}")
    return Ran.by(used, seconds, json.loads(told))


def _told(ran: Ran, records: int) -> str:
    rate = records / ran.seconds
    spent = f"{ran.busy:.1f} s of it computing, at most {ran.megabytes:,} MB"
    return f"{ran.seconds:8.1f} s {rate:9,.0f} records/s, {spent}"


def _sell_to(url: str, accounts: int) -> None:
    """Sell a plan to so many accounts: most of what they use is prepaid, the rest is overage."""
    sell(url)
    with opened(url) as application:
        entity = application.clients.list(Entity)[0]
        change_settings(application, entity, {"limit_usage_files": False})
    with opened(url) as application, application.database.writing() as transaction:
        books = transaction.books(scope(application))
        plan = builders.prepaid_plan(books, units=_UNITS, price=1000, overage="0.1")
        for place in range(accounts):
            account = builders.account(books, number=f"V-{place}")
            builders.sell(books, account, plan, months=1)


def _write(file: Path, records: int, accounts: int) -> None:
    """Write a month of usage in the order it was used."""
    chance = Random(1)
    with file.open("w", encoding="utf-8") as rows:
        rows.write(f"{','.join(TEMPLATE)}\n")
        for number in range(records):
            day, second = divmod(number * _SECONDS_OF_DAYS // records, 86_400)
            minute, second = divmod(second, 60)
            at = f"2026-01-{day + 1:02}T{minute // 60:02}:{minute % 60:02}:{second:02}Z"
            account = f"V-{chance.randrange(accounts)}"
            rows.write(f"{account},Token,{chance.randrange(1, _MOST)},{at},,,,\n")


def _insert_again(kind: str, url: str, copy: str) -> float:
    """Insert the rows that an import wrote into a copy of the books; return the seconds."""
    if kind == "sqlite":
        return _insert_from_file(url, copy)
    with TemporaryDirectory() as directory:
        return _insert_from_copies(url, copy, Path(directory))


def _insert_from_file(url: str, copy: str) -> float:
    with opened(copy) as application, application.database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA cache_size = -524288")
        driver.execute("ATTACH ? AS done", [make_url(url).database])
        chunks = _chunks(driver)
        began = perf_counter()
        for ranges in chunks:
            driver.execute("BEGIN IMMEDIATE")
            for (name, condition), these in zip(_TABLES.items(), ranges, strict=True):
                wanted = f"{condition} AND rowid > ? AND rowid <= ?"
                statement = f"INSERT INTO {name} SELECT * FROM done.{name} WHERE {wanted}"  # noqa: S608 - Names of ours.
                driver.execute(statement, these)
            driver.execute("COMMIT")
        seconds = perf_counter() - began
        driver.execute("DETACH done")
        return seconds


def _chunks(driver: Any) -> list[list[tuple[int, int]]]:  # noqa: ANN401 - A driver's connection.
    """Return the rows of each transaction, table by table: some records, and what hangs on them."""
    (last,) = driver.execute("SELECT max(rowid) FROM done.usage_record").fetchone()
    chunks, moved = [], 0
    for first in range(0, last, CHUNK):
        until = min(first + CHUNK, last)
        # Records that no fund covers have no transaction; all of them are in the order of the file.
        found = driver.execute(
            "SELECT b.rowid FROM done.balance_transaction b, done.usage_record u"
            " WHERE u.rowid = ? AND b.usage_id <= u.id ORDER BY b.usage_id DESC, b.rowid DESC",
            [until],
        ).fetchone()
        before, moved = moved, found[0]
        chunks.append([(first, until), (first, until), (before, moved)])
    return chunks


def _insert_from_copies(url: str, copy: str, directory: Path) -> float:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for name, condition in _TABLES.items():
            query = f"COPY (SELECT * FROM {name} WHERE {condition}) TO STDOUT"  # noqa: S608 - Names of ours.
            with (directory / name).open("wb") as file, cursor.copy(query) as rows:
                for block in rows:
                    file.write(block)
    began = perf_counter()
    with psycopg.connect(copy) as connection, connection.cursor() as cursor:
        for name in _TABLES:
            with (
                (directory / name).open("rb") as file,
                cursor.copy(f"COPY {name} FROM STDIN") as rows,
            ):
                while block := file.read(_BLOCK):
                    rows.write(block)
    return perf_counter() - began
