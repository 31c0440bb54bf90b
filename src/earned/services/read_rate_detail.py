"""Read how the amount of a usage item came about."""

from dataclasses import dataclass
from decimal import Decimal

from earned.domain.billing import BillingDocument, BillingDocumentItem, DocumentKind, DocumentStatus
from earned.domain.errors import NotFound, RuleBroken
from earned.domain.exact import ZERO, add, multiply
from earned.domain.money import Currency
from earned.domain.rate_detail import list_price, rate_detail
from earned.services.find_documents import item_by_id
from earned.services.ports import Books
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
    if item.rating_result_id is None or item.charge_id is None:
        raise RuleBroken(NOT_USAGE)
    charge = charge_segment(books.entire, item.charge_id, item.charge_segment or 1)
    currency = books.currency(invoice.currency)
    quantity, billed_minor = item.quantity or ZERO, 0
    for document, earlier in _earlier(books, item):
        sign = document.kind.sign
        quantity = add(quantity, multiply(earlier.quantity or ZERO, Decimal(sign)))
        billed_minor += sign * earlier.amount_minor
    return RateDetail(
        invoice,
        item,
        charge.number,
        list_price(charge, Currency.of(invoice.currency)),
        rate_detail(charge, currency, quantity, billed_minor),
    )


def _earlier(
    books: Books, item: BillingDocumentItem
) -> list[tuple[BillingDocument, BillingDocumentItem]]:
    """Return what had billed of the same service period before, and is in force."""
    items = books.document_items.list(
        charge_id=item.charge_id, rating_result_id=item.rating_result_id, order_by=["id"]
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
