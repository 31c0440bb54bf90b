"""Record usage: store records, guide them to charges, and draw them down, in one transaction.

Works on a group of records at once: references are resolved from memory, funds are locked in one
order, records are carried out in the order they came, and rows are written many at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earned.domain.errors import Duplicate, EarnedError, Invalid
from earned.domain.usage import IMPORT, UsageRecord
from earned.domain.usage_fields import UsageFields
from earned.domain.written_dates import to_iso
from earned.services.draw_down import Drawdown
from earned.services.leave_trace import leave_change
from earned.services.ports import Books
from earned.services.reach import balances_drawn
from earned.services.resolve_usage import ResolvedUsage, Resolver
from earned.services.usage_change import (
    DRAWN,
    TOLD,
    Origin,
    apply,
    change,
    guides_of,
    same,
    usage_record,
)
from earned.services.work import UseCase

KEY_TAKEN = "The UniqueKey '{key}' is used by another usage record."
KEY_IMMUTABLE = (
    "The account, subscription and charge of a usage record cannot be changed by its UniqueKey."
)
_IMMUTABLE = ("account_id", "subscription_id", "charge_id")
_DATES = {"StartDateTime", "EndDateTime"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUsage(Origin):
    """A usage record as sent, its fields under their wire names."""

    fields: Mapping[str, object]


Outcome = UsageRecord | EarnedError


def record_usage(books: Books, commands: Sequence[RecordUsage]) -> Sequence[Outcome]:
    """Record usage; one stored record or refusal for each command, in order.

    A `UniqueKey` that is known upserts (U 3.5), or is refused where the entity is strict about it.
    """
    resolver = Resolver(books)
    resolved = [_resolve(books, resolver, command) for command in commands]
    group = _Group(books, [row for row in resolved if isinstance(row, ResolvedUsage)])
    outcomes: list[Outcome] = []
    for command, row in zip(commands, resolved, strict=True):
        outcomes.append(row if isinstance(row, EarnedError) else group.record(command, row))
    group.flush()
    return outcomes


RECORD_USAGE = UseCase("record_usage", record_usage, structural=False, brief=True)


def _resolve(books: Books, resolver: Resolver, command: RecordUsage) -> ResolvedUsage | EarnedError:
    try:
        return resolver.resolve(read_fields(books, resolver, command))
    except EarnedError as refusal:
        return refusal


def read_fields(books: Books, resolver: Resolver, command: RecordUsage) -> UsageFields:
    """Check the fields of a record as sent. Raises a refusal."""
    return resolver.read(_dated(books, command))


def _dated(books: Books, command: RecordUsage) -> Mapping[str, object]:
    """Return the fields of a record, dates of files as the entity writes them."""
    if command.source_type != IMPORT:
        return command.fields
    date_format = books.settings.date_format
    return {
        name: to_iso(value, date_format) if name in _DATES and isinstance(value, str) else value
        for name, value in command.fields.items()
    }


def is_unchanged(known: UsageRecord, wanted: UsageRecord) -> bool:
    """Say whether a record that has the key already is as the one that was sent."""
    names = (*_IMMUTABLE, *DRAWN, *TOLD, "custom_fields")
    return not known.deleted and same(known, wanted, names)


class _Group:
    """Records that are carried out together."""

    def __init__(self, books: Books, resolved: Sequence[ResolvedUsage]) -> None:
        self._books = books
        keys = {row.fields.unique_key for row in resolved if row.fields.unique_key}
        # A key is the entity's, whichever organisation has used it.
        usage = books.entire.usage
        found = usage.list(unique_key=keys, order_by=("id",), lock=True) if keys else ()
        self._by_key = {usage.unique_key: usage for usage in found}
        self._new: list[UsageRecord] = []
        guides = [(charge, row.day) for row in resolved for charge in row.charges]
        self._drawdown = Drawdown(
            books, guides + guides_of(books, found), balances_drawn(books, found)
        )

    def record(self, command: RecordUsage, row: ResolvedUsage) -> Outcome:
        """Store one record, new or known by its key."""
        key = row.fields.unique_key
        known = self._by_key.get(key) if key else None
        try:
            if known is None:
                return self._insert(command, row)
            return self._upsert(command, row, known)
        except EarnedError as refusal:
            return refusal

    def flush(self) -> None:
        """Write what is new."""
        self._drawdown.flush(self._new)
        self._new = []

    def _insert(self, command: RecordUsage, row: ResolvedUsage) -> UsageRecord:
        identity = self._books.new_id()
        status = apply(self._drawdown, identity, row, command)
        usage = usage_record(identity, command, row, status, self._books.stamp())
        self._new.append(usage)
        if usage.unique_key:
            self._by_key[usage.unique_key] = usage
        return usage

    def _upsert(self, command: RecordUsage, row: ResolvedUsage, known: UsageRecord) -> UsageRecord:
        """Change the record that has the key, where the new one differs (U 3.5)."""
        if self._books.settings.unique_key == "strict" and not known.deleted:
            raise Duplicate(KEY_TAKEN.format(key=known.unique_key), field="UniqueKey")
        stamp = self._books.stamp() | {
            "created_by": known.created_by,
            "created_at": known.created_at,
        }
        wanted = usage_record(known.id, command, row, known.rbe_status, stamp)
        if not known.deleted and not same(known, wanted, _IMMUTABLE):
            raise Invalid(KEY_IMMUTABLE, field="UniqueKey")
        if is_unchanged(known, wanted):
            return known
        self.flush()
        usage = change(self._books, self._drawdown, known, wanted, row)
        self._by_key[usage.unique_key] = usage
        return leave_change(self._books, "usage_record", known, usage)
