"""Accept an uploaded usage file: it is stored, to be imported afterwards (U 3.6)."""

from dataclasses import dataclass

from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.usage_import import (
    FILE_BYTES_MAX,
    FILE_TOO_LARGE,
    NAME_LENGTH_MAX,
    NAME_TOO_LONG,
    UsageImport,
)
from earned.services.ports import Books
from earned.services.work import single


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptFile:
    """A file as uploaded; its import is called `name`, like the file unless that is given.

    The `content` of a large file is None: its parts are stored already, under the `import_id`.
    """

    import_id: str
    file_name: str
    size: int
    md5: str
    content: bytes | None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePart:
    """A part of a large file, before it is accepted."""

    import_id: str
    place: int
    content: bytes


def check_file(books: Books, file_name: str, size: int) -> None:
    """Raise a refusal that names every fault of a file."""
    faults = []
    if len(file_name) > NAME_LENGTH_MAX:
        faults.append(NAME_TOO_LONG)
    if books.settings.limit_usage_files and size > FILE_BYTES_MAX:
        faults.append(FILE_TOO_LARGE)
    if faults:
        raise EarnedError([Problem(Kind.INVALID, message, "file") for message in faults])


def accept_file(books: Books, command: AcceptFile) -> UsageImport:
    """Store a file as an import that is pending. Raises a refusal that names every fault."""
    check_file(books, command.file_name, command.size)
    organizations = books.scope.organization_ids
    if command.content is not None:
        store_part(books, StorePart(import_id=command.import_id, place=0, content=command.content))
    return books.usage_imports.add(
        UsageImport(
            id=command.import_id,
            entity_id=books.scope.entity_id,
            name=command.name or command.file_name,
            file_name=command.file_name,
            md5=command.md5,
            size=command.size,
            organization_ids=None if organizations is None else tuple(sorted(organizations)),
            **books.stamp(),
        )
    )


def store_part(books: Books, command: StorePart) -> None:
    """Store a part of a file. Without an import, it is forgotten after a day."""
    books.store_part(command.import_id, command.place, command.content)


STORE_PART = single(store_part, structural=False)
