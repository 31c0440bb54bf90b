"""Read how the amount of a usage item came about."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from earned.domain.billing import BillingDocument, BillingDocumentItem, DocumentKind, DocumentStatus
from earned.domain.errors import NotFound, RuleBroken
from earned.domain.exact import ZERO, add, multiply
from earned.domain.money import Currency
from earned.domain.processed_usage import ProcessedUsage
from earned.domain.rate_detail import Used, individual_detail, list_price, rate_detail
from earned.domain.rating_group import is_grouped
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import GuidedUsage
from earned.services.batches import batches
from earned.services.find_documents import item_by_id
from earned.services.open_series import rating_accrual
from earned.services.ports import Books
from earned.services.process_usage import ratings_of
from earned.services.series_rows import charge_segment

NOT_USAGE = "The invoice item does not bill usage."


@dataclass(frozen=True, slots=True)
class RateDetail:
    """A usage item, its invoice, and in words what it costs and why."""

    invoice: BillingDocument
    item: BillingDocumentItem
    charge_number: str
    list_price: str
    detail: str


def read_rate_detail(books: Books, item_id: str) -> RateDetail:
    """Return how an invoice item was rated. Raises `NotFound`, or `RuleBroken` if it was not."""
    item = item_by_id(books, DocumentKind.INVOICE, item_id)
    invoice = books.documents.find(id=item.document_id)
    if invoice is None:
        raise NotFound.by_key(item_id)
    if not item.is_rated or item.charge_id is None:
        raise RuleBroken(NOT_USAGE)
    charge = charge_segment(books.entire, item.charge_id, item.charge_segment or 1)
    return RateDetail(
        invoice,
        item,
        charge.number,
        list_price(charge, Currency.of(invoice.currency)),
        _detail(books, charge, invoice, item),
    )


def _detail(
    books: Books, charge: RatePlanCharge, invoice: BillingDocument, item: BillingDocumentItem
) -> str:
    """Tell how the service period was rated, less what was billed of it before."""
    currency, earlier = books.currency(invoice.currency), _earlier(books, item)
    billed_minor = sum(document.kind.sign * one.amount_minor for document, one in earlier)
    known, ratings = [(invoice, item), *earlier], ratings_of(books.entire, item)
    billed = _billed(books, item, {one.id for _, one in known})
    if billed and any(rating.is_individual for rating in ratings):
        return individual_detail(charge, currency, _records(billed), billed_minor)
    groups = _groups(billed) if is_grouped(charge) else {}
    if not groups:
        groups = {None: _total(known)}
    paid_minor = 0
    if charge.is_of_currency:
        groups = {one.group_key: one.quantity for one in ratings}
        value = rating_accrual(books.entire, charge, item.service).value
        paid_minor = sum(value(one.quantity) - one.amount_minor for one in ratings)
    return rate_detail(charge, currency, groups, billed_minor, paid_minor)


def _total(billed: Sequence[tuple[BillingDocument, BillingDocumentItem]]) -> Decimal:
    total = ZERO
    for document, item in billed:
        total = add(total, multiply(item.quantity or ZERO, Decimal(document.kind.sign)))
    return total


def _billed(
    books: Books, item: BillingDocumentItem, item_ids: Collection[str]
) -> list[tuple[GuidedUsage, Decimal]]:
    """Return how much items have billed of each usage of a service period."""
    rows = books.processed_usage.list(
        charge_id=item.charge_id,
        charge_segment=item.charge_segment,
        billing_period_start_date=item.service_start,
    )
    found = []
    for some in batches(row for row in rows if _item_of(row) in item_ids):
        guided = {row.id: row for row in books.guided_usage.list(id=[r.guided_id for r in some])}
        found += [(guided[row.guided_id], row.quantity) for row in some]
    return found


def _groups(billed: Sequence[tuple[GuidedUsage, Decimal]]) -> dict[str | None, Decimal]:
    """Return what was billed of each rating group."""
    found: dict[str | None, Decimal] = {}
    for guided, quantity in billed:
        group = guided.group_key
        found[group] = add(found.get(group, ZERO), quantity)
    return found


def _records(billed: Sequence[tuple[GuidedUsage, Decimal]]) -> dict[str | None, list[Used]]:
    """Return the records of each rating group in the order that they are priced."""
    found: dict[str | None, list[Used]] = defaultdict(list)
    ordered = sorted(billed, key=lambda one: (one[0].usage_date, one[0].quantity < 0, one[0].id))
    for guided, quantity in ordered:
        found[guided.group_key].append((guided.usage_date, quantity))
    return found


def _item_of(row: ProcessedUsage) -> str | None:
    return row.invoice_item_id or row.credit_memo_item_id


def _earlier(
    books: Books, item: BillingDocumentItem
) -> list[tuple[BillingDocument, BillingDocumentItem]]:
    """Return what had billed of the same service period before, and is in force."""
    items = books.document_items.list(
        charge_id=item.charge_id,
        charge_segment=item.charge_segment,
        service_start=item.service_start,
        is_rated=True,
        order_by=["id"],
    )
    documents = {
        document.id: document
        for document in books.documents.list(id=[one.document_id for one in items])
        if document.status is not DocumentStatus.CANCELED
    }
    return [
        (documents[one.document_id], one)
        for one in items
        if one.id < item.id and one.document_id in documents
    ]
