"""Review a journal entry made by hand: submit it, approve or reject it, take it back (R 6.4)."""

from dataclasses import dataclass
from typing import Any

from earned.domain.errors import RuleBroken
from earned.domain.journal import Act, JournalEntry
from earned.domain.journal_rules import (
    APPROVE,
    REJECT,
    REVERT,
    SUBMIT,
    Step,
    check_open,
    check_step,
)
from earned.services.cancel_journal import entry_by_number
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books
from earned.services.seal_entries import seal_entries, written
from earned.services.see_periods import period_to_work_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Which entry, and what its reviewer says of it."""

    number: str
    comment: str | None = None


def submit_journal_entry(books: Books, number: str) -> JournalEntry:
    """Submit a draft for review. Raises `NotFound` or `RuleBroken`."""
    return _take(books, number, SUBMIT)


def approve_journal_entry(books: Books, command: Review) -> JournalEntry:
    """Approve an entry: it is in force from now on, and what it says is sealed.

    Raises `NotFound` or `RuleBroken`, also where its period has been closed or deleted meanwhile.
    """
    entry = entry_by_number(books, command.number)
    check_step(entry, APPROVE)
    period = period_to_work_in(books, entry.period_id)
    if period is None:
        raise RuleBroken("The accounting period of the journal entry has been deleted.")
    check_open(period)
    seal_entries(books, written(books, [entry]), Act.CREATED)
    return _take(books, command.number, APPROVE, review_comment=command.comment)


def reject_journal_entry(books: Books, command: Review) -> JournalEntry:
    """Reject an entry that is in review. Raises `NotFound` or `RuleBroken`."""
    return _take(books, command.number, REJECT, review_comment=command.comment)


def revert_journal_entry(books: Books, number: str) -> JournalEntry:
    """Make a draft of a rejected entry again. Raises `NotFound` or `RuleBroken`."""
    return _take(books, number, REVERT)


def _take(books: Books, number: str, step: Step, **changes: Any) -> JournalEntry:  # noqa: ANN401
    entry = entry_by_number(books, number)
    check_step(entry, step)
    leave_trace(books, step.word, "JournalEntry", entry.id, {"was": entry.status, **changes})
    return books.entries.change(entry, status=step.status, **changes)
