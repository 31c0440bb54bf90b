"""Usage imports: an uploaded file, and what became of it (U 2.19, U 3.6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from earned.domain.errors import Invalid
from earned.domain.tenancy import Stamped
from earned.domain.usage_columns import TEMPLATE, Layout, places_of, repeated

NAME_LENGTH_MAX = 50
FILE_BYTES_MAX = 4 * 1024 * 1024
REASON_LENGTH_MAX = 2000
ROWS_MAX = 20_000_000
ATTEMPTS_MAX = 3
REFUSALS_MAX = 100
"""How many refused rows the status of an import tells of."""

REFUSED_ROWS_MAX = 1_000_000
"""How many refused rows the result of an import tells of; no further ones are looked for."""

NAME_TOO_LONG = f"The length of the file name must not exceed {NAME_LENGTH_MAX} characters"
FILE_TOO_LARGE = f"The file size must not exceed 4MB ({FILE_BYTES_MAX} bytes)"
ODD_CHARACTER = "Failed to import usage: An invalid character (emoticon) was identified"
OMITTED = "This row record has been omitted because all values are missing"
CUT_SHORT = f"File Import Failed: The import was cut short {ATTEMPTS_MAX} times"

_SAME_KEYS = "File Import Failed: The unique-keys are the same at rows: {} {}"
_REJECTED = "The Usage Upload Process was rejected. {} at row: {}"
_NO_CHARGE = "does not match any existing charge"
_PLANE_END = "\uffff"


class ImportStatus(StrEnum):
    """How far an import has come."""

    PENDING = "Pending"
    PROCESSING = "Processing"
    COMPLETED = "Completed"
    FAILED = "Failed"

    @property
    def is_over(self) -> bool:
        """Whether it stays so."""
        return self in {ImportStatus.COMPLETED, ImportStatus.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageImport(Stamped):
    """A file of usage records, all of which are recorded, or none.

    The `name` is that of the file unless another was given. `organization_ids` are those it was
    sent for, None if the entity has none to tell apart. `attempts` counts how often it was begun: a
    server may stop in between. `is_kept` says whether the file is still there; `result_id` and
    `result_size` are of the file that tells what became of each row, once that is known.
    """

    id: str
    entity_id: str
    name: str
    file_name: str
    md5: str
    size: int
    organization_ids: tuple[str, ...] | None = None
    status: ImportStatus = ImportStatus.PENDING
    status_reason: str | None = None
    total_count: int = 0
    imported_count: int = 0
    refused_rows: Sequence[Sequence[object]] = ()
    attempts: int = 0
    is_kept: bool = True
    result_id: str | None = None
    result_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An import as somebody has found it: begun so many times.

    Of several servers that find it the same, one begins it; what it has begun is its own until
    another finds it begun and left.
    """

    id: str
    attempts: int


class RefusedRow(NamedTuple):
    """A row that cannot be recorded; the header is row 1, as in a spreadsheet."""

    row: int
    column: str
    reason: str


@dataclass(slots=True)
class Refusals:
    """The refused rows of an import: how many, and the first of them."""

    count: int = 0
    first: list[RefusedRow] = field(default_factory=list)

    def add(self, rows: Iterable[RefusedRow]) -> None:
        """Count some rows, and keep those that come before the ones that are kept."""
        for row in rows:
            self.count += 1
            self.first.append(row)
            if len(self.first) == 2 * REFUSALS_MAX:
                self.first = sorted(self.first)[:REFUSALS_MAX]

    @property
    def told(self) -> Sequence[RefusedRow]:
        """The first rows, in order."""
        return sorted(self.first)[:REFUSALS_MAX]

    @property
    def is_full(self) -> bool:
        """Whether no further ones are looked for."""
        return self.count >= REFUSED_ROWS_MAX


def template_layout(header: Sequence[str]) -> Layout:
    """Return the layout of a file that follows the template. Raises `Invalid`."""
    names = [name.strip() for name in header]
    if twice := repeated(names):
        raise Invalid(rejected(f"The column {twice} is there twice", 1))
    places = places_of(names)
    missing = [name for name in TEMPLATE if name not in places]
    if missing:
        what = "column" if len(missing) == 1 else "columns"
        raise Invalid(rejected(f"The {what} {', '.join(missing)} must be there", 1))
    return Layout(names, places, {})


def is_file_kept(kept: str, size: int) -> bool:
    """Say whether an import's file is kept when it is over; small is what Zuora takes."""
    return kept == "all" or (kept == "small" and size <= FILE_BYTES_MAX)


def rejected(what: str, row: int) -> str:
    """Say what is wrong with a row, as clients know it."""
    return _REJECTED.format(what, row)


def same_keys(first: int, second: int) -> str:
    """Say that two rows have the same unique key, as clients know it."""
    return _SAME_KEYS.format(first, second)


def as_import_failure(message: str) -> str:
    """Return the text of a refusal as imports have it (U 3.3)."""
    return f"File Import Failed: {message}" if _NO_CHARGE in message else message


def fault_of(layout: Layout, cells: Sequence[str], row: int) -> str:
    """Return what is wrong with a row whatever it means, empty if nothing is.

    More values than columns come from a comma that should have been quoted: whatever is read from
    such a row is another column's.
    """
    if any(map(_is_odd, cells)):
        return ODD_CHARACTER
    if any(cell.strip() for cell in cells[len(layout.header) :]):
        return rejected("There are more values than columns", row)
    return ""


def _is_odd(text: str) -> bool:
    """Say whether a text has a character that imports do not take: an emoticon, or NUL."""
    return "\0" in text or (not text.isascii() and max(text) > _PLANE_END)
