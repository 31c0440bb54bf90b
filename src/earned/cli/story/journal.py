"""The journal of the closed months, read back through the API."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from earned.cli.story.wire import Json, Refused, Wire, total

_RUNS = ("JR-00000001", "JR-00000002", "JR-00000003")
_PAGE = 40


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A summary journal entry: what is debited and credited, in a period and a currency."""

    period: str
    entry: str
    debit: str
    credit: str
    amount: Decimal
    currency: str


def journal_entries(wire: Wire) -> Iterator[Json]:
    """Yield the entries of the runs of the story, except where somebody has deleted one since."""
    for run in _RUNS:
        with suppress(Refused):
            yield from _entries_of(wire, run)


def journal_lines(entries: Sequence[Json]) -> Sequence[JournalLine]:
    """Return the entries in force."""
    return [_line(entry) for entry in entries if entry["status"] == "Created"]


def is_balanced(entry: Json) -> bool:
    """Say whether the debits of an entry come to its credits."""
    return _side(entry, "Debit") == _side(entry, "Credit")


def _entries_of(wire: Wire, run: str) -> Iterator[Json]:
    for page in count(1):
        path = f"/v1/journal-entries/journal-runs/{run}?page={page}&pageSize={_PAGE}"
        answer = wire.get(path)
        yield from answer["journalEntries"]
        if "nextPage" not in answer:
            return


def _line(entry: Json) -> JournalLine:
    return JournalLine(
        period=entry["accountingPeriodName"],
        entry=entry["number"],
        debit=_code(entry, "Debit"),
        credit=_code(entry, "Credit"),
        amount=_side(entry, "Debit"),
        currency=entry["currency"],
    )


def _code(entry: Json, side: str) -> str:
    names = [item["accountingCodeName"] for item in _items(entry, side)]
    return ", ".join(name or "-" for name in names)


def _side(entry: Json, side: str) -> Decimal:
    return total(_items(entry, side), "amount")


def _items(entry: Json, side: str) -> Sequence[Json]:
    return [item for item in entry["journalEntryItems"] if item["type"] == side]
