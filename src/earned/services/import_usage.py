"""Import an uploaded usage file: all of its rows are recorded in file order, or none (U 3.6).

First the import is marked as begun, in a transaction of its own. Then one transaction records the
rows, group after group so that few are held, and notes what became of it. Whatever stops a server
in between leaves an import that was begun and did nothing; it is begun again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import IO

from earned.domain.errors import EarnedError, Invalid, NotFound
from earned.domain.usage_columns import UNIQUE_KEY, Layout
from earned.domain.usage_import import (
    ATTEMPTS_MAX,
    CUT_SHORT,
    OMITTED,
    REASON_LENGTH_MAX,
    REFUSALS_MAX,
    ROWS_MAX,
    Begun,
    ImportStatus,
    RefusedRow,
    UsageImport,
    as_import_failure,
    fault_of,
    rejected,
    same_keys,
    template_layout,
)
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books
from earned.services.record_usage import RecordUsage, record_usage
from earned.services.usage_row import usage_of_row
from earned.services.work import single

Cells = Iterator[Sequence[str]]
OpenFile = Callable[[str, IO[bytes]], Cells]
"""Reads a file by its name and content: cells of the header, then of each row."""

GROUP = 1000


@dataclass(slots=True)
class Tally:
    """What was found in a file so far."""

    count: int = 0
    has_omitted: bool = False
    refused: list[RefusedRow] = field(default_factory=list)

    def refuse(self, layout: Layout, number: int, refusal: EarnedError) -> None:
        """Note that a row is refused."""
        problem = refusal.problems[0]
        column = layout.column_of(problem.field, problem.message)
        self.refused.append(RefusedRow(number, column, as_import_failure(problem.message)))

    def conclude(self) -> None:
        """Raise a refusal if a row cannot be recorded, or there is none."""
        if self.refused:
            raise Invalid(min(self.refused).reason)
        if not self.count:
            raise Invalid(rejected("There are no records", 2))


RecordFile = Callable[[Books, Tally], bool]
"""Records the rows of a file that it knows, as long as none is refused, and counts them.

It says whether it did: small files are not for it.
"""


def records_none(books: Books, tally: Tally) -> bool:
    """Leave a file to be recorded row by row."""
    del books, tally
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportUsage:
    """Which import to carry out, and how its file is read."""

    begun: Begun
    open_file: OpenFile
    record_file: RecordFile = records_none


def begin_import(books: Books, command: Begun) -> Begun | None:
    """Mark an import as begun once more; None if it is not there to be carried out any more."""
    found = _waiting(books, command)
    if found is None:
        return None
    if found.attempts >= ATTEMPTS_MAX:
        _end(books, found, status=ImportStatus.FAILED, status_reason=CUT_SHORT)
        return None
    attempts = found.attempts + 1
    books.usage_imports.change(found, status=ImportStatus.PROCESSING, attempts=attempts)
    return Begun(id=found.id, attempts=attempts)


def import_usage(books: Books, command: ImportUsage) -> ImportStatus | None:
    """Record all rows of an import's file, or none; note which it was, and why.

    None if it is not there to be carried out any more.
    """
    found = _waiting(books, command.begun)
    if found is None:
        return None
    tally = Tally()
    try:
        with books.attempt():
            if not command.record_file(books, tally):
                file = BytesIO(b"".join(books.parts(found.id)))
                _Recording(books, found, tally).record(command.open_file(found.file_name, file))
            tally.conclude()
    except EarnedError as failure:
        return _end(books, found, **_failed(tally, str(failure)))
    return _end(books, found, **_completed(tally))


def put_back(books: Books, command: Begun) -> None:
    """Leave an import as it was before it was begun: nobody failed at it."""
    found = _waiting(books, command)
    if found is not None:
        books.usage_imports.change(found, status=ImportStatus.PENDING, attempts=found.attempts - 1)


BEGIN_IMPORT = single(begin_import, structural=False)
PUT_BACK = single(put_back, structural=False)
IMPORT_USAGE = single(import_usage, structural=False)


def import_by_id(books: Books, identity: str) -> UsageImport:
    """Return an import that the caller may see: one for organisations that are the caller's."""
    found = books.usage_imports.find(id=identity)
    if found is None:
        raise NotFound.by_key(identity)
    return found


def _waiting(books: Books, begun: Begun) -> UsageImport | None:
    """Lock an import that is not over, and that nobody has begun since; None if it is."""
    (found,) = books.usage_imports.list(id={begun.id}, lock=True)
    is_ours = found.attempts == begun.attempts and not found.status.is_over
    return found if is_ours else None


def _end(books: Books, found: UsageImport, **outcome: object) -> ImportStatus:
    """Note what became of an import; its file is not needed any more."""
    ended = books.usage_imports.change(found, **outcome)
    books.forget_parts(found.id)
    told = {"name": found.name, "md5": found.md5, "imported": ended.imported_count}
    leave_trace(books, str(ended.status).lower(), "Import", found.id, told)
    return ended.status


@dataclass(slots=True)
class _Recording:
    """How far the rows of a file are recorded. Holds a group of them and the keys of all."""

    books: Books
    found: UsageImport
    tally: Tally
    keys: dict[str, int] = field(default_factory=dict)

    def record(self, cells: Cells) -> None:
        """Record all rows; if one cannot be, look for further ones."""
        layout = template_layout(next(cells, ()))
        rows = self._rows(layout, cells)
        while len(self.tally.refused) < REFUSALS_MAX and (group := list(islice(rows, GROUP))):
            outcomes = record_usage(self.books, [command for _, command in group])
            for (number, _), outcome in zip(group, outcomes, strict=True):
                if isinstance(outcome, EarnedError):
                    self.tally.refuse(layout, number, outcome)

    def _rows(self, layout: Layout, cells: Cells) -> Iterator[tuple[int, RecordUsage]]:
        """Yield what is to be recorded, by row number; rows without any value are left out."""
        for number, row in enumerate(cells, start=2):
            if not any(cell.strip() for cell in row):
                self.tally.has_omitted |= bool(row)
                continue
            self.tally.count += 1
            if self.tally.count > ROWS_MAX:
                raise Invalid(rejected(f"There are more than {ROWS_MAX} records", number))
            values = layout.values(row)
            fault = fault_of(layout, row, number) or self._repeats(values.get(UNIQUE_KEY), number)
            if fault:
                self.tally.refused.append(RefusedRow(number, "", fault))
                if len(self.tally.refused) >= REFUSALS_MAX:
                    return
            else:
                yield number, usage_of_row(values, self.found.file_name, self.found.id)

    def _repeats(self, key: str | None, number: int) -> str:
        """Return what is wrong with a key that stands in an earlier row too, empty if none does."""
        first = self.keys.setdefault(key, number) if key else number
        return "" if first == number else same_keys(first, number)


def _completed(tally: Tally) -> Mapping[str, object]:
    """Return what to note of an import whose rows are recorded."""
    return {
        "status": ImportStatus.COMPLETED,
        "status_reason": OMITTED if tally.has_omitted else None,
        "total_count": tally.count,
        "imported_count": tally.count,
    }


def _failed(tally: Tally, reason: str) -> Mapping[str, object]:
    """Return what to note of an import none of whose rows is recorded."""
    return {
        "status": ImportStatus.FAILED,
        "status_reason": reason[:REASON_LENGTH_MAX],
        "total_count": tally.count,
        "refused_rows": [list(row) for row in sorted(tally.refused)[:REFUSALS_MAX]],
    }
