"""Which kind of file it is, by its name; by its first bytes where the name says nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePath
from pkgutil import resolve_name
from typing import IO

from earned.domain.errors import Invalid
from earned.engine.usage_files.archive import zip_cells
from earned.engine.usage_files.csv_file import csv_cells

Cells = Iterator[Sequence[str]]

_READERS: Mapping[str, Callable[[IO[bytes]], Cells]] = {
    ".csv": csv_cells,
    ".zip": zip_cells,
    ".xls": lambda file: _load("usage_files.excel:xls_cells", file),
    ".xlsx": lambda file: _load("usage_files.excel:xlsx_cells", file),
    ".parquet": lambda file: _load("bulk.parquet:parquet_cells", file),
}
_SIGNATURES = {
    b"PAR1": ".parquet",
    b"PK\x03\x04": ".zip",
    b"\xd0\xcf\x11\xe0": ".xls",
}
SIGNATURE_BYTES = 4
KINDS = tuple(_READERS)


def open_cells(name: str, file: IO[bytes]) -> Cells:
    """Yield the cells of the header, then of each row. Raises `Invalid` if it cannot be read."""
    kind = kind_of(name, file.read(SIGNATURE_BYTES))
    file.seek(0)
    if not kind:
        raise Invalid(f"File Import Failed: The file should be one of {', '.join(KINDS)}")
    return _READERS[kind](file)


def kind_of(name: str, beginning: bytes) -> str:
    """Return the suffix that says how a file is read, empty if no format has it."""
    suffix = PurePath(name).suffix.lower()
    if suffix:
        return suffix if suffix in _READERS else ""
    return next(
        (kind for start, kind in _SIGNATURES.items() if beginning.startswith(start)), ".csv"
    )


def _load(reader: str, file: IO[bytes]) -> Cells:
    """Read a file by what takes a fifth of a second to load, and most never need."""
    read: Callable[[IO[bytes]], Cells] = resolve_name(f"earned.engine.{reader}")
    return read(file)
