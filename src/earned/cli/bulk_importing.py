"""Record the rows of a large file in sets of many thousand, each set in one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import duckdb

from earned.bootstrap.application import Application
from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed
from earned.cli.importing import Asked, again, count, is_parquet, progress
from earned.cli.output import complain
from earned.cli.stopping import Stop, stoppable
from earned.cli.usage_file import Row, key_of, names_of, open_usage_file
from earned.cli.usage_layout import layout_of
from earned.cli.usage_report import Rejects, Report, rejecting
from earned.domain.errors import EarnedError
from earned.domain.tenancy import Scope, Settings
from earned.domain.usage_columns import Layout
from earned.engine.bulk.checking import Checked, Sheet, check_rows
from earned.engine.bulk.desk import open_desk
from earned.engine.bulk.importing import chunks, record_chunk, spool_csv
from earned.engine.bulk.recording import Recorded
from earned.engine.bulk.spooling import parquet_header, sent_rows, spool_parquet
from earned.engine.duck import Scratch

_STOPPING = "Stopping after the rows at hand; Ctrl-C once more leaves them out."


class _DryRun(Exception):
    """Rolls a set back, and tells what would have become of it."""

    def __init__(self, done: tuple[Recorded, datetime]) -> None:
        super().__init__()
        self.done = done


@dataclass(frozen=True, slots=True)
class _Import:
    """A file on the desk, and the books that take it."""

    application: Application
    scope: Scope
    asked: Asked
    desk: Scratch
    sheet: Sheet

    def check(self, first: int, last: int) -> tuple[Checked, Settings]:
        """Read rows; nobody waits for that."""
        with self.application.database.reading(self.scope) as books:
            return check_rows(self.desk, books, self.sheet, first, last), books.settings

    def record(
        self, checked: Checked, settings: Settings, *, alone: bool
    ) -> tuple[Recorded, datetime]:
        """Record rows in one transaction; they are read again if what they mean has changed."""
        with self.application.database.writing(structural=False, alone=alone) as transaction:
            books = transaction.books(self.scope)
            if books.settings != settings:
                checked = check_rows(self.desk, books, self.sheet, checked.first, checked.last)
            done = record_chunk(self.desk, books, self.sheet, checked), transaction.now
            if self.asked.dry_run:
                raise _DryRun(done)
        return done

    def carry_out(self, first: int, last: int, stop: Stop) -> tuple[Recorded, datetime]:
        """Record the rows from `first` to `last`."""
        checked, settings = self.check(first, last)
        try:
            return again(partial(self.record, checked, settings), stop)
        except _DryRun as tried:
            return tried.done

    def tell(self, report: Report, rejects: Rejects, done: tuple[Recorded, datetime]) -> None:
        """Count what became of rows; the refused ones in the order of the file."""
        recorded, now = done
        layout, odd = self.sheet.layout, [*recorded.others, *self._refused(recorded)]
        report.rows += recorded.stored + recorded.unchanged
        report.stored += recorded.stored
        report.unchanged += recorded.unchanged
        for number, cells, outcome in sorted(odd, key=lambda row: row[0]):
            row = Row(number, cells, self.sheet.command(number, cells))
            count(report, rejects, layout, row, outcome, now)

    def _refused(self, recorded: Recorded) -> Iterator[tuple[int, Sequence[str], EarnedError]]:
        refusals = dict(recorded.refused)
        if not refusals:
            return
        self.desk.fill("refused_row", {"row": "BIGINT"}, ((number,) for number in refusals))
        these = "row IN (FROM refused_row)"
        for number, cells in sent_rows(self.desk, len(self.sheet.layout.header), these):
            yield number, cells, refusals[number]


def import_in_bulk(application: Application, scope: Scope, asked: Asked) -> tuple[Report, Layout]:
    """Import a file until its end, or until asked to stop between two sets of rows.

    Asked twice, it does not wait for the end of a set: nothing of that one is stored.
    """
    report = Report(dry_run=asked.dry_run)
    with progress(asked) as advance, _on_desk(asked) as (desk, sheet):
        work = _Import(application, scope, asked, desk, sheet)
        spans = list(chunks(desk))
        advance(1, report, spans[-1][1] if spans else 1)
        with (
            rejecting(asked.rejects, sheet.layout.header, asked.delimiter) as rejects,
            stoppable(lambda: complain(_STOPPING)) as stop,
        ):
            for first, last in spans:
                try:
                    done = None if stop.asked else work.carry_out(first, last, stop)
                except KeyboardInterrupt:
                    done = None
                if done is None:
                    report.interrupted = True
                    break
                work.tell(report, rejects, done)
                report.last_row = last
                advance(last, report)
    return report, sheet.layout


@contextmanager
def _on_desk(asked: Asked) -> Iterator[tuple[Scratch, Sheet]]:
    """Lend a desk with the file's rows on it."""
    with open_desk() as desk:
        try:
            yield desk, _parquet(desk, asked) if is_parquet(asked.file) else _csv(desk, asked)
        except duckdb.InvalidInputException as error:
            message = f"{asked.file.name} cannot be read: {error}."
            raise CommandFailed(Exit.REFUSED, message) from None


def _parquet(desk: Scratch, asked: Asked) -> Sheet:
    header = names_of(asked.file, parquet_header(desk, asked.file))
    layout = layout_of(header, asked.columns, asked.constants)
    spool_parquet(desk, asked.file, header)
    key = key_of(asked.file, layout) if asked.keyed else None
    return Sheet(layout, asked.file.name, key=key)


def _csv(desk: Scratch, asked: Asked) -> Sheet:
    with open_usage_file(
        asked.file, asked.columns, asked.constants, delimiter=asked.delimiter, keyed=asked.keyed
    ) as file:
        width = len(file.layout.header)
        spool_csv(desk, asked.file, asked.delimiter, width, file.numbered_cells())
        return Sheet(file.layout, asked.file.name, key=file.key)
