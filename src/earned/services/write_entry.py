"""Write journal entries by hand: create one, or change a draft (R 6.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from earned.domain.chart import parse_code_type
from earned.domain.errors import Invalid, Missing
from earned.domain.journal import (
    Act,
    EntryStatus,
    JournalEntry,
    JournalEntryItem,
    Segments,
    Transferred,
)
from earned.domain.journal_rules import (
    UPDATE,
    amount_of,
    check_no_home_currency,
    check_open,
    check_step,
    check_transfer,
    currency_of,
    period_named,
    total_of,
)
from earned.domain.money import Currency
from earned.domain.posting import Code, Side
from earned.domain.seals import Written
from earned.domain.tenancy import CustomFields
from earned.services.cancel_journal import entry_by_number
from earned.services.change_currency import check_active
from earned.services.leave_trace import leave_trace
from earned.services.named_code import named_code
from earned.services.ports import Books, NumberKind
from earned.services.seal_entries import seal_entries
from earned.services.see_periods import periods_to_work_in


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """What the caller says of an item; amounts as they were sent, a blank code as an empty name."""

    code_name: str
    code_type: str | None
    side: Side
    amount: object
    home_currency_amount: object = None
    gl_string: str | None = None
    notes: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteEntry:
    """What the caller says of an entry."""

    accounting_period_name: str
    currency: str
    journal_entry_date: date
    items: Sequence[NewItem]
    notes: str | None = None
    segments: Segments = ()
    transaction_type: str | None = None
    organization_label: str | None = None
    transferred: Transferred = Transferred.NO
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDraft:
    """Which draft, and all that it says from now on."""

    number: str
    content: WriteEntry


def create_journal_entry(books: Books, command: WriteEntry) -> JournalEntry:
    """Make an entry: in force at once, or a draft where the entity reviews its entries.

    Checks period, currency, items one by one, their sum, the rest. Raises `Missing`, `Invalid` or
    `RuleBroken`.
    """
    entry_id = books.new_id()
    facts, items = _read(books, command, entry_id)
    is_draft = books.settings.review_journal_entries
    entry = JournalEntry(
        id=entry_id,
        entity_id=books.scope.entity_id,
        number=books.next_number(NumberKind.JOURNAL_ENTRY),
        status=EntryStatus.DRAFT if is_draft else EntryStatus.CREATED,
        **facts,
        **books.stamp(),
    )
    entry = replace(entry, **transfer_fields(books, entry, command.transferred))
    books.entries.add(entry)
    books.entry_items.add_all(items)
    if not is_draft:
        seal_entries(books, [Written(entry, items)], Act.CREATED)
    leave_trace(books, "created", "JournalEntry", entry.id, {"number": entry.number})
    return entry


def change_draft(books: Books, command: ChangeDraft) -> JournalEntry:
    """Replace all that a draft says. Raises `NotFound` and what `create_journal_entry` raises."""
    entry, content = entry_by_number(books, command.number), command.content
    check_step(entry, UPDATE)
    facts, items = _read(books, content, entry.id)
    facts["custom_fields"] = {**entry.custom_fields, **content.custom_fields}
    facts |= transfer_fields(books, entry, content.transferred)
    for item in books.entry_items.list(entry_id=entry.id):
        books.entry_items.remove(item)
    books.entry_items.add_all(items)
    leave_trace(books, "updated", "JournalEntry", entry.id, {"number": entry.number})
    return books.entries.change(entry, **facts)


def transfer_fields(books: Books, entry: JournalEntry, wanted: Transferred) -> dict[str, Any]:
    """Return what changes as an entry is said to be transferred, or not. Raises a refusal."""
    check_transfer(entry, wanted, books.scope.permissions)
    if wanted is entry.transferred:
        return {}
    is_there = wanted is Transferred.YES
    return {
        "transferred": wanted,
        "transferred_at": books.now if is_there else None,
        "transferred_by": books.scope.user_id if is_there else None,
    }


def _read(
    books: Books, content: WriteEntry, entry_id: str
) -> tuple[dict[str, Any], Sequence[JournalEntryItem]]:
    """Return the fields of an entry, and its items."""
    period = period_named(periods_to_work_in(books), content.accounting_period_name)
    check_open(period)
    currency = currency_of(content.currency)
    check_active(books, content.currency)
    reader = _Items(books, entry_id, currency)
    items = [reader.read(item, place) for place, item in enumerate(content.items)]
    total = total_of([(item.side, item.amount_minor) for item in items])
    _check_organization(books, content.organization_label)
    facts = {
        "period_id": period.id,
        "time_start": period.start_date,
        "time_end": period.end_date,
        "currency": content.currency,
        "journal_entry_date": content.journal_entry_date,
        "transaction_type": content.transaction_type,
        "total_minor": total,
        "segments": [dict(segment) for segment in content.segments],
        "organization_label": content.organization_label,
        "notes": content.notes,
        "custom_fields": content.custom_fields,
    }
    return facts, items


@dataclass(frozen=True, slots=True)
class _Items:
    """Reads the items of one entry."""

    books: Books
    entry_id: str
    currency: Currency

    def read(self, item: NewItem, place: int) -> JournalEntryItem:
        """Return an item as it is kept; its place is counted from 1. Raises a refusal."""
        path = f"journalEntryItems.{place}"
        check_no_home_currency(item.home_currency_amount, f"{path}.homeCurrencyAmount")
        code = self._code(item, path)
        return JournalEntryItem(
            entry_id=self.entry_id,
            place=place + 1,
            entity_id=self.books.scope.entity_id,
            side=item.side,
            code_name=code.name,
            code_type=code.type,
            amount_minor=amount_of(item.amount, self.currency, f"{path}.amount"),
            gl_string=item.gl_string,
            notes=item.notes,
            custom_fields=item.custom_fields,
        )

    def _code(self, item: NewItem, path: str) -> Code:
        """Return the code of an item; a blank one goes by its type (R 6.4)."""
        name, type_field = item.code_name, f"{path}.accountingCodeType"
        asked = item.code_type and parse_code_type(item.code_type, type_field)
        if not name:
            if not asked:
                raise Missing(f"'{type_field}' may not be null", field=type_field)
            return Code(None, asked)
        field = f"{path}.accountingCodeName"
        found = named_code(self.books, name, field, code_type=asked, type_field=type_field)
        return Code(name, found.code_type)


def _check_organization(books: Books, label: str | None) -> None:
    mine = books.scope.organization_ids
    if label is not None and (mine is None or label not in mine):
        raise Invalid("'organizationLabel' value is invalid", field="organizationLabel")
