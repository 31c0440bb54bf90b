"""A usage file from its first row to its last, in chunks that hold no more than so many rows."""

from collections.abc import Iterator
from pathlib import Path

from earned.engine.bulk.checking import Checked, Sheet
from earned.engine.bulk.recording import Recorded, Recorder
from earned.engine.bulk.spooling import (
    FIRST_ROW,
    NumberedCells,
    is_plain,
    spool_cells,
    spool_plain,
)
from earned.engine.duck import Scratch
from earned.services.ports import Books

CHUNK = 200_000


def spool_csv(
    scratch: Scratch, path: Path, delimiter: str, width: int, rows: NumberedCells
) -> None:
    """Take the rows of a CSV file: as they lie if it is plain, else those that Python has read."""
    if not (is_plain(path) and spool_plain(scratch, path, delimiter, width)):
        spool_cells(scratch, rows, width)


def chunks(scratch: Scratch, size: int = CHUNK) -> Iterator[tuple[int, int]]:
    """Yield the first and the last row number of each chunk."""
    last = scratch.value("SELECT coalesce(max(row), 0) FROM sent")
    for first in range(FIRST_ROW, last + 1, size):
        yield first, min(first + size - 1, last)


def record_chunk(scratch: Scratch, books: Books, sheet: Sheet, checked: Checked) -> Recorded:
    """Record the rows that were checked, all of them in the books when this returns."""
    recorder = Recorder(scratch, books, sheet)
    recorded = recorder.record(checked)
    recorder.write()
    return recorded
