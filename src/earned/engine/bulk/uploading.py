"""An uploaded file recorded in sets of rows: all of them, or none."""

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb

from earned.domain.errors import EarnedError, Invalid
from earned.domain.usage_columns import UNIQUE_KEY, Layout
from earned.domain.usage_import import (
    ODD_CHARACTER,
    REFUSALS_MAX,
    ROWS_MAX,
    RefusedRow,
    UsageImport,
    fault_of,
    rejected,
    same_keys,
    template_layout,
)
from earned.engine.bulk.checking import Sheet, check_rows
from earned.engine.bulk.desk import open_desk
from earned.engine.bulk.importing import chunks
from earned.engine.bulk.parquet import UNREADABLE
from earned.engine.bulk.recording import Recorder
from earned.engine.bulk.resolving import resolve_rows
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
from earned.engine.usage_files.reading import SIGNATURE_BYTES, kind_of, open_cells
from earned.services.import_usage import Tally
from earned.services.ports import Books

_ODD = r"[\x{10000}-\x{10FFFF}\x00]"
_REPEATED = """SELECT row, first, key FROM (
        SELECT row, {key} AS key, min(row) OVER (PARTITION BY {key}) AS first FROM sent)
    WHERE row > first AND key <> '' ORDER BY row"""


def record_sent(
    scratch: Scratch, books: Books, sheet: Sheet, tally: Tally, spans: list[tuple[int, int]]
) -> None:
    """Record all rows of `sent` if none is refused; else note those that are."""
    _find_refused(scratch, books, sheet, tally, spans)
    if tally.refused:
        return
    recorder = Recorder(scratch, books, sheet)
    for first, last in spans:
        recorded = recorder.record(check_rows(scratch, books, sheet, first, last))
        for number, _, outcome in recorded.others:
            if isinstance(outcome, EarnedError):
                tally.refuse(sheet.layout, number, outcome)
    if not tally.refused:
        recorder.write()


def _find_refused(
    scratch: Scratch, books: Books, sheet: Sheet, tally: Tally, spans: list[tuple[int, int]]
) -> None:
    """Find the rows that are refused, chunk after chunk until they are enough to tell of."""
    for first, last in spans:
        refused = check_rows(scratch, books, sheet, first, last).refused
        refused += resolve_rows(scratch, books).refused
        for number, refusal in refused:
            tally.refuse(sheet.layout, number, refusal)
        if len(tally.refused) >= REFUSALS_MAX:
            return


def record_upload(books: Books, found: UsageImport, parts: Iterator[bytes], tally: Tally) -> None:
    """Record the rows of an import's file. Raises `Invalid` if it cannot be read as one."""
    with open_desk() as desk:
        path = desk.directory / "upload"
        with path.open("wb") as file:
            file.writelines(parts)
        layout = _spool(desk, path, found.file_name, tally)
        _leave_out_blank(desk, layout, tally)
        _count(desk, tally)
        _refuse_repeated(desk, layout, tally)
        sheet = Sheet(layout, found.file_name, import_id=found.id)
        record_sent(desk, books, sheet, tally, list(chunks(desk)))


def _spool(desk: Scratch, path: Path, name: str, tally: Tally) -> Layout:
    """Take the rows of a file; those that are at fault whatever they mean are refused."""
    with path.open("rb") as file:
        kind = kind_of(name, file.read(SIGNATURE_BYTES))
    if kind == ".parquet":
        return _spool_parquet(desk, path, tally)
    if kind == ".csv" and is_plain(path):
        with path.open(encoding="utf-8", newline="") as text:
            layout = template_layout(next(csv.reader(text), ()))
        if spool_plain(desk, path, ",", len(layout.header)):
            return layout
    with path.open("rb") as file:
        cells = open_cells(name, file)
        layout = template_layout(next(cells, ()))
        spool_cells(desk, _without_faults(layout, cells, tally), len(layout.header))
    return layout


def _spool_parquet(desk: Scratch, path: Path, tally: Tally) -> Layout:
    try:
        header = parquet_header(desk, path)
        layout = template_layout(header)
        spool_parquet(desk, path, header)
    except duckdb.Error:
        raise Invalid(UNREADABLE) from None
    odd = " OR ".join(f"regexp_matches(c{place}, '{_ODD}')" for place in range(len(header)))
    for (number,) in desk.rows(f"SELECT row FROM sent WHERE {odd} ORDER BY row"):  # noqa: S608 - Names of ours.
        tally.refused.append(RefusedRow(number, "", ODD_CHARACTER))
    return layout


def _without_faults(layout: Layout, cells: Iterator[Cells], tally: Tally) -> NumberedCells:
    for number, row in enumerate(cells, start=2):
        if not any(cell.strip() for cell in row):
            tally.has_omitted |= bool(row)
        elif fault := fault_of(layout, row, number):
            tally.count += 1
            tally.refused.append(RefusedRow(number, "", fault))
        else:
            yield number, row[: len(layout.header)]


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
    tally.count += desk.value("SELECT count(*) FROM sent")
    if tally.count > ROWS_MAX:
        beyond = desk.value("SELECT row FROM sent ORDER BY row LIMIT 1 OFFSET ?", [ROWS_MAX])
        raise Invalid(rejected(f"There are more than {ROWS_MAX} records", beyond))


def _refuse_repeated(desk: Scratch, layout: Layout, tally: Tally) -> None:
    """Refuse rows whose unique key stands in an earlier row."""
    if UNIQUE_KEY not in layout.places:
        return
    column = f"c{layout.places[UNIQUE_KEY]}"
    found = desk.rows(_REPEATED.format(key=column))
    repeated = [(row, first) for row, first, key in found if key.strip()]
    tally.refused += [RefusedRow(row, "", same_keys(first, row)) for row, first in repeated]
    desk.fill("repeated", {"row": "BIGINT"}, ((row,) for row, _ in repeated))
    desk.run("DELETE FROM sent WHERE row IN (FROM repeated)")
