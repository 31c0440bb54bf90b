"""Cancel and delete journal runs and entries; what was in them may be picked up again (R 6.2)."""

from collections.abc import Sequence
from dataclasses import replace

from earned.domain.errors import NotFound
from earned.domain.journal import Act, EntryStatus, JournalEntry, JournalRun, RunStatus
from earned.domain.journal_rules import (
    check_cancellable,
    check_deletable,
    check_open,
    check_run_cancellable,
    is_held,
)
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books
from earned.services.seal_entries import seal_entries, written
from earned.services.see_periods import period_to_work_in


def run_by_number(books: Books, number: str) -> JournalRun:
    """Return a journal run that was not deleted. Raises `NotFound`."""
    found = books.journal_runs.find(number=number, deleted=False)
    if found is None:
        raise NotFound.by_key(number)
    return found


def entry_by_number(books: Books, number: str) -> JournalEntry:
    """Return a journal entry that was not deleted. Raises `NotFound`."""
    found = books.entries.find(number=number, deleted=False)
    if found is None:
        raise NotFound.by_key(number)
    return found


def cancel_journal_run(books: Books, number: str) -> JournalRun:
    """Cancel the entries of a run, but for those that the ledger outside has.

    Where some stay, the run stays complete; it may be cancelled again later. Raises `NotFound` or
    `RuleBroken`.
    """
    run = run_by_number(books, number)
    check_run_cancellable(run.status)
    entries = books.entries.list(run_id=run.id, status=EntryStatus.CREATED, order_by=["number"])
    going = [entry for entry in entries if not is_held(entry)]
    _cancel(books, going)
    leave_trace(
        books,
        "cancelled",
        "JournalRun",
        run.id,
        {"number": run.number, "cancelled": len(going), "stay": len(entries) - len(going)},
    )
    status = RunStatus.CANCELLED if len(going) == len(entries) else run.status
    return books.journal_runs.change(run, status=status)


def delete_journal_run(books: Books, number: str) -> JournalRun:
    """Delete a cancelled run with its entries; their seals stay.

    Raises `NotFound` or `RuleBroken`.
    """
    run = run_by_number(books, number)
    check_deletable("journal run", run.status)
    _delete(books, books.entries.list(run_id=run.id, deleted=False, order_by=["number"]))
    leave_trace(books, "deleted", "JournalRun", run.id, {"number": run.number})
    return books.journal_runs.change(run, deleted=True)


def cancel_journal_entry(books: Books, number: str) -> JournalEntry:
    """Cancel an entry; its transactions may be picked up again (R 6.4).

    One made by hand cannot go from a closed period. Raises `NotFound` or `RuleBroken`.
    """
    entry = entry_by_number(books, number)
    check_cancellable(entry)
    if entry.run_id is None and entry.status is EntryStatus.CREATED:
        period = period_to_work_in(books, entry.period_id)
        assert period is not None, "a period stays while an entry in force is in it"
        check_open(period)
    leave_trace(books, "cancelled", "JournalEntry", entry.id, {"was": entry.status})
    if entry.status is not EntryStatus.CREATED:
        return books.entries.change(entry, status=EntryStatus.CANCELLED)
    return _cancel(books, [entry])[0]


def delete_journal_entry(books: Books, number: str) -> JournalEntry:
    """Delete a cancelled entry; its seals stay. Raises `NotFound` or `RuleBroken`."""
    entry = entry_by_number(books, number)
    check_deletable("journal entry", entry.status)
    leave_trace(books, "deleted", "JournalEntry", entry.id, {"number": entry.number})
    return _delete(books, [entry])[0]


def _cancel(books: Books, entries: Sequence[JournalEntry]) -> Sequence[JournalEntry]:
    """Cancel entries in force, and let go of what is in them."""
    if not entries:
        return entries
    seal_entries(books, written(books, entries), Act.CANCELLED)
    books.release_sources([entry.id for entry in entries])
    return _change(books, entries, status=EntryStatus.CANCELLED)


def _delete(books: Books, entries: Sequence[JournalEntry]) -> Sequence[JournalEntry]:
    """Delete cancelled entries. One that never was in force has nothing to seal."""
    sealed = {one.entry_id for one in books.seals.list(entry_id=[entry.id for entry in entries])}
    gone = [entry for entry in entries if entry.id in sealed]
    if gone:
        seal_entries(books, written(books, gone), Act.DELETED)
    return _change(books, entries, deleted=True)


def _change(
    books: Books, entries: Sequence[JournalEntry], **changes: object
) -> Sequence[JournalEntry]:
    """Change many entries alike, with one statement."""
    stamped = {**changes, **books.restamp()}
    books.entries.update_all([{"id": entry.id, **stamped} for entry in entries])
    return [replace(entry, **stamped) for entry in entries]
