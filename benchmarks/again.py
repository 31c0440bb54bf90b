"""Set-based work beside its limit: the very rows it wrote, inserted again by the driver alone.

A round does the work on a copy of some books, reads what it wrote, and inserts those rows into
another copy: the same tables with the same indexes and foreign keys, in one transaction that waits
for the disk. The rows are ready for the driver before the clock starts: values of many rows a
statement on SQLite, the bytes of a binary COPY on PostgreSQL. What the work changes in place, reads
and decides is no part of the limit.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
from sqlalchemy import make_url

from benchmarks.sold_books import opened
from earned.bootstrap.application import Application

_COPY = "copy_of_the_books"
_VALUES_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Step:
    """Something to measure: what it is called, what it does, and the rows to insert again.

    `units` of some kind are done in a round. `rows` are selects by table, in the order of foreign
    keys, in which `:mark` is an id: everything made later has a higher one.
    """

    name: str
    work: Callable[[Application], None]
    units: int
    unit: str
    rows: Mapping[str, str]


@dataclass(slots=True)
class Figures:
    """Seconds of a step and of its limit, by round."""

    seconds: list[float] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    rows: int = 0

    @property
    def ratio(self) -> float:
        """How fast the step is as a part of its limit: the median over the rounds."""
        return median(b / a for a, b in zip(self.seconds, self.limits, strict=True))


def compare(kind: str, url: str, rounds: int, steps: Sequence[Step]) -> None:
    """Do the steps one after the other, round after round, and print their ratios."""
    figures = [Figures() for _ in steps]
    for _ in range(rounds):
        loads = []
        with copied(url) as copy, opened(copy) as application:
            for step, one in zip(steps, figures, strict=True):
                mark = application.database.new_id()
                one.seconds.append(_timed(step.work, application))
                loads.append(_read(application, step.rows, mark, one))
        with copied(url) as copy, opened(copy) as application:
            for load, one in zip(loads, figures, strict=True):
                one.limits.append(_insert(application, load))
    for step, one in zip(steps, figures, strict=True):
        _print(kind, step, one)


def _print(kind: str, step: Step, one: Figures) -> None:
    seconds, limit = median(one.seconds), median(one.limits)
    print(f"{kind:10} {step.name:24} {seconds:8.2f} s {step.units / seconds:9,.0f} {step.unit}/s")
    rows = f"{one.rows:,} rows"
    print(f"{kind:10} raw insert of {rows:18} {limit:8.2f} s {one.rows / limit:9,.0f} rows/s")
    print(f"{kind:10} {step.name} is {one.ratio:.2f} of the raw insert\n", flush=True)


def _timed(work: Callable[[Application], None], application: Application) -> float:
    began = perf_counter()
    work(application)
    return perf_counter() - began


@contextmanager
def copied(url: str) -> Iterator[str]:
    """Lend the URL of a copy of a database that nobody is connected to."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        yield from _copied_file(Path(parsed.database or ""))
        return
    with psycopg.connect(_in_driver_words(url, "template1"), autocommit=True) as connection:
        template = parsed.database
        connection.execute(f"DROP DATABASE IF EXISTS {_COPY}")
        connection.execute(f"CREATE DATABASE {_COPY} TEMPLATE {template} STRATEGY FILE_COPY")
        connection.execute("CHECKPOINT")
        yield parsed.set(database=_COPY).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {_COPY}")


def _copied_file(path: Path) -> Iterator[str]:
    copy = path.with_name(f"copy-of-{path.name}")
    shutil.copyfile(path, copy)
    yield f"sqlite:///{copy}"
    for one in path.parent.glob(f"{copy.name}*"):
        one.unlink()


def _in_driver_words(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _read(
    application: Application, rows: Mapping[str, str], mark: str, figures: Figures
) -> Sequence[Callable[[Any], None]]:
    """Read rows; return what inserts them, given the driver's connection."""
    read = _read_sqlite if application.database.is_embedded else _read_postgresql
    with application.database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        found = [read(driver, *one, mark) for one in rows.items()]
    figures.rows = sum(count for count, _ in found)
    return [insert for _, insert in found]


def _read_sqlite(
    driver: Any,  # noqa: ANN401
    table: str,
    select: str,
    mark: str,
) -> tuple[int, Callable[[Any], None]]:
    rows = driver.execute(select, {"mark": mark}).fetchall()
    share = _VALUES_MAX // len(rows[0])
    marks = f"({', '.join('?' * len(rows[0]))})"
    statements = [
        (
            f"INSERT INTO {table} VALUES {', '.join([marks] * len(some))}",  # noqa: S608
            tuple(chain.from_iterable(some)),
        )
        for some in (rows[start : start + share] for start in range(0, len(rows), share))
    ]

    def insert(driver: Any) -> None:  # noqa: ANN401
        for statement, values in statements:
            driver.execute(statement, values)

    return len(rows), insert


def _read_postgresql(
    driver: Any,  # noqa: ANN401
    table: str,
    select: str,
    mark: str,
) -> tuple[int, Callable[[Any], None]]:
    written = select.replace(":mark", f"'{mark}'")
    with driver.cursor() as cursor:
        with cursor.copy(f"COPY ({written}) TO STDOUT (FORMAT binary)") as copy:
            chunks = [bytes(chunk) for chunk in copy]
        count = cursor.rowcount

    def insert(driver: Any) -> None:  # noqa: ANN401
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy,
        ):
            for chunk in chunks:
                copy.write(chunk)

    return count, insert


def _insert(application: Application, load: Sequence[Callable[[Any], None]]) -> float:
    engine = application.database.engine.execution_options(sqlite_begin="IMMEDIATE")
    with engine.connect() as connection:
        began = perf_counter()
        with connection.begin():
            for insert in load:
                insert(connection.connection.driver_connection)
        return perf_counter() - began
