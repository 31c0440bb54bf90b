"""Mark usage as billed by a document, and give it back when the document is gone (U 2.19)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from earned.domain.billing import BillingDocument, BillingDocumentItem, DocumentKind
from earned.domain.calendar import Days
from earned.domain.exact import ZERO, add, subtract
from earned.domain.processed_usage import ProcessedUsage, shares
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import PENDING, PROCESSED, GuidedUsage
from earned.services.batches import batches
from earned.services.find_due import Due
from earned.services.open_series import rating_accrual, rating_of
from earned.services.ports import Books
from earned.services.redraw import restate

Billed = Sequence[tuple[BillingDocumentItem, Due]]


def process_usage(books: Books, kind: DocumentKind, billed: Billed) -> None:
    """Mark the pending usage of each rating result that a document bills, and link the two.

    Each guided usage has its share of the item's amount, in the order of days and records; those
    without overage have been paid for by their funds and are in no item.
    """
    rated = [(item, due) for item, due in billed if due.rating is not None]
    pending: dict[tuple[str, int], Mapping[str, list[GuidedUsage]]] = {}
    for item, due in rated:
        key = due.charge.original_id, due.charge.segment
        if key not in pending:
            services = [one.difference.service for _, one in rated if one.charge is due.charge]
            pending[key] = _pending(books, due.charge, services)
        rows = list(
            _rows(books, kind, item, due, pending[key].get(item.rating_result_id or "", []))
        )
        books.processed_usage.add_all(rows)
        _set_status(books, [row.guided_id for row in rows], PROCESSED)
        _restate(books, {row.usage_id for row in rows})
    _link(books, {due.rating.id: item.id for item, due in rated if due.rating}, kind)


def release_usage(
    books: Books, document: BillingDocument, items: Sequence[BillingDocumentItem]
) -> None:
    """Give back the usage of a document that is not in force any more: it is pending again."""
    kind = document.kind
    ids = [item.id for item in items if item.rating_result_id]
    if not ids:
        return
    rows = [row for some in batches(ids) for row in books.processed_usage.list(**_by(kind, some))]
    usage_ids = {row.usage_id for row in rows}
    for some in batches(sorted(usage_ids)):
        books.usage.list(id=set(some), lock=True, order_by=("id",))
    rating_ids = {item.rating_result_id for item in items if item.rating_result_id}
    books.lock_rating_versions(rating_ids)
    for some in batches(ids):
        books.processed_usage.remove_all(**_by(kind, some))
    _set_status(books, [row.guided_id for row in rows], PENDING)
    _restate(books, usage_ids)
    _link(books, _left(books, rating_ids, set(ids)), DocumentKind.INVOICE)


def _pending(
    books: Books, charge: RatePlanCharge, services: Sequence[Days]
) -> Mapping[str, list[GuidedUsage]]:
    """Return the pending usage of a charge segment by rating result, in the order it is rated."""
    found: dict[str, list[GuidedUsage]] = defaultdict(list)
    guided = [
        row
        for some in batches(books.pending_usage([charge.original_id], services))
        for row in books.guided_usage.list(usage_id=some, status=PENDING, deleted=False)
        if (row.charge_id, row.charge_segment) == (charge.original_id, charge.segment)
    ]
    for row in sorted(guided, key=lambda row: (row.usage_date, row.id)):
        found[rating_of(charge, row)].append(row)
    return found


def _rows(
    books: Books,
    kind: DocumentKind,
    item: BillingDocumentItem,
    due: Due,
    pending: Sequence[GuidedUsage],
) -> Iterator[ProcessedUsage]:
    """Return what the item bills of each guided usage: what earlier items have not billed of it."""
    rating, difference = due.rating, due.difference
    assert rating is not None
    done = _done(books, [row.id for row in pending])
    quantities = [subtract(row.remaining_quantity, done.get(row.id, ZERO)) for row in pending]
    before = subtract(rating.quantity, difference.quantity or ZERO)
    value = rating_accrual(books, due.charge).value
    amounts = shares(quantities, before, difference.amount_minor, value)
    for row, quantity, amount in zip(pending, quantities, amounts, strict=True):
        yield ProcessedUsage(
            id=books.new_id(),
            entity_id=row.entity_id,
            account_id=row.account_id,
            usage_id=row.usage_id,
            guided_id=row.id,
            charge_id=row.charge_id,
            charge_segment=row.charge_segment,
            billing_period_start_date=rating.service_start_date,
            billing_period_end_date=rating.service_end_date,
            quantity=quantity,
            amount_minor=amount,
            currency=rating.currency,
            **_by(kind, item.id),
            **books.stamp(),
        )


def _done(books: Books, guided_ids: Sequence[str]) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = {}
    for some in batches(guided_ids):
        for row in books.processed_usage.list(guided_id=some):
            found[row.guided_id] = add(found.get(row.guided_id, ZERO), row.quantity)
    return found


def _set_status(books: Books, guided_ids: Iterable[str], status: str) -> None:
    books.guided_usage.update_all(
        [{"id": one, "status": status, **books.restamp()} for one in dict.fromkeys(guided_ids)]
    )


def _restate(books: Books, usage_ids: Iterable[str]) -> None:
    for some in batches(sorted(usage_ids)):
        restate(books, books.usage.list(id=some))


def _link(books: Books, items: Mapping[str, str | None], kind: DocumentKind) -> None:
    """Note which invoice item billed a rating result last; whoever holds that has to read again."""
    if kind is not DocumentKind.INVOICE or not items:
        return
    ratings = books.rating_results.list(id=list(items))
    books.rating_results.update_all(
        [{"id": r.id, "invoice_item_id": items[r.id], "version": r.version + 1} for r in ratings]
    )


def _left(books: Books, rating_ids: set[str], gone: set[str]) -> Mapping[str, str | None]:
    """Return the last invoice item of each rating result that is still in force."""
    left: dict[str, str | None] = dict.fromkeys(sorted(rating_ids))
    for item in books.document_items.list(rating_result_id=list(rating_ids), order_by=["id"]):
        document = books.documents.find(id=item.document_id, kind=DocumentKind.INVOICE)
        if item.id not in gone and document and document.canceled_at is None:
            left[str(item.rating_result_id)] = item.id
    return left


def _by(kind: DocumentKind, item: object) -> dict[str, Any]:
    """Return the field that names an item of a kind of document, with its value."""
    return {column_of(kind): item}


def column_of(kind: DocumentKind) -> str:
    """Return the column of processed usage that names items of a kind of document."""
    return "credit_memo_item_id" if kind is DocumentKind.CREDIT_MEMO else "invoice_item_id"
