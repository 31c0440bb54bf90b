"""Import an uploaded usage file: all of its rows are recorded in file order, or none (U 3.6).

First the import is marked as begun, in a transaction of its own. Then one transaction records the
rows, group after group so that few are held, and notes what became of it. Whatever stops a server
in between leaves an import that was begun and did nothing; it is begun again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import IO, NamedTuple

from earned.domain.errors import EarnedError, Invalid, NotFound
from earned.domain.import_result import (
    RECORDED,
    REFUSED,
    recorded_line,
    refused_line,
    result_header,
)
from earned.domain.usage import UsageRecord
from earned.domain.usage_columns import UNIQUE_KEY, Layout
from earned.domain.usage_import import (
    ATTEMPTS_MAX,
    CUT_SHORT,
    OMITTED,
    REASON_LENGTH_MAX,
    ROWS_MAX,
    Begun,
    ImportStatus,
    Refusals,
    RefusedRow,
    UsageImport,
    as_import_failure,
    fault_of,
    is_file_kept,
    rejected,
    same_keys,
    template_layout,
)
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books
from earned.services.record_usage import Outcome, RecordUsage, record_usage
from earned.services.store_result import Lines, store_result
from earned.services.usage_row import usage_of_row
from earned.services.work import single

Cells = Iterator[Sequence[str]]
OpenFile = Callable[[str, IO[bytes]], Cells]
"""Reads a file by its name and content: cells of the header, then of each row."""

GROUP = 1000


def refused_row(layout: Layout, number: int, refusal: EarnedError) -> RefusedRow:
    """Return what is told of a row that is refused."""
    problem = refusal.problems[0]
    column = layout.column_of(problem.field, problem.message)
    return RefusedRow(number, column, as_import_failure(problem.message))


Result = Callable[[], Iterator[bytes]]
"""Yields the result of an import, a CSV file, block after block."""


@dataclass(slots=True)
class Tally:
    """What was found in a file so far, and the result that tells it row by row, if there is one."""

    count: int = 0
    has_omitted: bool = False
    refused: Refusals = field(default_factory=Refusals)
    result: Result | None = None

    def conclude(self) -> None:
        """Raise a refusal if a row cannot be recorded, or there is none."""
        if self.refused.count:
            raise Invalid(self.refused.told[0].reason)
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
        _end(books, found, None, status=ImportStatus.FAILED, status_reason=CUT_SHORT)
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
        result = tally.result if tally.refused.count else None
        return _end(books, found, result, **_failed(tally, str(failure)))
    return _end(books, found, tally.result, **_completed(tally))


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


def _end(
    books: Books, found: UsageImport, result: Result | None, **outcome: object
) -> ImportStatus:
    """Note what became of an import; its file is not needed any more, but may be kept."""
    if result is not None:
        outcome["result_id"], outcome["result_size"] = store_result(books, result())
    is_kept = is_file_kept(books.settings.keep_usage_files, found.size)
    ended = books.usage_imports.change(found, is_kept=is_kept, **outcome)
    if not is_kept:
        books.forget_parts(found.id)
    told = {"name": found.name, "md5": found.md5, "imported": ended.imported_count}
    leave_trace(books, str(ended.status).lower(), "Import", found.id, told)
    return ended.status


class _Row(NamedTuple):
    """A row of a file: its number, its cells, and the command that records it, or why none does."""

    number: int
    cells: Sequence[str]
    command: RecordUsage | RefusedRow


@dataclass(slots=True)
class _Recording:
    """How far the rows of a file are recorded. Holds a group of them and the keys of all."""

    books: Books
    found: UsageImport
    tally: Tally
    keys: dict[str, int] = field(default_factory=dict)
    recorded: Lines = field(default_factory=Lines)
    refused: Lines = field(default_factory=Lines)

    def record(self, cells: Cells) -> None:
        """Record all rows; if one cannot be, look for further ones."""
        layout = template_layout(next(cells, ()))
        self.recorded.add(result_header(RECORDED, layout.header))
        self.refused.add(result_header(REFUSED, layout.header))
        self.tally.result = self._result
        rows = self._rows(layout, cells)
        while not self.tally.refused.is_full and (group := list(islice(rows, GROUP))):
            self._record(layout, group)

    def _record(self, layout: Layout, group: Sequence["_Row"]) -> None:
        """Record some rows, and tell what became of each."""
        sound = [row.command for row in group if not isinstance(row.command, RefusedRow)]
        outcomes: Iterator[Outcome] = iter(record_usage(self.books, sound))
        for number, cells, command in group:
            outcome = command if isinstance(command, RefusedRow) else next(outcomes)
            if isinstance(outcome, UsageRecord):
                self.recorded.add(recorded_line(number, outcome.id, layout.header, cells))
                continue
            if isinstance(outcome, EarnedError):
                outcome = refused_row(layout, number, outcome)
            self.tally.refused.add([outcome])
            self.refused.add(refused_line(outcome, layout.header, cells))

    def _result(self) -> Iterator[bytes]:
        """Yield what became of each row; if one was refused, of those that were."""
        yield (self.refused if self.tally.refused.count else self.recorded).take()

    def _rows(self, layout: Layout, cells: Cells) -> Iterator["_Row"]:
        """Yield what is to be recorded; rows without any value are left out."""
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
                yield _Row(number, row, RefusedRow(number, "", fault))
            else:
                command = usage_of_row(values, self.found.file_name, self.found.id)
                yield _Row(number, row, command)

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
        "refused_rows": [list(row) for row in tally.refused.told],
    }
