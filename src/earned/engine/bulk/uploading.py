"""An uploaded file recorded in sets of rows: all of them, or none."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb

from earned.domain.errors import EarnedError, Invalid
from earned.domain.tenancy import Settings
from earned.domain.usage_columns import UNIQUE_KEY, Layout
from earned.domain.usage_import import (
    ODD_CHARACTER,
    REFUSED_ROWS_MAX,
    ROWS_MAX,
    RefusedRow,
    UsageImport,
    fault_of,
    rejected,
    same_keys,
    template_layout,
)
from earned.engine.bulk.checking import Checked, Sheet, check_rows
from earned.engine.bulk.desk import open_desk
from earned.engine.bulk.holding import Held
from earned.engine.bulk.importing import CHUNK, chunks
from earned.engine.bulk.keyed import find_keys
from earned.engine.bulk.parquet import UNREADABLE
from earned.engine.bulk.recording import Recorded, Recorder
from earned.engine.bulk.resolving import Kind, resolve_rows
from earned.engine.bulk.results import RefusedRows, note_recorded, recorded_result, without_nul
from earned.engine.bulk.spooling import (
    Cells,
    NumberedCells,
    is_plain,
    parquet_header,
    sent_rows,
    spool_cells,
    spool_parquet,
    spool_plain,
)
from earned.engine.duck import Scratch
from earned.engine.usage_files.large import Check
from earned.engine.usage_files.reading import SIGNATURE_BYTES, kind_of, open_cells
from earned.services.import_usage import RecordFile, Tally, refused_row
from earned.services.ports import Books

_ODD = r"[\x{10000}-\x{10FFFF}\x00]"
_KEYS = """CREATE OR REPLACE TABLE sent_key AS
    SELECT row, key, min(row) OVER (PARTITION BY key) AS first
    FROM (SELECT row, {key} AS key FROM sent ANTI JOIN blank_key ON {key} = blank_key.key)
    WHERE key <> ''"""
_BLANK_IN_PYTHON = """SELECT DISTINCT {key} FROM sent
    WHERE {key} <> '' AND NOT coalesce(visible({key}), false)"""
_REPEATED = "SELECT row, first FROM sent_key WHERE row > first ORDER BY row LIMIT ?"

_KEEP_CHECKED = """CREATE TABLE IF NOT EXISTS checked AS FROM good LIMIT 0;
    INSERT INTO checked FROM good"""
_TAKE_CHECKED = "CREATE OR REPLACE TABLE good AS FROM checked WHERE row BETWEEN ? AND ?"


@contextmanager
def prepared_upload(
    books: Books, found: UsageImport, go_on: Check, size: int = CHUNK
) -> Iterator[RecordFile]:
    """Lend what records an import's file, read and checked: nobody has waited for that.

    `go_on` is asked between chunks of so many rows, and raises where it should not go on.
    """
    with open_desk() as desk:
        upload = _Upload(desk, found, go_on, size)
        upload.take(books.parts(found.id))
        upload.check(books)
        yield upload.record


class _Upload:
    """A file on the desk, and what was found out about it. It may be recorded more than once."""

    def __init__(self, desk: Scratch, found: UsageImport, go_on: Check, size: int) -> None:
        self._desk, self._found, self._go_on, self._size = desk, found, go_on, size
        self._tally = Tally()
        self._refused = RefusedRows(desk)
        self._unreadable: EarnedError | None = None
        self._spans: list[tuple[int, int]] = []
        self._settings: Settings | None = None
        self._held = Held()

    def take(self, parts: Iterator[bytes]) -> None:
        """Take the file in: its rows, and what is wrong with them whatever they mean."""
        desk, refused = self._desk, self._refused
        path = desk.directory / "upload"
        with path.open("wb") as file:
            for part in parts:
                file.write(part)
        try:
            layout = _spool(desk, path, self._found.file_name, self._tally, refused)
            refused.leave_out()
            _leave_out_blank(desk, layout, self._tally)
            _count(desk, self._tally)
            _refuse_repeated(desk, layout, refused)
        except EarnedError as unreadable:
            self._unreadable = unreadable
            return
        finally:
            path.unlink()
        self._sheet = Sheet(layout, self._found.file_name, import_id=self._found.id)
        self._spans = list(chunks(desk, self._size))

    def check(self, books: Books) -> None:
        """Find the rows that are refused, chunk after chunk until they are too many to tell of.

        Keep those that are good, and note what they draw on.
        """
        desk = self._desk
        self._settings = books.settings
        for first, last in self._spans:
            self._go_on()
            refused = check_rows(desk, books, self._sheet, first, last).refused
            resolved = resolve_rows(desk, books)
            self._refuse(self._refused, (*refused, *resolved.refused))
            if self._refused.refusals.is_full:
                return
            if not self._refused.refusals.count:
                self._hold(books, resolved.kinds)
                desk.run(_KEEP_CHECKED)

    def _hold(self, books: Books, kinds: Mapping[int, Kind]) -> None:
        """Note what rows draw on, and change."""
        self._held.add(kinds.values())
        if books.is_shared:
            self._held.add_records(books, find_keys(self._desk, books, kinds).odd)

    def record(self, books: Books, tally: Tally) -> bool:
        """Record all rows if none is refused; else tell of those that are."""
        if self._unreadable:
            raise self._unreadable
        tally.count, tally.has_omitted = self._tally.count, self._tally.has_omitted
        refused = self._refused
        if not refused.refusals.count:
            refused = self._record(books, tally)
        if refused.refusals.count:
            tally.result = partial(refused.result, self._sheet.layout)
        tally.refused = refused.refusals
        return True

    def _record(self, books: Books, tally: Tally) -> RefusedRows:
        """Record all rows, unless one is refused after all; return those that are."""
        recorder, refused = Recorder(self._desk, books, self._sheet), RefusedRows(self._desk)
        recorder.hold(self._held)
        for first, last in self._spans:
            self._go_on()
            recorded = recorder.record(self._checked(books, first, last))
            self._refuse(refused, recorded.refused)
            self._refuse(refused, _refused(recorded))
            if refused.refusals.is_full:
                break
            note_recorded(self._desk, _others(recorded))
        if not refused.refusals.count:
            recorder.write()
            usage_id = recorder.usage_id("number")
            layout, spans = self._sheet.layout, self._spans
            tally.result = partial(recorded_result, self._desk, layout, usage_id, spans)
        return refused

    def _refuse(self, refused: RefusedRows, rows: Iterable[tuple[int, EarnedError]]) -> None:
        for number, refusal in rows:
            refused.add(refused_row(self._sheet.layout, number, refusal))

    def _checked(self, books: Books, first: int, last: int) -> Checked:
        """Return rows as they were checked; anew, if what they mean has changed since."""
        if books.settings != self._settings:
            return check_rows(self._desk, books, self._sheet, first, last)
        self._desk.run(_TAKE_CHECKED, [first, last])
        return Checked(first, last)


def _refused(recorded: Recorded) -> Iterator[tuple[int, EarnedError]]:
    for number, _, outcome in recorded.others:
        if isinstance(outcome, EarnedError):
            yield number, outcome


def _others(recorded: Recorded) -> Iterator[tuple[int, str]]:
    for number, _, outcome in recorded.others:
        if not isinstance(outcome, EarnedError):
            yield number, outcome.id


def _spool(desk: Scratch, path: Path, name: str, tally: Tally, refused: RefusedRows) -> Layout:
    """Take the rows of a file; those that are at fault whatever they mean are refused."""
    with path.open("rb") as file:
        kind = kind_of(name, file.read(SIGNATURE_BYTES))
    if kind == ".parquet":
        return _spool_parquet(desk, path, refused)
    with path.open("rb") as file:
        cells = open_cells(name, file)
        layout = template_layout(next(cells, ()))
        is_readable = kind == ".csv" and is_plain(path)
        if not (is_readable and spool_plain(desk, path, ",", len(layout.header))):
            spool_cells(desk, _with_faults(layout, cells, tally, refused), len(layout.header))
    return layout


def _spool_parquet(desk: Scratch, path: Path, refused: RefusedRows) -> Layout:
    try:
        header = parquet_header(desk, path)
        layout = template_layout(header)
        spool_parquet(desk, path, header)
    except duckdb.Error:
        raise Invalid(UNREADABLE) from None
    odd = " OR ".join(f"regexp_matches(c{place}, '{_ODD}')" for place in range(len(header)))
    found = desk.rows(f"SELECT row FROM sent WHERE {odd} ORDER BY row LIMIT {REFUSED_ROWS_MAX}")  # noqa: S608 - Names of ours.
    for (number,) in found:
        refused.add(RefusedRow(number, "", ODD_CHARACTER))
    return layout


def _with_faults(
    layout: Layout, cells: Iterator[Cells], tally: Tally, refused: RefusedRows
) -> NumberedCells:
    """Number the rows that have values; refuse those that are at fault, which are left out then."""
    for number, row in enumerate(cells, start=2):
        if not any(cell.strip() for cell in row):
            tally.has_omitted |= bool(row)
            continue
        if fault := fault_of(layout, row, number):
            if refused.refusals.is_full:
                return
            refused.add(RefusedRow(number, "", fault))
        yield number, without_nul(row) if fault else row


def _leave_out_blank(desk: Scratch, layout: Layout, tally: Tally) -> None:
    """Take rows out that have no values; what is blank, Python knows."""
    columns = [f"c{place}" for place in range(len(layout.header))]
    seen = " OR ".join(f"coalesce(visible({column}), false)" for column in columns)
    numbers = [
        (number,)
        for number, cells in sent_rows(desk, len(columns), f"NOT ({seen})")
        if not any(cell.strip() for cell in cells)
    ]
    if numbers:
        tally.has_omitted = True
        desk.fill("blank", {"row": "BIGINT"}, numbers)
        desk.run("DELETE FROM sent WHERE row IN (FROM blank)")


def _count(desk: Scratch, tally: Tally) -> None:
    tally.count += desk.value("SELECT count(*) FROM (FROM sent UNION ALL FROM left_out)")
    if tally.count > ROWS_MAX:
        beyond = desk.value("SELECT row FROM sent ORDER BY row LIMIT 1 OFFSET ?", [ROWS_MAX])
        raise Invalid(rejected(f"There are more than {ROWS_MAX} records", beyond))


def _refuse_repeated(desk: Scratch, layout: Layout, refused: RefusedRows) -> None:
    """Refuse rows whose unique key stands in an earlier row."""
    if UNIQUE_KEY not in layout.places:
        return
    column = f"c{layout.places[UNIQUE_KEY]}"
    odd = desk.rows(_BLANK_IN_PYTHON.format(key=column))
    desk.fill("blank_key", {"key": "VARCHAR"}, ((key,) for (key,) in odd if not key.strip()))
    desk.run(_KEYS.format(key=column))
    for row, first in desk.rows(_REPEATED, [REFUSED_ROWS_MAX]):
        refused.add(RefusedRow(row, "", same_keys(first, row)))
    refused.leave_out()
    desk.run("DROP TABLE sent_key")
