"""A usage file: rows one after another, each as the command that records it."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import Any

from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed
from earned.cli.usage_layout import layout_of
from earned.domain.usage_columns import UNIQUE_KEY, Layout, repeated
from earned.services.record_usage import RecordUsage
from earned.services.usage_row import usage_of_row


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file; the header is row 1, as in a spreadsheet."""

    number: int
    cells: Sequence[str]
    command: RecordUsage


@dataclass(frozen=True, slots=True)
class UsageFile:
    """An open file and how to read it."""

    path: Path
    layout: Layout
    raw: BufferedReader
    reader: Iterator[list[str]]
    key: str | None

    @property
    def bytes_read(self) -> int:
        """How far reading has come."""
        return self.raw.tell()

    def rows(self) -> Iterator[Row]:
        """Yield the rows in order; lines without anything on them are skipped."""
        for number, cells in self.numbered_cells():
            yield Row(number, cells, self._command(number, cells))

    def numbered_cells(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield the values of each row in order, with its number."""
        for number, cells in enumerate(self._cells(), start=2):
            if cells:
                yield number, cells

    def _cells(self) -> Iterator[list[str]]:
        try:
            yield from self.reader
        except (csv.Error, UnicodeDecodeError) as error:
            message = f"{self.path.name} cannot be read any further: {error}."
            raise CommandFailed(Exit.REFUSED, message, "It should be CSV in UTF-8.") from None

    def _command(self, number: int, cells: Sequence[str]) -> RecordUsage:
        values = self.layout.values(cells)
        if self.key and UNIQUE_KEY not in values:
            values[UNIQUE_KEY] = f"{self.key}-{number}"
        return usage_of_row(values, self.path.name)


@contextmanager
def open_usage_file(
    path: Path,
    columns: Mapping[str, str],
    constants: Mapping[str, str],
    *,
    delimiter: str = ",",
    keyed: bool = True,
) -> Iterator[UsageFile]:
    """Lend a file for reading. With `keyed`, each row gets a unique key of its own.

    The key is made of the file's contents, of what is counted for whom, and of the row number: the
    same import again changes nothing, another column of the same file is another import.
    """
    with path.open("rb") as raw:
        text = TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        layout = layout_of(_header(path, reader), columns, constants)
        key = key_of(path, layout) if keyed else None
        yield UsageFile(path, layout, raw, reader, key)


def _header(path: Path, reader: Iterator[list[str]]) -> Sequence[str]:
    try:
        header = next(reader, [])
    except (csv.Error, UnicodeDecodeError) as error:
        message = f"{path.name} cannot be read: {error}."
        raise CommandFailed(Exit.REFUSED, message, "It should be CSV in UTF-8.") from None
    if not any(name.strip() for name in header):
        raise CommandFailed(Exit.REFUSED, f"{path.name} has no header.")
    return names_of(path, header)


def names_of(path: Path, header: Sequence[str]) -> Sequence[str]:
    """Return the names of a file's columns, of which none may be there twice."""
    names = [name.strip() for name in header]
    if twice := repeated(names):
        raise CommandFailed(Exit.REFUSED, f"{path.name} has the column '{twice}' twice.")
    return names


def key_of(path: Path, layout: Layout) -> str:
    """Return what the unique keys of a file's rows begin with."""
    with path.open("rb") as contents:
        digest: Any = file_digest(contents, sha256)
    digest.update(layout.counted.encode())
    return str(digest.hexdigest())
