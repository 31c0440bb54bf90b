"""Which kind of file it is, by its name; by its first bytes where the name says nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import PurePath
from pkgutil import resolve_name

from earned.domain.errors import Invalid
from earned.engine.usage_files.archive import zip_cells
from earned.engine.usage_files.csv_file import csv_cells

Cells = Iterator[Sequence[str]]

_READERS: Mapping[str, Callable[[bytes], Cells]] = {
    ".csv": lambda content: csv_cells(BytesIO(content)),
    ".zip": zip_cells,
    ".xls": lambda content: _load("usage_files.excel:xls_cells", content),
    ".xlsx": lambda content: _load("usage_files.excel:xlsx_cells", content),
    ".parquet": lambda content: _load("bulk.parquet:parquet_cells", content),
}
_SIGNATURES = {
    b"PAR1": ".parquet",
    b"PK\x03\x04": ".zip",
    b"\xd0\xcf\x11\xe0": ".xls",
}
SIGNATURE_BYTES = 4
"""How many bytes of a file say what it is."""

KINDS = tuple(_READERS)


def open_cells(name: str, content: bytes) -> Cells:
    """Yield the cells of the header, then of each row. Raises `Invalid` if it cannot be read."""
    kind = kind_of(name, content)
    if not kind:
        raise Invalid(f"File Import Failed: The file should be one of {', '.join(KINDS)}")
    return _READERS[kind](content)


def kind_of(name: str, content: bytes) -> str:
    """Return the suffix that says how a file is read, empty if no format has it."""
    suffix = PurePath(name).suffix.lower()
    if suffix:
        return suffix if suffix in _READERS else ""
    return next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), ".csv")


def _load(reader: str, content: bytes) -> Cells:
    """Read a file by what takes a fifth of a second to load, and most never need."""
    read: Callable[[bytes], Cells] = resolve_name(f"earned.engine.{reader}")
    return read(content)
