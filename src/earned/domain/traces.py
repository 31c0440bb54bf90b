"""The audit log: who did what to which object, in a chain of hashes (R 10.5)."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from earned.domain.audit import Break
from earned.domain.chain import check_place, digest, instant
from earned.domain.exact import plain

_IN_CHAIN = "audit entries follow one another"
_TRUE = "audit entry is what was written"
_LAST = "audit entries are as many as were written"


class Identified(Protocol):
    """A stored row, which is a dataclass, with an id."""

    @property
    def id(self) -> str:
        """What it is told from others by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Who did what to which object, and what it was before or became."""

    id: str
    entity_id: str
    at: datetime
    actor: str
    action: str
    object_type: str
    object_id: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry(Trace):
    """A trace in its place in the log of its entity. Never changed, never removed."""

    sequence: int
    previous_hash: str
    hash: str


_STAMPS = frozenset({"updated_by", "updated_at"})
_TOLD = tuple(field.name for field in fields(Trace))


def changes_of(was: Identified, row: Identified) -> Mapping[str, Mapping[str, object]]:
    """Return what of a row is different, by field: as it was, and as it is."""
    names = [
        field.name
        for field in fields(row)  # type: ignore[arg-type]
        if field.name not in _STAMPS and getattr(row, field.name) != getattr(was, field.name)
    ]
    return {
        "is": {name: getattr(row, name) for name in names},
        "was": {name: getattr(was, name) for name in names},
    }


def enter(trace: Trace, sequence: int, previous_hash: str) -> AuditEntry:
    """Return the entry of a trace at a place of the log, after the one with that hash."""
    told = {name: getattr(trace, name) for name in _TOLD}
    told["detail"] = _stored(trace.detail)
    entry = AuditEntry(**told, sequence=sequence, previous_hash=previous_hash, hash="")
    return replace(entry, hash=hash_of(entry))


def hash_of(entry: AuditEntry) -> str:
    """Return the hash that an entry of this content has."""
    told = {name: getattr(entry, name) for name in _TOLD}
    told |= {"at": instant(entry.at), "detail": _stored(entry.detail)}
    return digest({**told, "sequence": entry.sequence, "previous_hash": entry.previous_hash})


def check_entry(entry: AuditEntry, previous: AuditEntry | None) -> Iterator[Break]:
    """An entry has the next place, starts from the hash before it, and has its own."""
    yield from check_place(entry, previous, _IN_CHAIN, "AuditEntry")
    found = hash_of(entry)
    if found != entry.hash:
        yield Break(_TRUE, "AuditEntry", str(entry.sequence), entry.hash, found)


def check_last(written: int, last: AuditEntry | None) -> Iterator[Break]:
    """The last entry is the last that was written: none was cut off, none was added."""
    found = last.sequence if last else 0
    if found != written:
        yield Break(_LAST, "AuditEntry", str(found), f"{written} entries", f"{found} entries")


def _stored(value: object) -> object:
    """Return a value as it is after it was stored as JSON, so that it has the same hash then."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {str(name): _stored(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_stored(one) for one in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else Decimal(plain(value))
    if isinstance(value, datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, date) else value
