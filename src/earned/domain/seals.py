"""The chain of seals over the journal: what was done to an entry, hashed with all before it.

A seal is a link (`domain.chain`) that says what was done, who did it and when, and what the entry
says. An entry that is changed by hand no longer has the hash of its seals; a seal that is changed,
removed or inserted no longer has the hash that the next one starts from. What may change about an
entry without an act (notes, custom fields, whether it was transferred) is not sealed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from earned.domain.audit import Break
from earned.domain.chain import check_place, digest, instant, next_place
from earned.domain.journal import Act, EntryStatus, JournalEntry, JournalEntryItem, Seal

_IN_CHAIN = "journal seals follow one another"
_TRUE = "journal entry is what was sealed"
_STATUS = "journal entry is as its seals say"

_AFTER: Mapping[tuple[Act, ...], tuple[EntryStatus, bool]] = {
    (Act.CREATED,): (EntryStatus.CREATED, False),
    (Act.CREATED, Act.CANCELLED): (EntryStatus.CANCELLED, False),
    (Act.CREATED, Act.CANCELLED, Act.DELETED): (EntryStatus.CANCELLED, True),
}
"""The status of an entry, and whether it is deleted, after the acts that were sealed."""


@dataclass(frozen=True, slots=True)
class Written:
    """An entry with its items in their order: what is sealed."""

    entry: JournalEntry
    items: Sequence[JournalEntryItem]


def seal(written: Written, act: Act, at: datetime, actor: str, previous: Seal | None) -> Seal:
    """Return the seal of an act on an entry that follows `previous`."""
    sequence, previous_hash = next_place(previous)
    unsealed = Seal(
        entity_id=written.entry.entity_id,
        sequence=sequence,
        entry_id=written.entry.id,
        act=act,
        at=at,
        actor=actor,
        previous_hash=previous_hash,
        hash="",
    )
    return replace(unsealed, hash=hash_of(unsealed, written))


def hash_of(one: Seal, written: Written) -> str:
    """Return the hash that a seal of this entry has."""
    facts = {
        "sequence": one.sequence,
        "previousHash": one.previous_hash,
        "act": one.act,
        "at": instant(one.at),
        "actor": one.actor,
        "entry": _entry(written),
    }
    return digest(facts)


def check_link(one: Seal, previous: Seal | None, written: Written | None) -> Iterator[Break]:
    """A seal has the next place, starts from the hash before it, and is the hash of its entry."""
    yield from check_place(one, previous, _IN_CHAIN, "JournalSeal")
    if written is None:
        yield Break(_TRUE, "JournalEntry", one.entry_id, f"sealed as {one.act}", "no entry")
    elif one.hash != (found := hash_of(one, written)):
        yield Break(_TRUE, "JournalEntry", one.entry_id, one.hash, found)


def check_status(entry: JournalEntry, acts: Iterable[Act]) -> Iterator[Break]:
    """An entry in force is sealed; one that never was has no seal, and only its acts change it."""
    done = tuple(acts)
    found = (entry.status, entry.deleted)
    if not done:
        if entry.status is EntryStatus.CREATED:
            yield Break(_STATUS, "JournalEntry", entry.id, "no entry in force", "Created")
        return
    expected = _AFTER.get(done)
    if expected != found:
        told = _told(*expected) if expected else f"not {', '.join(done)}"
        yield Break(_STATUS, "JournalEntry", entry.id, told, _told(*found))


def _told(status: EntryStatus, deleted: bool) -> str:  # noqa: FBT001 - Two facts of one row.
    return f"{status}, deleted" if deleted else str(status)


def _entry(written: Written) -> Mapping[str, object]:
    entry = written.entry
    return {
        "id": entry.id,
        "entityId": entry.entity_id,
        "number": entry.number,
        "runId": entry.run_id,
        "periodId": entry.period_id,
        "timePeriodStart": _text(entry.time_start),
        "timePeriodEnd": _text(entry.time_end),
        "currency": entry.currency,
        "journalEntryDate": _text(entry.journal_entry_date),
        "transactionType": entry.transaction_type,
        "total": entry.total_minor,
        "sources": entry.source_count,
        "segments": [dict(segment) for segment in entry.segments],
        "organizationLabel": entry.organization_label,
        "createdBy": entry.created_by,
        "createdOn": instant(entry.created_at),
        "items": [_item(item) for item in written.items],
    }


def _item(item: JournalEntryItem) -> Sequence[object]:
    codes = (item.code_name, item.code_type)
    return [item.place, item.side, *codes, item.amount_minor, item.gl_string]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
