"""Rows of billing, journals and notifications, stored without the operations that make them."""

from datetime import date
from decimal import Decimal
from typing import Any

from earned.domain.bill_run import BillRun, BillRunStatus
from earned.domain.billing import (
    AdjustmentType,
    BillingDocument,
    BillingDocumentItem,
    DocumentKind,
    InvoiceItemAdjustment,
    RecognizedBy,
)
from earned.domain.journal import EntryStatus, JournalEntry, JournalEntryItem, JournalRun, RunStatus
from earned.domain.notifying import Mode, Notification, Threshold
from earned.domain.posting import Side
from earned.services.ports import Books, NumberKind

_NUMBERS = {
    DocumentKind.INVOICE: NumberKind.INVOICE,
    DocumentKind.CREDIT_MEMO: NumberKind.CREDIT_MEMO,
    DocumentKind.DEBIT_MEMO: NumberKind.DEBIT_MEMO,
}
CODES: dict[str, Any] = {
    f"{use}_{part}": value
    for use in ("receivable", "contra", "recognized", "deferred")
    for part, value in (("code", None), ("code_type", "SalesRevenue"))
}


def document(
    books: Books,
    account_id: str,
    kind: DocumentKind,
    amount_minor: int,
    currency: str = "USD",
    **changes: Any,
) -> BillingDocumentItem:
    """Store a draft with one item; return the item."""
    shared: dict[str, Any] = {
        "entity_id": books.scope.entity_id,
        "account_id": account_id,
        "amount_minor": amount_minor,
        **books.stamp(),
    }
    made = books.documents.add(
        BillingDocument(
            id=books.new_id(),
            kind=kind,
            number=books.next_number(_NUMBERS[kind]),
            currency=currency,
            document_date=date(2026, 1, 20),
            **shared,
        )
    )
    facts: dict[str, Any] = {
        "id": books.new_id(),
        "document_id": made.id,
        "place": 1,
        "charge_name": "Setup",
        "service_start": date(2026, 1, 1),
        "service_end": date(2026, 1, 31),
        "recognized_by": RecognizedBy.BILLING,
        **CODES,
        **shared,
    }
    return books.document_items.add(BillingDocumentItem(**{**facts, **changes}))


def adjust(
    books: Books,
    item: BillingDocumentItem,
    amount_minor: int,
    kind: AdjustmentType = AdjustmentType.CREDIT,
    **changes: Any,
) -> InvoiceItemAdjustment:
    """Store an adjustment of an invoice item."""
    return books.adjustments.add(
        InvoiceItemAdjustment(
            id=books.new_id(),
            entity_id=item.entity_id,
            number=books.next_number(NumberKind.INVOICE_ITEM_ADJUSTMENT),
            account_id=item.account_id,
            invoice_id=item.document_id,
            item_id=item.id,
            type=kind,
            adjustment_date=date(2026, 1, 21),
            amount_minor=amount_minor,
            currency="USD",
            **CODES,
            **{**books.stamp(), **changes},
        )
    )


def run_billing(books: Books, **changes: Any) -> BillRun:
    """Store a bill run that billed everybody but one."""
    facts: dict[str, Any] = {
        "id": books.new_id(),
        "entity_id": books.scope.entity_id,
        "number": books.next_number(NumberKind.BILL_RUN),
        "status": BillRunStatus.COMPLETED,
        "target_date": date(2026, 2, 1),
        "invoice_date": date(2026, 2, 1),
        "excluded_charge_types": ["Usage"],
        "errors": [{"accountNumber": "A-1", "message": "Not to be billed."}],
        **books.stamp(),
    }
    return books.bill_runs.add(BillRun(**{**facts, **changes}))


def journalize(books: Books) -> JournalEntry:
    """Store a journal run with one entry of two items."""
    stamps, entity_id = books.stamp(), books.scope.entity_id
    period_id = books.periods.list()[0].id
    run = books.journal_runs.add(
        JournalRun(
            id=books.new_id(),
            entity_id=entity_id,
            number=books.next_number(NumberKind.JOURNAL_RUN),
            period_id=period_id,
            target_start=date(2026, 1, 1),
            target_end=date(2026, 1, 31),
            journal_entry_date=date(2026, 1, 31),
            transaction_types=("Revenue Event Item",),
            status=RunStatus.COMPLETED,
            entry_count=1,
            **stamps,
        )
    )
    entry = books.entries.add(
        JournalEntry(
            id=books.new_id(),
            entity_id=entity_id,
            number=books.next_number(NumberKind.JOURNAL_ENTRY),
            run_id=run.id,
            period_id=period_id,
            currency="USD",
            journal_entry_date=date(2026, 1, 31),
            status=EntryStatus.DRAFT,
            total_minor=10_00,
            **stamps,
        )
    )
    books.entry_items.add_all(
        [
            JournalEntryItem(
                entry_id=entry.id,
                place=place,
                entity_id=entity_id,
                side=side,
                code_name="Sales",
                code_type="SalesRevenue",
                amount_minor=10_00,
            )
            for place, side in enumerate((Side.DEBIT, Side.CREDIT), 1)
        ]
    )
    return entry


def warn(books: Books) -> None:
    """Store a threshold, and a notification that a validity period has crossed it."""
    period = books.validity_periods.list()[0]
    facts: dict[str, Any] = {
        "entity_id": books.scope.entity_id,
        "mode": Mode.UNITS,
        "value": Decimal(50),
    }
    threshold = books.thresholds.add(
        Threshold(
            id=books.new_id(),
            name="Low",
            uom="Token",
            url="https://example.com/told",
            secret="a secret of sixteen",
            **facts,
            **books.stamp(),
        )
    )
    books.notifications.add(
        Notification(
            id=books.new_id(),
            account_id=period.account_id,
            threshold_id=threshold.id,
            validity_period_summary_id=period.id,
            total_balance=Decimal(100),
            remaining_balance=Decimal(40),
            body="{}",
            next_attempt_at=None,
            created_at=books.now,
            **facts,
        )
    )
