"""Accept an uploaded usage file: it is stored, to be imported afterwards (U 3.6)."""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import md5

from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.usage_import import (
    FILE_BYTES_MAX,
    FILE_TOO_LARGE,
    NAME_LENGTH_MAX,
    NAME_TOO_LONG,
    UsageImport,
    UsageImportFile,
)
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptFile:
    """A file as uploaded; its import is called `name`, like the file unless that is given."""

    file_name: str
    content: bytes
    name: str | None = None


def accept_file(books: Books, command: AcceptFile) -> UsageImport:
    """Store a file as an import that is pending. Raises a refusal that names every fault."""
    _check(books, command)
    organizations = books.scope.organization_ids
    stored = books.usage_imports.add(
        UsageImport(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            name=command.name or command.file_name,
            file_name=command.file_name,
            md5=md5(command.content, usedforsecurity=False).hexdigest(),
            size=len(command.content),
            organization_ids=None if organizations is None else tuple(sorted(organizations)),
            **books.stamp(),
        )
    )
    content = b64encode(command.content).decode()
    books.usage_import_files.add(
        UsageImportFile(import_id=stored.id, entity_id=stored.entity_id, content=content)
    )
    return stored


def _check(books: Books, command: AcceptFile) -> None:
    faults = []
    if len(command.file_name) > NAME_LENGTH_MAX:
        faults.append(NAME_TOO_LONG)
    if books.settings.limit_usage_files and len(command.content) > FILE_BYTES_MAX:
        faults.append(FILE_TOO_LARGE)
    if faults:
        raise EarnedError([Problem(Kind.INVALID, message, "file") for message in faults])
