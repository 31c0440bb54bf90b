"""Reports as text: a CSV file for programs, and a table for people."""

import csv
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import StringIO
from textwrap import wrap

from earned.domain.exact import plain
from earned.domain.reporting import Column, Kind, Report, Value
from earned.domain.spreadsheet import as_text

ROW, TOTAL = "row", "total"
_GAP = "  "


def to_csv(report: Report) -> str:
    """Return a CSV file: headings, rows and totals; the first field says which of both a line is.

    Amounts have a point and the decimals of their currency.
    """
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["line", *map(_heading, report.columns)])
    for line, rows in ((ROW, report.rows), (TOTAL, report.totals)):
        for row in rows:
            writer.writerow([line, *map(_field, report.columns, row)])
    return file.getvalue()


def to_table(report: Report) -> Iterator[str]:
    """Yield the lines of a table for people, as wide as its figures; totals come last."""
    rows, totals = list(_lines(report, report.rows)), list(_lines(report, report.totals))
    for row, shown in zip(report.totals, totals, strict=True):
        place = next((at for at, value in enumerate(row) if value is None), 0)
        shown[place] = TOTAL
    names = [_heading(c) if c.period else _words(c.name) for c in report.columns]
    widths = [
        max(map(len, (*name.split(), *column)))
        for name, *column in zip(names, *rows, *totals, strict=True)
    ]
    sides = ["rjust" if column.kind.is_number else "ljust" for column in report.columns]
    heads = [wrap(name, width) for name, width in zip(names, widths, strict=True)]
    height = max(map(len, heads))
    head = zip(*([""] * (height - len(lines)) + lines for lines in heads), strict=True)
    rule = ["-" * width for width in widths]
    for cells in (*head, rule, *rows, *([rule] if totals else []), *totals):
        yield _line(cells, widths, sides)


def _line(cells: Sequence[str], widths: Sequence[int], sides: Sequence[str]) -> str:
    parts = zip(cells, widths, sides, strict=True)
    return _GAP.join(getattr(cell, side)(width) for cell, width, side in parts).rstrip()


def _lines(report: Report, rows: Sequence[Sequence[Value]]) -> Iterator[list[str]]:
    for row in rows:
        yield [_printable(_shown(value, c)) for value, c in zip(row, report.columns, strict=True)]


def _printable(text: str) -> str:
    """Leave out what would break a line, or command the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def _heading(column: Column) -> str:
    """Name a column; one of an accounting period says whether it is recognised."""
    status = column.period and column.period.figure != "Change" and column.period.status
    return f"{column.name} ({status})" if status else column.name


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _field(column: Column, value: Value) -> str:
    """Write a value; numbers may be negative, and text is kept from being a formula."""
    text = _shown(value, column)
    return text if column.kind.is_number else as_text(text)


def _shown(value: Value, column: Column) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value) if column.kind is Kind.UNITS else f"{value:f}"
    return str(value)
