"""What object queries ask that is no table by itself: selections, each under a name of its own.

One table holds invoices and memos, and another their items, which have the currency of their
document. Items of journal entries and of revenue schedules have no ids: they get the beginning of
what they are of, in which the moment is that it was made, and where they stand in it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    Text,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.sql.selectable import NamedFromClause

from earned.domain.billing import (
    AdjustmentStatus,
    AdjustmentType,
    DocumentKind,
    DocumentStatus,
    SourceType,
)
from earned.storage.columns import metadata
from earned.storage.tables.accounting import accounting_period
from earned.storage.tables.billing import (
    billing_document,
    billing_document_item,
    invoice_item_adjustment,
)
from earned.storage.tables.journal import journal_entry, journal_entry_item
from earned.storage.tables.schedules import revenue_item, revenue_schedule
from earned.storage.tables.subscriptions import rate_plan_charge, subscription
from earned.storage.types import Whole

_ID_LENGTH = 32
_PLACE_DIGITS = 6
_NO_DAY = "00000000"
_OWNERS = {"item_of_entry": "entry_id", "item_of_schedule": "schedule_id"}

OWNER_LENGTH = _ID_LENGTH - len(_NO_DAY)
"""How much of an id is at least that of what the row is of, where a selection makes ids."""


def asked_rows(name: str) -> NamedFromClause:
    """Return the table or the selection of that name."""
    return _SELECTIONS[name] if name in _SELECTIONS else metadata.tables[name]


def owner_of(table: NamedFromClause) -> ColumnElement[str] | None:
    """Return the column that the ids of a selection begin like, if it makes them.

    Its rows are in the order of that column, which an index may have; ids that are made have none.
    """
    return table.c[_OWNERS[table.name]] if table.name in _OWNERS else None


def _documents(kind: DocumentKind) -> Select[Any]:
    """Documents of a kind, with what adjustments do to them and what is owed of them."""
    document = billing_document.c
    adjusted = _adjusted()
    is_canceled = document.status == DocumentStatus.CANCELED
    balance = case(
        (is_canceled, literal_column("0", Whole)), else_=document.amount_minor + adjusted
    )
    referred = case((document.source_type == SourceType.INVOICE, document.source_id))
    return select(
        billing_document,
        adjusted.label("adjusted_minor"),
        balance.label("balance_minor"),
        referred.label("invoice_id"),
    ).where(document.kind == kind)


def _adjusted() -> ColumnElement[int]:
    """Return what the adjustments of an invoice in force add to it, negative if they take away."""
    adjustment = invoice_item_adjustment.c
    effect = case(
        (adjustment.type == AdjustmentType.CREDIT, -adjustment.amount_minor),
        else_=adjustment.amount_minor,
    )
    total = select(func.coalesce(func.sum(effect), literal_column("0", Whole))).where(
        adjustment.invoice_id == billing_document.c.id,
        adjustment.status == AdjustmentStatus.PROCESSED,
    )
    return cast(total.correlate(billing_document).scalar_subquery(), Whole)


def _items(kind: DocumentKind) -> Select[Any]:
    """Items of documents of a kind, with their currency and the numbers of what they bill."""
    item = billing_document_item.c
    charge = _number(rate_plan_charge, item.charge_id)
    subscribed = _number(subscription, item.original_subscription_id)
    return (
        select(
            billing_document_item,
            billing_document.c.currency,
            charge.label("charge_number"),
            subscribed.label("subscription_number"),
        )
        .join(billing_document, billing_document.c.id == item.document_id)
        .where(billing_document.c.kind == kind)
    )


def _number(table: Table, original_id: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Return the number of what an item bills, which all versions of it have."""
    found = select(table.c.number).where(
        table.c.entity_id == billing_document_item.c.entity_id, table.c.original_id == original_id
    )
    return found.limit(1).correlate(billing_document_item).scalar_subquery()


def _journal_items() -> Select[Any]:
    """Items of journal entries that are not deleted, in their currency."""
    item, entry = journal_entry_item.c, journal_entry.c
    place = cast(item.place + 10**_PLACE_DIGITS, Text)
    return select(
        _id(item.entry_id, func.substr(place, 2, type_=Text), _PLACE_DIGITS),
        journal_entry_item,
        entry.currency,
        entry.deleted,
    ).join(journal_entry, entry.id == item.entry_id)


def _revenue_items() -> Select[Any]:
    """Items of revenue schedules: what each has in an accounting period."""
    item, schedule, period = revenue_item.c, revenue_schedule.c, accounting_period.c
    day = func.replace(cast(period.start_date, Text), "-", "", type_=Text)
    return (
        select(
            _id(item.schedule_id, func.coalesce(day, _NO_DAY, type_=Text), len(_NO_DAY)),
            revenue_item,
            schedule.account_id,
            schedule.currency,
            schedule.deleted,
            schedule.number.label("schedule_number"),
            period.name.label("period_name"),
        )
        .join(revenue_schedule, schedule.id == item.schedule_id)
        .join(accounting_period, period.id == item.period_id)
    )


def _id(of: ColumnElement[str], place: ColumnElement[str], length: int) -> ColumnElement[str]:
    """Return the id of the item at a place, which is written in `length` digits."""
    return (func.substr(of, 1, _ID_LENGTH - length, type_=Text) + place).label("id")


_SELECTIONS: Mapping[str, NamedFromClause] = {
    name: selection.subquery(name)
    for name, selection in {
        "invoice": _documents(DocumentKind.INVOICE),
        "invoice_item": _items(DocumentKind.INVOICE),
        "credit_memo": _documents(DocumentKind.CREDIT_MEMO),
        "credit_memo_item": _items(DocumentKind.CREDIT_MEMO),
        "debit_memo": _documents(DocumentKind.DEBIT_MEMO),
        "debit_memo_item": _items(DocumentKind.DEBIT_MEMO),
        "item_of_entry": _journal_items(),
        "item_of_schedule": _revenue_items(),
    }.items()
}
