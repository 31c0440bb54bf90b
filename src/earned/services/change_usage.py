"""Change a stored usage record: what was drawn goes back, and is drawn anew (U 2.15, U 3.7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from earned.domain.errors import NotFound
from earned.domain.rating_group import GROUP_FIELD
from earned.domain.usage import UsageRecord
from earned.domain.usage_fields import read_usage
from earned.services.draw_down import Drawdown
from earned.services.leave_trace import leave_change
from earned.services.ports import Books
from earned.services.reach import balances_drawn
from earned.services.resolve_usage import resolve_usage
from earned.services.usage_change import Origin, change, guides_of, usage_record

CHANGEABLE = frozenset({"UOM", "Quantity", "StartDateTime", "EndDateTime", "Description"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUsage(Origin):
    """New values of a record, under their wire names; what is absent stays as it is."""

    id: str
    fields: Mapping[str, object]


def usage_by_id(books: Books, identity: str) -> UsageRecord:
    """Return a record that is not deleted. Raises `NotFound`."""
    found = books.usage.find(id=identity, deleted=False)
    if found is None:
        raise NotFound.by_key(identity)
    return found


def held_usage(books: Books, identity: str) -> UsageRecord:
    """Return a record as it is now, and keep others from changing it meanwhile. Raises `NotFound`.

    What a change does not name is stored as it was found, so another change must not come between.
    """
    for found in books.usage.list(id=identity, deleted=False, lock=True):
        return found
    raise NotFound.by_key(identity)


def change_usage(books: Books, command: ChangeUsage) -> UsageRecord:
    """Change quantity, unit, times, description or custom fields of a record.

    Account, subscription and charge cannot change; status is ours to keep. The checks are those of
    a new record; custom fields alone may always change (U 1.10), whatever became of the account,
    the period or the record since. Raises `NotFound` and what recording raises.
    """
    known = held_usage(books, command.id)
    if not (command.fields.keys() & CHANGEABLE) and GROUP_FIELD not in command.custom_fields:
        custom = {**known.custom_fields, **command.custom_fields}
        changed = books.usage.change(known, custom_fields=custom)
        return leave_change(books, "usage_record", known, changed)
    sent = as_sent(known) | {
        name: value for name, value in command.fields.items() if name in CHANGEABLE
    }
    settings = books.settings
    fields = read_usage(sent, settings.zone, negative_allowed=settings.negative_usage)
    row = resolve_usage(books, fields)
    origin = Origin(
        custom_fields={**known.custom_fields, **command.custom_fields},
        source_type=known.source_type,
        file_name=known.file_name,
        import_id=known.import_id,
    )
    kept = {"created_by": known.created_by, "created_at": known.created_at}
    wanted = usage_record(known.id, origin, row, known.rbe_status, books.stamp() | kept)
    guides = [(charge, row.day) for charge in row.charges]
    drawdown = Drawdown(books, guides + guides_of(books, [known]), balances_drawn(books, [known]))
    changed = change(books, drawdown, known, wanted, row)
    drawdown.flush()
    return leave_change(books, "usage_record", known, changed)


def as_sent(usage: UsageRecord) -> dict[str, object]:
    """Return a record's fields as they could have been sent."""
    return {
        "AccountId": usage.account_id,
        "SubscriptionId": usage.subscription_id,
        "ChargeId": usage.charge_id,
        "UOM": usage.uom,
        "Quantity": usage.quantity,
        "StartDateTime": _text(usage.start_date_time),
        "EndDateTime": usage.end_date_time and _text(usage.end_date_time),
        "Description": usage.description,
        "UniqueKey": usage.unique_key,
    }


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds")[:26] + "Z"
