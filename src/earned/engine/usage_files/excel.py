"""Excel workbooks, old and new: the cells of the first sheet as texts.

Numbers are written as Excel shows them, with fifteen digits at most, and dates in ISO 8601. A
formula counts with the value that was stored for it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from itertools import islice
from numbers import Real
from typing import IO

import openpyxl
import xlrd

from earned.domain.errors import EarnedError, Invalid
from earned.engine.usage_files.archive import open_zip

UNZIPPED_BYTES_MAX = 32 * 1024 * 1024
COLUMNS_MAX = 100
"""Columns that are looked at; a row may claim to have sixteen thousand."""

_BROKEN = "File Import Failed: The Excel file cannot be read"
_DIGITS = 15


def xlsx_cells(file: IO[bytes]) -> Iterator[Sequence[str]]:
    """Yield the cells of each row of an `.xlsx` file that has any. Raises `Invalid`."""
    return _reading(_xlsx_rows(file))


def xls_cells(file: IO[bytes]) -> Iterator[Sequence[str]]:
    """Yield the cells of each row of an `.xls` file. Raises `Invalid`."""
    return _reading(_xls_rows(file))


def _reading(rows: Iterator[Sequence[object]]) -> Iterator[Sequence[str]]:
    """Write the cells up to the last with anything in it; an empty row is a row without cells."""
    try:
        for row in rows:
            yield _texts(row) if any(value is not None for value in row) else ()
    except EarnedError:
        raise
    except Exception:  # noqa: BLE001 - The libraries raise whatever a broken file makes them trip over.
        raise Invalid(_BROKEN) from None


def _texts(row: Sequence[object]) -> Sequence[str]:
    cells = [_text(value) for value in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _xlsx_rows(file: IO[bytes]) -> Iterator[Sequence[object]]:
    open_zip(file, UNZIPPED_BYTES_MAX).close()
    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    sheet = book.worksheets[0]
    # What a sheet says of its own size is not to be relied on.
    sheet.reset_dimensions()
    yield from sheet.iter_rows(values_only=True, max_col=COLUMNS_MAX)


def _xls_rows(file: IO[bytes]) -> Iterator[Sequence[object]]:
    book = xlrd.open_workbook(file_contents=file.read(), on_demand=True, logfile=StringIO())
    sheet = book.sheet_by_index(0)
    for index in range(sheet.nrows):
        cells = islice(sheet.row(index), COLUMNS_MAX)
        yield [_xls_value(cell, book.datemode) for cell in cells]


def _xls_value(cell: xlrd.sheet.Cell, datemode: int) -> object:
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate.xldate_as_datetime(cell.value, datemode)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR")
    return cell.value


def _text(value: object) -> str:
    """Write the value of a cell as a CSV file would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Real):
        return f"{Decimal(format(value, f'.{_DIGITS}g')):f}"
    if isinstance(value, datetime):
        return value.isoformat(timespec="auto")
    return value.isoformat() if isinstance(value, date) else str(value)
