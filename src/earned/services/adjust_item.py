"""Adjust an item of a posted invoice, or cancel an adjustment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from earned.domain.billed import billed_adjustment
from earned.domain.billing import (
    ADJUSTED,
    ADJUSTMENT_CANCELED,
    AdjustmentStatus,
    AdjustmentType,
    BillingDocument,
    BillingDocumentItem,
    DocumentKind,
    InvoiceItemAdjustment,
)
from earned.domain.billing_rules import (
    check_available,
    check_document_number,
    check_open,
    check_source,
    read_positive_amount,
)
from earned.domain.errors import Duplicate, Invalid, Missing, NotFound, RuleBroken
from earned.domain.tenancy import CustomFields
from earned.services.draft_memo import codes_of_item, left_to_credit
from earned.services.find_documents import adjustment_by_key, document_to_change
from earned.services.item_codes import NO_CODES, NamedCodes, choose_codes
from earned.services.leave_trace import leave_change, leave_trace
from earned.services.ports import Books, NumberKind
from earned.services.schedule_billed import schedule_billed, take_back_schedules
from earned.services.see_periods import periods_to_work_in


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustItem:
    """How much of which invoice item, from which day. The invoice goes by its id or number."""

    type: AdjustmentType
    amount: object
    adjustment_date: date
    invoice_id: str | None = None
    invoice_number: str | None = None
    item_id: str
    number: str | None = None
    reason_code: str | None = None
    reference_id: str | None = None
    comment: str | None = None
    codes: NamedCodes = NO_CODES
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAdjustment:
    """Which adjustment, and what becomes of it."""

    key: str
    changes: Mapping[str, Any]
    custom_fields: CustomFields = field(default_factory=dict)


def adjust_item(books: Books, command: AdjustItem) -> InvoiceItemAdjustment:
    """Adjust an invoice item: in the books at once, with its revenue schedule.

    A credit takes no more than memos and other adjustments have left. Checked in this order: the
    invoice, the item, the amount, the date, what is left, the number, the codes. Raises a refusal.
    """
    invoice = _invoice(books, command)
    check_source(invoice, "An invoice item adjustment")
    item = books.document_items.find(id=command.item_id, document_id=invoice.id)
    if item is None:
        message = f"Invoice {invoice.number} has no item '{command.item_id}'."
        raise Invalid(message, field="SourceId")
    currency = books.currency(invoice.currency)
    amount = read_positive_amount(command.amount, currency, "Amount")
    periods = periods_to_work_in(books)
    check_open(command.adjustment_date, periods, "adjustment date", "AdjustmentDate")
    if command.type is AdjustmentType.CREDIT:
        check_available(amount, left_to_credit(books, [item])[item.id], currency, "Amount")
    number = _number(books, command.number)
    usual, by = codes_of_item(item), item.recognized_by
    adjustment = books.adjustments.add(
        InvoiceItemAdjustment(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            number=number,
            account_id=invoice.account_id,
            invoice_id=invoice.id,
            item_id=item.id,
            type=command.type,
            adjustment_date=command.adjustment_date,
            amount_minor=amount,
            currency=invoice.currency,
            reason_code=command.reason_code,
            reference_id=command.reference_id,
            comment=command.comment,
            custom_fields=command.custom_fields,
            **choose_codes(books, command.codes, usual, by, "AccountingCode"),
            **books.stamp(),
        )
    )
    schedule_billed(books, [billed_adjustment(adjustment, item)], ADJUSTED)
    return adjustment


def change_adjustment(books: Books, command: ChangeAdjustment) -> InvoiceItemAdjustment:
    """Change the reason of an adjustment, or cancel it, for good.

    What it posted is posted back, and its revenue schedule taken back by another. Raises
    `NotFound`, `PeriodClosed`, or `RuleBroken` for one that is canceled.
    """
    found = adjustment_by_key(books, command.key)
    document_to_change(books, DocumentKind.INVOICE, found.invoice_id)
    changes = dict(command.changes)
    status = changes.pop("status", found.status)
    adjustment = adjustment_by_key(books, found.id)
    if adjustment.status is AdjustmentStatus.CANCELED:
        raise RuleBroken(f"Invoice item adjustment {adjustment.number} is canceled already.")
    if status is AdjustmentStatus.CANCELED:
        changes |= _cancel(books, adjustment)
    custom = {**adjustment.custom_fields, **command.custom_fields}
    changed = books.adjustments.change(adjustment, **changes, custom_fields=custom)
    if changed.status is AdjustmentStatus.CANCELED:
        return changed
    return leave_change(books, "InvoiceItemAdjustment", adjustment, changed)


def _cancel(books: Books, adjustment: InvoiceItemAdjustment) -> Mapping[str, Any]:
    periods = periods_to_work_in(books)
    check_open(adjustment.adjustment_date, periods, "adjustment date", "Status")
    item = books.document_items.find(id=adjustment.item_id)
    if item is not None and adjustment.type is AdjustmentType.CHARGE:
        _refuse_credited(books, adjustment, item)
    take_back_schedules(books, [adjustment.id], ADJUSTMENT_CANCELED)
    facts = {"number": adjustment.number, "amountMinor": adjustment.amount_minor}
    leave_trace(books, "canceled", "InvoiceItemAdjustment", adjustment.id, facts)
    return {
        "status": AdjustmentStatus.CANCELED,
        "canceled_at": books.now,
        "canceled_by": books.scope.user_id,
        "reversal_id": books.new_id(),
    }


def _refuse_credited(
    books: Books, adjustment: InvoiceItemAdjustment, item: BillingDocumentItem
) -> None:
    """What was credited of an item may have been what an adjustment added to it."""
    if left_to_credit(books, [item])[item.id] < adjustment.amount_minor:
        raise RuleBroken(
            f"Invoice item adjustment {adjustment.number} cannot be canceled: what it added has "
            "been credited."
        )


def _invoice(books: Books, command: AdjustItem) -> BillingDocument:
    """Find the invoice that id and number name together, and hold it."""
    keys = [key for key in (command.invoice_id, command.invoice_number) if key]
    if not keys:
        message = "Missing required value: InvoiceId or InvoiceNumber"
        raise Missing(message, field="InvoiceId")
    try:
        found = {document_to_change(books, DocumentKind.INVOICE, key).id: key for key in keys}
    except NotFound as missing:
        raise Invalid(missing.problems[0].message, field="InvoiceId") from None
    if len(found) > 1:
        message = "'InvoiceId' and 'InvoiceNumber' should be of the same invoice"
        raise Invalid(message, field="InvoiceNumber")
    return document_to_change(books, DocumentKind.INVOICE, keys[0])


def _number(books: Books, asked: str | None) -> str:
    everyone = books.entire
    if asked is not None:
        check_document_number(asked, "AdjustmentNumber")
        if everyone.adjustments.find(number=asked):
            message = "The adjustment number specified already exists."
            raise Duplicate(message, field="AdjustmentNumber")
        return asked
    while True:
        number = books.next_number(NumberKind.INVOICE_ITEM_ADJUSTMENT)
        if everyone.adjustments.find(number=number) is None:
            return number
