"""Accept an uploaded usage file: it is stored, to be imported afterwards (U 3.6)."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from typing import BinaryIO

from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.usage_import import (
    FILE_BYTES_MAX,
    FILE_TOO_LARGE,
    NAME_LENGTH_MAX,
    NAME_TOO_LONG,
    PIECE_BYTES,
    UsageImport,
    UsageImportFile,
)
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptFile:
    """A file as uploaded; its import is called `name`, like the file unless that is given."""

    file_name: str
    content: BinaryIO
    name: str | None = None

    def pieces(self) -> Iterator[bytes]:
        """Yield the content from its start."""
        self.content.seek(0)
        while piece := self.content.read(PIECE_BYTES):
            yield piece


def accept_file(books: Books, command: AcceptFile) -> UsageImport:
    """Store a file as an import that is pending. Raises a refusal that names every fault."""
    digest, size = md5(usedforsecurity=False), 0
    for piece in command.pieces():
        digest.update(piece)
        size += len(piece)
    _check(books, command.file_name, size)
    organizations = books.scope.organization_ids
    stored = books.usage_imports.add(
        UsageImport(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            name=command.name or command.file_name,
            file_name=command.file_name,
            md5=digest.hexdigest(),
            size=size,
            organization_ids=None if organizations is None else tuple(sorted(organizations)),
            **books.stamp(),
        )
    )
    for number, piece in enumerate(command.pieces(), start=1):
        books.usage_import_files.add(
            UsageImportFile(
                import_id=stored.id,
                number=number,
                entity_id=stored.entity_id,
                content=b64encode(piece).decode(),
            )
        )
    return stored


def _check(books: Books, file_name: str, size: int) -> None:
    faults = []
    if len(file_name) > NAME_LENGTH_MAX:
        faults.append(NAME_TOO_LONG)
    if books.settings.limit_usage_files and size > FILE_BYTES_MAX:
        faults.append(FILE_TOO_LARGE)
    if faults:
        raise EarnedError([Problem(Kind.INVALID, message, "file") for message in faults])
