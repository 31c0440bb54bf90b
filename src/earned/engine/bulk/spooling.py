"""The rows of a file as a table of texts, `sent`, numbered as in a spreadsheet.

Most files of this size are written by programs: no quotes, no empty lines. DuckDB reads those as
they are. Whatever else CSV allows is read by Python's reader, whose reading is the one that counts,
and handed over row by row.
"""

from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from pathlib import Path
from re import compile as pattern

import duckdb

from earned.engine.duck import Scratch, quoted

FIRST_ROW = 2
"""The header is row 1."""

Cells = Sequence[str]
NumberedCells = Iterator[tuple[int, Cells]]

_BLOCK = 4 * 1024 * 1024
# A quote, NUL, our sign of null, what is beyond the first plane; an end of line that is no such
# thing, or comes right after another.
_ODD = pattern(rb'["\x00\x01\xf0-\xf4]|\r(?=[^\n])|\n\r?\n')
_MARK = b"\xef\xbb\xbf"


def is_plain(path: Path) -> bool:
    """Say whether a CSV file is lines of values without quotes, in UTF-8, none of them empty."""
    decode = getincrementaldecoder("utf-8")().decode
    tail = b"\n"
    with path.open("rb") as file:
        if file.read(len(_MARK)) == _MARK:
            return False
        file.seek(0)
        while block := file.read(_BLOCK):
            # The last byte is looked at with what follows it.
            if _ODD.search(tail + block[:-1]):
                return False
            tail = (tail + block)[-2:]
            try:
                decode(block)
            except UnicodeDecodeError:
                return False
    return not (_ODD.search(tail) or tail.endswith(b"\r"))


def spool_plain(scratch: Scratch, path: Path, delimiter: str, width: int) -> bool:
    """Read a plain CSV file; False if a row has more values than the header."""
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
    options = (
        f"delim = {quoted(delimiter)}, quote = '', escape = '', nullstr = '\x01', header = false, "
        f"skip = 1, auto_detect = false, null_padding = true, columns = {{{columns}}}"
    )
    try:
        _keep(
            scratch, f"*, NULL::VARCHAR[] AS further FROM read_csv({quoted(str(path))}, {options})"
        )
    except duckdb.InvalidInputException:
        return False
    return True


def spool_cells(scratch: Scratch, rows: NumberedCells, width: int) -> None:
    """Take rows that Python has read; what a row has beyond the header is kept beside it."""
    numbered = ((number, cells[:width], cells[width:] or None) for number, cells in rows)
    kinds = {"row": "BIGINT", "cells": "VARCHAR[]", "further": "VARCHAR[]"}
    scratch.fill("sent_cells", kinds, numbered)
    columns = ", ".join(f"cells[{place + 1}] AS c{place}" for place in range(width))
    scratch.run(f"CREATE OR REPLACE TABLE sent AS SELECT row, {columns}, further FROM sent_cells")  # noqa: S608 - Names of ours.
    scratch.run("DROP TABLE sent_cells")


def parquet_header(scratch: Scratch, path: Path) -> Sequence[str]:
    """Return the names of a Parquet file's columns. Raises DuckDB's error if it is none."""
    found = scratch.rows(f"DESCRIBE SELECT * FROM read_parquet({quoted(str(path))})")  # noqa: S608 - A path.
    return [str(name) for name, *_ in found]


def spool_parquet(scratch: Scratch, path: Path, header: Sequence[str]) -> None:
    """Read a Parquet file, its values as the texts that CSV would have."""
    columns = ", ".join(f"CAST({named(name)} AS VARCHAR) AS c{i}" for i, name in enumerate(header))
    source = f"read_parquet({quoted(str(path))})"
    _keep(scratch, f"{columns}, NULL::VARCHAR[] AS further FROM {source}")


def named(name: str) -> str:
    """Write a name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def sent_rows(
    scratch: Scratch, width: int, condition: str, values: Sequence[object] = ()
) -> NumberedCells:
    """Yield rows as they were sent, in order; `condition` says which."""
    columns = "".join(f"c{place}, " for place in range(width))
    # A cursor of its own: whoever reads goes on with other statements meanwhile.
    cursor = scratch.duck.cursor()
    cursor.execute(
        f"SELECT row, {columns}further FROM sent WHERE {condition} ORDER BY row",  # noqa: S608 - Names of ours.
        values,
    )
    while found := cursor.fetchmany(1000):
        for number, *cells, further in found:
            yield number, _as_sent(cells, further)


def _as_sent(cells: list[str | None], further: list[str] | None) -> Cells:
    """Return the cells that a row had: those after its last are null."""
    while cells and cells[-1] is None:
        cells.pop()
    return [cell or "" for cell in cells] + (further or [])


def _keep(scratch: Scratch, selected: str) -> None:
    scratch.run(
        f"CREATE OR REPLACE TABLE sent AS SELECT row_number() OVER () + 1 AS row, {selected}"
    )
