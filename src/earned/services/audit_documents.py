"""Audit billing documents: their sums, and the revenue schedules of what was posted."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from earned.domain.audit import Break
from earned.domain.audit_billed import check_processed, check_run
from earned.domain.audit_billing import (
    Schedules,
    Transaction,
    check_document,
    check_linked,
    check_transaction,
)
from earned.domain.billed import Billed, billed_adjustment, billed_item, is_scheduled
from earned.domain.billing import (
    AdjustmentStatus,
    BillingDocument,
    BillingDocumentItem,
    DocumentStatus,
)
from earned.domain.schedule import LinkedType
from earned.services.batches import batches
from earned.services.ports import Books
from earned.services.process_usage import column_of


def audit_documents(books: Books, counted: Counter[str]) -> Iterator[Break]:
    """Yield every break of what must be true of billing, and count what was looked at."""
    for documents in batches(books.documents.stream(order_by=["id"])):
        counted["billing documents"] += len(documents)
        items = _by_document(books, documents)
        for document in documents:
            yield from _audit_document(books, document, items[document.id])
    yield from _audit_adjustments(books, counted)
    for runs in batches(books.bill_runs.stream(order_by=["number"])):
        counted["bill runs"] += len(runs)
        for run in runs:
            yield from check_run(run, books.documents.list(source_id=run.number))
    yield from _audit_links(books)


def billing_of(
    books: Books, charge_id: str
) -> tuple[Sequence[BillingDocumentItem], Mapping[str, BillingDocument]]:
    """Return every item that bills a charge, and their documents by id."""
    items = books.document_items.list(charge_id=charge_id)
    documents = {
        document.id: document
        for ids in batches(dict.fromkeys(item.document_id for item in items))
        for document in books.documents.list(id=ids)
    }
    return items, documents


def _by_document(
    books: Books, documents: Sequence[BillingDocument]
) -> dict[str, list[BillingDocumentItem]]:
    found: dict[str, list[BillingDocumentItem]] = {one.id: [] for one in documents}
    for item in books.document_items.list(document_id=list(found)):
        found[item.document_id].append(item)
    return found


def _audit_document(
    books: Books, document: BillingDocument, items: Sequence[BillingDocumentItem]
) -> Iterator[Break]:
    yield from check_document(document, items)
    yield from _audit_processed(books, document, items)
    if document.posted_at is None:
        return
    schedules = _schedules(books, [item.id for item in items])
    for item in items:
        billed = billed_item(document, item)
        transaction = Transaction(
            billed=billed,
            is_due=_is_due(books, billed, document.posted_at),
            is_canceled=document.status is DocumentStatus.CANCELED,
            is_posted_back=item.reversal_id is not None,
        )
        yield from check_transaction(transaction, schedules)


def _audit_processed(
    books: Books, document: BillingDocument, items: Sequence[BillingDocumentItem]
) -> Iterator[Break]:
    """Check the usage that a document bills."""
    rated = [item for item in items if item.is_rated]
    for some in batches(rated):
        by = {column_of(document.kind): [item.id for item in some]}
        rows = books.processed_usage.list(**by)  # type: ignore[arg-type]
        guided = {
            one.id: one
            for ids in batches(dict.fromkeys(row.guided_id for row in rows))
            for one in books.guided_usage.list(id=ids)
        }
        yield from check_processed(document, some, rows, guided)


def _audit_adjustments(books: Books, counted: Counter[str]) -> Iterator[Break]:
    for adjustments in batches(books.adjustments.stream(order_by=["id"])):
        counted["invoice item adjustments"] += len(adjustments)
        schedules = _schedules(books, [one.id for one in adjustments])
        ids = [one.item_id for one in adjustments]
        items = {item.id: item for item in books.document_items.list(id=ids)}
        for one in adjustments:
            billed = billed_adjustment(one, items[one.item_id])
            transaction = Transaction(
                billed=billed,
                is_due=_is_due(books, billed, one.created_at),
                is_canceled=one.status is AdjustmentStatus.CANCELED,
                is_posted_back=one.reversal_id is not None,
            )
            yield from check_transaction(transaction, schedules)


def _audit_links(books: Books) -> Iterator[Break]:
    linked = books.schedules.stream(linked_type=list(LinkedType), order_by=["id"])
    for schedules in batches(linked):
        ids = [one.linked_id for one in schedules]
        known = {item.id for item in books.document_items.list(id=ids)}
        known |= {one.id for one in books.adjustments.list(id=ids)}
        yield from check_linked(schedules, known)


def _is_due(books: Books, billed: Billed, posted_at: datetime) -> bool:
    """Say whether posting had to make a schedule.

    If the start date has been changed since, nobody knows.
    """
    automation = books.revenue_automation.find()
    if automation is None or automation.updated_at > posted_at or billed.rule_name is None:
        return False
    rule = books.recognition_rules.find(name=billed.rule_name)
    return is_scheduled(billed, rule, automation)


def _schedules(books: Books, ids: Sequence[str]) -> Schedules:
    found = defaultdict(list)
    for schedule in books.schedules.list(linked_id=ids, deleted=False):
        found[str(schedule.linked_id)].append(schedule)
    return found
