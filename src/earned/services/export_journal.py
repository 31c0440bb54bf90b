"""Export journal entries as a file."""

from collections.abc import Sequence
from dataclasses import dataclass

from earned.domain.accounting import AccountingCode
from earned.domain.journal import EntryStatus, JournalEntryItem
from earned.domain.journal_export import ExportEntry, ExportItem, FileFormat, write
from earned.domain.money import major
from earned.services.ports import Books
from earned.services.read_journal import EntryView, entries_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJournal:
    """Which entries, those of a run or all of a period, in which format; in one currency or all."""

    run_number: str | None = None
    period_name: str | None = None
    form: FileFormat
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class JournalFile:
    """A file by its name."""

    name: str
    content: str


def export_journal(books: Books, query: ExportJournal) -> JournalFile:
    """Return a file of the entries in force. Raises `NotFound`, `Invalid` or `RuleBroken`."""
    content = write([_entry(view) for view in _in_force(books, query)], query.form)
    stem = query.run_number or "journal"
    if query.form is FileFormat.NETSUITE:
        return JournalFile(f"{stem}-netsuite.csv", content)
    return JournalFile(f"{stem}.{query.form}", content)


def _in_force(books: Books, query: ExportJournal) -> Sequence[EntryView]:
    return [
        view
        for view in entries_of(books, query.run_number, query.period_name)
        if view.entry.status is EntryStatus.CREATED
        and query.currency in {None, view.entry.currency}
    ]


def _entry(view: EntryView) -> ExportEntry:
    entry = view.entry
    return ExportEntry(
        number=entry.number,
        run_number=view.run_number,
        period_name=view.period_name,
        day=entry.journal_entry_date,
        currency=entry.currency,
        transaction_type=entry.transaction_type,
        transferred=entry.transferred,
        notes=entry.notes,
        segments=entry.segments,
        items=[_item(view, item) for item in view.items],
    )


def _item(view: EntryView, item: JournalEntryItem) -> ExportItem:
    code: AccountingCode | None = view.codes.get(item.code_name or "")
    return ExportItem(
        side=item.side,
        code_name=item.code_name,
        code_type=item.code_type,
        gl_number=code.gl_account_number if code else None,
        gl_name=code.gl_account_name if code else None,
        amount=major(item.amount_minor, view.currency),
        notes=item.notes,
        gl_string=item.gl_string,
    )
