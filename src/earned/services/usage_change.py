"""What recording, changing and deleting usage share: making the row, drawing it, undoing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from earned.domain.rating_group import GROUP_FIELD, Sent
from earned.domain.subscription import RatePlanCharge
from earned.domain.tenancy import CustomFields
from earned.domain.usage import PENDING, PROCESSED, UsageRecord
from earned.services.draw_down import Drawdown
from earned.services.ports import Books
from earned.services.refuse_billed import is_billed, refuse_billed
from earned.services.resolve_usage import ResolvedUsage, refuse_closed
from earned.services.series_rows import charge_segment

# The fields that decide what is drawn; where none differs, nothing is drawn anew.
DRAWN = ("uom", "quantity", "start_date_time")
TOLD = ("end_date_time", "description")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a record comes from, and what of it is kept beside its standard fields."""

    custom_fields: CustomFields = field(default_factory=dict)
    source_type: str = "API"
    file_name: str | None = None
    import_id: str | None = None


def usage_record(
    identity: str, origin: Origin, row: ResolvedUsage, status: str, stamp: Mapping[str, Any]
) -> UsageRecord:
    """Return the record to store: as sent, with what it was resolved to."""
    fields, subscription, charge = row.fields, row.subscription, row.charge
    return UsageRecord(
        id=identity,
        entity_id=row.account.entity_id,
        account_id=row.account.id,
        account_number=row.account.number,
        subscription_id=subscription.original_id if subscription else None,
        subscription_number=subscription.number if subscription else None,
        charge_id=charge.original_id if charge else None,
        charge_number=charge.number if charge else None,
        uom=fields.uom,
        quantity=fields.quantity,
        start_date_time=fields.start_date_time,
        end_date_time=fields.end_date_time,
        usage_date=row.day,
        description=fields.description,
        unique_key=fields.unique_key,
        rbe_status=status,
        source_type=origin.source_type,
        file_name=origin.file_name,
        import_id=origin.import_id,
        custom_fields=origin.custom_fields,
        **stamp,
    )


def apply(drawdown: Drawdown, usage_id: str, row: ResolvedUsage, sent: Sent) -> str:
    """Draw a record down on every charge it is guided to; return the status that gives it."""
    guided = [drawdown.apply(usage_id, row, charge, sent) for charge in row.charges]
    drawdown.end_again()
    is_covered = bool(guided) and all(part.status == PROCESSED for part in guided)
    return PROCESSED if is_covered else PENDING


def guides_of(books: Books, usage: Sequence[UsageRecord]) -> list[tuple[RatePlanCharge, date]]:
    """Return the charges and days that stored records were drawn on."""
    ids = [record.id for record in usage if not record.deleted]
    if not ids:
        return []
    return [
        (charge_segment(books, guided.charge_id, guided.charge_segment), guided.usage_date)
        for guided in books.guided_usage.list(usage_id=ids, deleted=False)
    ]


def take_back(books: Books, drawdown: Drawdown, usage: UsageRecord) -> None:
    """Undo all that a stored record did; its guided usage is kept, marked as deleted."""
    books.take_time()
    for guided in books.guided_usage.list(usage_id=usage.id, deleted=False, order_by=("id",)):
        charge = charge_segment(books, guided.charge_id, guided.charge_segment)
        drawdown.take_back(guided, charge)
        books.guided_usage.change(guided, deleted=True)


def change(
    books: Books, drawdown: Drawdown, known: UsageRecord, wanted: UsageRecord, row: ResolvedUsage
) -> UsageRecord:
    """Store `wanted` over `known`; draw it anew where what was drawn differs (U 1.9, U 2.15).

    Raises `PeriodClosed` where the entity keeps usage out of closed periods: out of one it is not
    moved either (R 5); `RuleBroken` where anything but custom fields of billed usage differs.
    """
    if not known.deleted:
        refuse_closed(books, known.usage_date)
    if not same(known, wanted, (*DRAWN, *TOLD)):
        refuse_billed(books, known)
    if known.deleted or not same(known, wanted, DRAWN) or _is_regrouped(books, known, wanted):
        take_back(books, drawdown, known)
        wanted = replace(wanted, rbe_status=apply(drawdown, wanted.id, row, wanted))
    else:
        # What was drawn keeps its day, also where the time zone of the books is another now.
        wanted = replace(wanted, usage_date=known.usage_date)
    books.usage.save_all([wanted])
    return wanted


def _is_regrouped(books: Books, known: UsageRecord, wanted: UsageRecord) -> bool:
    """Say whether a record is to be rated in another group; what is billed stays in its own."""
    was, now = (one.custom_fields.get(GROUP_FIELD) for one in (known, wanted))
    return was != now and not is_billed(books, known)


def same(left: UsageRecord, right: UsageRecord, names: Sequence[str]) -> bool:
    """Say whether two records agree in the named fields."""
    return all(getattr(left, name) == getattr(right, name) for name in names)
