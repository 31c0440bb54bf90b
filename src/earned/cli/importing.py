"""Record the rows of a usage file, group after group, each group in one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from pkgutil import resolve_name
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from earned.bootstrap.application import Application
from earned.cli.output import complain
from earned.cli.stopping import Stop, stoppable
from earned.cli.usage_file import Row, open_usage_file
from earned.cli.usage_report import Rejects, Report, refusal_of, rejecting
from earned.domain.errors import EarnedError
from earned.domain.tenancy import Scope
from earned.domain.usage import UsageRecord
from earned.domain.usage_columns import Layout
from earned.engine.usage_files.large import LARGE_BYTES
from earned.services.record_usage import RECORD_USAGE, Outcome
from earned.storage.contention import is_locked_out, is_retryable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_WAITING = "Somebody else is writing to the books: the import goes on when they are done."

GROUP = 1000
PARQUET_SIGN = b"PAR1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line says of an import."""

    file: Path
    columns: dict[str, str]
    constants: dict[str, str]
    delimiter: str
    rejects: Path | None
    dry_run: bool
    keyed: bool
    quiet: bool


Done = tuple[Sequence[Outcome], datetime]
"""What became of each row of a group, and the instant it was recorded at."""


def is_large(path: Path) -> bool:
    """Say whether a file is imported in sets of rows."""
    return path.stat().st_size >= LARGE_BYTES or is_parquet(path)


def is_parquet(path: Path) -> bool:
    """Say whether a file is Parquet, by its name or by how it begins."""
    if path.suffix.lower() == ".parquet":
        return True
    with path.open("rb") as file:
        return file.read(len(PARQUET_SIGN)) == PARQUET_SIGN


def _in_bulk(application: Application, scope: Scope, asked: Asked) -> tuple[Report, Layout]:
    """Import a large file. What does so takes a while to load, and most never need it."""
    done: tuple[Report, Layout] = resolve_name("earned.cli.bulk_importing:import_in_bulk")(
        application, scope, asked
    )
    return done


class _DryRun(Exception):
    """Rolls a group back, and tells what would have become of it."""

    def __init__(self, done: Done) -> None:
        super().__init__()
        self.done = done


def import_usage(application: Application, scope: Scope, asked: Asked) -> tuple[Report, Layout]:
    """Import a file until its end, or until asked to stop between two groups."""
    if is_large(asked.file):
        return _in_bulk(application, scope, asked)
    report = Report(dry_run=asked.dry_run)
    with (
        open_usage_file(
            asked.file,
            asked.columns,
            asked.constants,
            delimiter=asked.delimiter,
            keyed=asked.keyed,
        ) as file,
        rejecting(asked.rejects, file.layout.header, asked.delimiter) as rejects,
        progress(asked, asked.file.stat().st_size) as advance,
        stoppable() as stop,
    ):
        for group in _groups(file.rows()):
            try:
                done = None if stop.asked else _commit(application, scope, group, asked, stop)
            except KeyboardInterrupt:
                done = None
            if done is None:
                report.interrupted = True
                break
            outcomes, now = done
            for row, outcome in zip(group, outcomes, strict=True):
                count(report, rejects, file.layout, row, outcome, now)
            advance(file.bytes_read, report)
    return report, file.layout


def _groups(rows: Iterator[Row]) -> Iterator[Sequence[Row]]:
    while group := list(islice(rows, GROUP)):
        yield group


def _commit(
    application: Application, scope: Scope, group: Sequence[Row], asked: Asked, stop: Stop
) -> Done:
    """Record a group in one transaction."""

    def record(*, alone: bool) -> Done:
        return _record(application, scope, group, dry_run=asked.dry_run, alone=alone)

    try:
        return again(record, stop)
    except _DryRun as tried:
        return tried.done


class Act(Protocol[T_co]):
    """A transaction, which may have the books to itself."""

    def __call__(self, *, alone: bool) -> T_co:
        """Carry it out."""


def again(act: Act[T], stop: Stop) -> T:
    """Carry a transaction out, again where somebody else was in the way; then nobody else is.

    Who keeps the books from us is waited for, until somebody asks to stop.
    """
    alone = is_told = False
    while True:
        try:
            return act(alone=alone)
        except Exception as error:
            if is_locked_out(error):
                _wait_on(stop, is_told=is_told)
                is_told = True
            elif alone or not is_retryable(error):
                raise
            else:
                alone = True


def _wait_on(stop: Stop, *, is_told: bool) -> None:
    if stop.asked:
        raise KeyboardInterrupt
    if not is_told:
        complain(_WAITING)


def _record(
    application: Application, scope: Scope, group: Sequence[Row], *, dry_run: bool, alone: bool
) -> Done:
    with application.database.writing(structural=False, alone=alone) as transaction:
        commands = [row.command for row in group]
        done = RECORD_USAGE.run(transaction.books(scope), commands), transaction.now
        if dry_run:
            raise _DryRun(done)
    return done


def count(
    report: Report,
    rejects: Rejects,
    layout: Layout,
    row: Row,
    outcome: Outcome,
    now: datetime,
) -> None:
    """Count what became of a row."""
    report.rows += 1
    report.last_row = row.number
    if isinstance(outcome, EarnedError):
        refusal = refusal_of(layout, outcome)
        report.refuse(row, refusal)
        rejects.add(row, refusal)
    else:
        report.count(became(outcome, now))


def became(record: UsageRecord, now: datetime) -> str:
    """Say whether a record was stored now, changed now, or there as it is."""
    if record.created_at == now:
        return "stored"
    return "changed" if record.updated_at == now else "unchanged"


class Advance(Protocol):
    """Moves a bar on; the first time, it may say how far there is to go."""

    def __call__(self, done: int, report: Report, total: int | None = None) -> None:
        """Show that so much is done."""


@contextmanager
def progress(asked: Asked, total: int | None = None) -> Iterator[Advance]:
    """Show a bar on a terminal while the block runs; lend what moves it."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows, {task.fields[refused]:,} refused"),
        TimeRemainingColumn(),
    )
    hidden = asked.quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(asked.file.name, total=total, rows=0, refused=0)

        def advance(done: int, report: Report, total: int | None = None) -> None:
            bar.update(task, completed=done, total=total, rows=report.rows, refused=report.refused)

        yield advance
