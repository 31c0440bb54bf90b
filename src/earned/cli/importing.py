"""Record the rows of a usage file, group after group, each group in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import DBAPIError

from earned.bootstrap.application import Application
from earned.cli.stopping import stoppable
from earned.cli.usage_file import Row, UsageFile, open_usage_file
from earned.cli.usage_report import Rejects, Report, refusal_of, rejecting
from earned.domain.errors import EarnedError
from earned.domain.tenancy import Scope
from earned.domain.usage import UsageRecord
from earned.domain.usage_columns import Layout
from earned.services.record_usage import RECORD_USAGE, Outcome

GROUP = 1000
_ATTEMPTS = 5
# PostgreSQL, with servers running beside: serialization failure, deadlock, a lock not had in time,
# and a key that somebody else has just stored.
_RETRYABLE = {"40001", "40P01", "55P03", "23505"}


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


class _DryRun(Exception):
    """Rolls a group back, and tells what would have become of it."""

    def __init__(self, done: Done) -> None:
        super().__init__()
        self.done = done


def import_usage(application: Application, scope: Scope, asked: Asked) -> tuple[Report, Layout]:
    """Import a file until its end, or until asked to stop between two groups."""
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
        _progress(file, quiet=asked.quiet) as advance,
        stoppable() as stop,
    ):
        for group in _groups(file.rows()):
            if stop.asked:
                report.interrupted = True
                break
            outcomes, now = _commit(application, scope, group, dry_run=asked.dry_run)
            for row, outcome in zip(group, outcomes, strict=True):
                _count(report, rejects, file.layout, row, outcome, now)
            advance(report)
    return report, file.layout


def _groups(rows: Iterator[Row]) -> Iterator[Sequence[Row]]:
    while group := list(islice(rows, GROUP)):
        yield group


def _commit(application: Application, scope: Scope, group: Sequence[Row], *, dry_run: bool) -> Done:
    """Record a group in one transaction, again where servers beside were in the way."""
    for remaining in range(_ATTEMPTS - 1, -1, -1):
        try:
            return _record(application, scope, group, dry_run=dry_run)
        except _DryRun as tried:
            return tried.done
        except DBAPIError as error:
            if not remaining or getattr(error.orig, "sqlstate", None) not in _RETRYABLE:
                raise
    raise AssertionError  # pragma: no cover - The last attempt returns or raises.


def _record(application: Application, scope: Scope, group: Sequence[Row], *, dry_run: bool) -> Done:
    with application.database.writing(structural=False) as transaction:
        commands = [row.command for row in group]
        done = RECORD_USAGE.run(transaction.books(scope), commands), transaction.now
        if dry_run:
            raise _DryRun(done)
    return done


def _count(
    report: Report,
    rejects: Rejects,
    layout: Layout,
    row: Row,
    outcome: Outcome,
    now: datetime,
) -> None:
    report.rows += 1
    report.last_row = row.number
    if isinstance(outcome, EarnedError):
        refusal = refusal_of(layout, outcome)
        report.refuse(row, refusal)
        rejects.add(row, refusal)
    else:
        report.count(_became(outcome, now))


def _became(record: UsageRecord, now: datetime) -> str:
    """Say whether a record was stored now, changed now, or there as it is."""
    if record.created_at == now:
        return "stored"
    return "changed" if record.updated_at == now else "unchanged"


@contextmanager
def _progress(file: UsageFile, *, quiet: bool) -> Iterator[Callable[[Report], None]]:
    """Show a bar on a terminal while the block runs; lend what moves it."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows, {task.fields[refused]:,} refused"),
        TimeRemainingColumn(),
    )
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        size = file.path.stat().st_size
        task = bar.add_task(file.path.name, total=size, rows=0, refused=0)

        def advance(report: Report) -> None:
            done = file.bytes_read
            bar.update(task, completed=done, rows=report.rows, refused=report.refused)

        yield advance
