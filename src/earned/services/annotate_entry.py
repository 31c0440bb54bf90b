"""Change what may change about a journal entry: notes, custom fields, transferred (R 6.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from earned.domain.chart import parse_code_type
from earned.domain.errors import Invalid
from earned.domain.journal import JournalEntry, JournalEntryItem, Transferred
from earned.domain.posting import Side
from earned.domain.tenancy import CustomFields
from earned.services.cancel_journal import entry_by_number
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books
from earned.services.write_entry import transfer_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotateItem:
    """Which items, by code and side, and what becomes of their notes and custom fields."""

    code_name: str
    code_type: str | None
    side: Side
    changes: dict[str, Any] = field(default_factory=dict)
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotateEntry:
    """Which entry, and what becomes of its notes, custom fields, and whether it was transferred."""

    number: str
    changes: dict[str, Any] = field(default_factory=dict)
    transferred: Transferred | None = None
    items: Sequence[AnnotateItem] = ()
    custom_fields: CustomFields = field(default_factory=dict)


def annotate_journal_entry(books: Books, command: AnnotateEntry) -> JournalEntry:
    """Change what an entry carries beside what it says. Raises `NotFound` or a refusal."""
    entry = entry_by_number(books, command.number)
    changes = dict(command.changes)
    if command.transferred is not None:
        changes |= transfer_fields(books, entry, command.transferred)
    for place, asked in enumerate(command.items):
        for item in _items(books, entry, asked, place):
            custom = {**item.custom_fields, **asked.custom_fields}
            books.entry_items.change(item, **asked.changes, custom_fields=custom)
    changes["custom_fields"] = {**entry.custom_fields, **command.custom_fields}
    told = {"transferred": command.transferred, "notes": command.changes.get("notes")}
    leave_trace(books, "annotated", "JournalEntry", entry.id, told)
    return books.entries.change(entry, **changes)


def _items(
    books: Books, entry: JournalEntry, asked: AnnotateItem, place: int
) -> Sequence[JournalEntryItem]:
    """Return the items that a code and a side name; an empty name is a blank code."""
    path = f"journalEntryItems.{place}"
    criteria: dict[str, Any] = {"code_name": asked.code_name or None, "side": asked.side}
    if asked.code_type:
        criteria["code_type"] = parse_code_type(asked.code_type, f"{path}.accountingCodeType")
    found = books.entry_items.list(entry_id=entry.id, order_by=["place"], **criteria)
    if not found:
        message = f"Cannot find a {asked.side.lower()} of accounting code '{asked.code_name}'."
        raise Invalid(message, field=f"{path}.accountingCodeName")
    return found
