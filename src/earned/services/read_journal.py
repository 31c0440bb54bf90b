"""Read journal runs and entries with what belongs to them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earned.domain.accounting import AccountingCode
from earned.domain.journal import Act, JournalEntry, JournalEntryItem, JournalRun, Seal
from earned.domain.journal_rules import period_named
from earned.domain.money import Currency
from earned.services.cancel_journal import entry_by_number, run_by_number
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """An entry as it is shown; `seal` is that of its creation, if it was ever in force.

    `period_name` is None where the period of a cancelled entry is gone. `codes` are those of its
    items, by name.
    """

    entry: JournalEntry
    items: Sequence[JournalEntryItem]
    currency: Currency
    period_name: str | None
    run_number: str | None
    codes: Mapping[str, AccountingCode]
    seal: Seal | None


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as it is shown; `period_name` is None where the period of a cancelled one is gone."""

    run: JournalRun
    period_name: str | None


def read_journal_run(books: Books, number: str) -> RunView:
    """Return a journal run. Raises `NotFound`."""
    return _run_views(books, [run_by_number(books, number)])[0]


def journal_runs(books: Books, period_name: str | None = None) -> Sequence[RunView]:
    """Return all runs, or those of a period, the newest first. Raises `Invalid`."""
    order = ["-number"]
    if period_name is None:
        return _run_views(books, books.journal_runs.list(deleted=False, order_by=order))
    period = period_named(books.periods.list(), period_name)
    found = books.journal_runs.list(period_id=period.id, deleted=False, order_by=order)
    return _run_views(books, found)


def read_journal_entry(books: Books, number: str) -> EntryView:
    """Return an entry. Raises `NotFound`."""
    return _views(books, [entry_by_number(books, number)])[0]


def entries_of_run(
    books: Books, number: str, limit: int | None = None, offset: int = 0
) -> Sequence[EntryView]:
    """Return the entries of a run in their order, cancelled ones too. Raises `NotFound`."""
    run = run_by_number(books, number)
    entries = books.entries.list(
        run_id=run.id, deleted=False, order_by=["number"], limit=limit, offset=offset
    )
    return _views(books, entries)


def entries_of(
    books: Books, run_number: str | None, period_name: str | None
) -> Sequence[EntryView]:
    """Return all entries of a run, or of a period with those made by hand; cancelled ones too.

    They come in their order. Raises `NotFound` or `Invalid`.
    """
    if run_number is not None:
        return entries_of_run(books, run_number)
    period = period_named(books.periods.list(), period_name or "")
    found = books.entries.list(period_id=period.id, deleted=False, order_by=["number"])
    return _views(books, found)


def _run_views(books: Books, runs: Sequence[JournalRun]) -> Sequence[RunView]:
    names = _period_names(books)
    return [RunView(run, names.get(run.period_id)) for run in runs]


def _period_names(books: Books) -> Mapping[str, str]:
    return {period.id: period.name for period in books.periods.list()}


def _views(books: Books, entries: Sequence[JournalEntry]) -> Sequence[EntryView]:
    ids = [entry.id for entry in entries]
    items: dict[str, list[JournalEntryItem]] = defaultdict(list)
    for item in books.entry_items.list(entry_id=ids, order_by=["entry_id", "place"]):
        items[item.entry_id].append(item)
    seals = {one.entry_id: one for one in books.seals.list(entry_id=ids, act=Act.CREATED)}
    run_ids = {entry.run_id for entry in entries if entry.run_id}
    runs = {run.id: run.number for run in books.journal_runs.list(id=list(run_ids))}
    periods = _period_names(books)
    codes = {code.name: code for code in books.codes.list()}
    return [
        EntryView(
            entry=entry,
            items=items[entry.id],
            currency=Currency.of(entry.currency),
            period_name=periods.get(entry.period_id),
            run_number=runs.get(entry.run_id or ""),
            codes=codes,
            seal=seals.get(entry.id),
        )
        for entry in entries
    ]
