"""Zip archives: how much they unfold to is known, and limited, before anything does."""

import zlib
from collections.abc import Iterator, Sequence
from os import SEEK_END
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from earned.domain.errors import Invalid
from earned.engine.usage_files.csv_file import csv_cells

UNZIPPED_BYTES_MAX = 64 * 1024 * 1024
UNZIPPED_TIMES_MAX = 50
"""How much an archive may unfold to, or how many times its own size if that is more."""

_ENCRYPTED = 0x1
_DIRECTORY_SIGNS = ("/", "\\")
_BROKEN = (BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError)


def zip_cells(file: IO[bytes]) -> Iterator[Sequence[str]]:
    """Yield the cells of the one CSV file of an archive. Raises `Invalid`."""
    try:
        size = file.seek(0, SEEK_END)
        unzipped_max = max(UNZIPPED_BYTES_MAX, UNZIPPED_TIMES_MAX * size)
        with open_zip(file, unzipped_max) as archive:
            yield from csv_cells(archive.open(_only_csv(archive)))
    except _BROKEN:
        raise unreadable() from None


def _only_csv(archive: ZipFile) -> str:
    names = archive.namelist()
    if any(sign in name for name in names for sign in _DIRECTORY_SIGNS):
        raise _refusal("The zip file must not contain a directory")
    if len(names) != 1 or not names[0].lower().endswith(".csv"):
        raise _refusal("The zip file must contain exactly one file, a CSV file")
    return names[0]


def unfolded_bytes(file: IO[bytes]) -> int:
    """Return how much an archive says it unfolds to; nothing if it is none."""
    try:
        with ZipFile(file) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except _BROKEN:
        return 0


def open_zip(file: IO[bytes], unzipped_max: int) -> ZipFile:
    """Open an archive that unfolds to at most so many bytes. Raises `Invalid`.

    The sizes it states are those that are read: `zipfile` stops there, whatever follows.
    """
    try:
        archive = ZipFile(file)
    except _BROKEN:
        raise unreadable() from None
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > unzipped_max:
        raise _refusal(f"The file is larger than {unzipped_max} bytes when it is unzipped")
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise _refusal("The zip file is encrypted, or compressed in a way that is not known")
    return archive


def unreadable() -> Invalid:
    """Return the refusal of an archive that is broken."""
    return _refusal("The zip file cannot be read")


def _refusal(message: str) -> Invalid:
    return Invalid(f"File Import Failed: {message}")
