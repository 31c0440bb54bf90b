"""Read billing documents with what an answer says beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from earned.domain.account import Account
from earned.domain.billing import (
    AdjustmentStatus,
    BillingDocument,
    BillingDocumentItem,
    DocumentKind,
    DocumentStatus,
    InvoiceItemAdjustment,
)
from earned.domain.catalog import Product
from earned.domain.errors import NotFound
from earned.domain.money import Currency
from earned.services.draft_memo import left_to_credit
from earned.services.find import row_by_id
from earned.services.find_documents import adjustment_by_key, document_by_key
from earned.services.ports import Books


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document, whose it is, what its adjustments do to it, and where its clock stands."""

    document: BillingDocument
    account: Account
    adjusted_minor: int
    zone: ZoneInfo

    @property
    def currency(self) -> Currency:
        """The currency of every amount in it."""
        return Currency.of(self.document.currency)

    @property
    def balance_minor(self) -> int:
        """What is owed of it: nothing of a canceled document. Payments are not kept."""
        if self.document.status is DocumentStatus.CANCELED:
            return 0
        return self.document.amount_minor + self.adjusted_minor


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item of a document with what hangs on it."""

    document: BillingDocument
    item: BillingDocumentItem
    subscription_number: str | None
    product: Product | None
    charge_type: str | None
    schedule_number: str | None
    left_minor: int

    @property
    def currency(self) -> Currency:
        """The currency of every amount in it."""
        return Currency.of(self.document.currency)


@dataclass(frozen=True, slots=True)
class AdjustmentView:
    """An adjustment, the item it adjusts, its invoice, and whose that is."""

    adjustment: InvoiceItemAdjustment
    item: BillingDocumentItem
    invoice: BillingDocument
    account: Account

    @property
    def currency(self) -> Currency:
        """The currency of its amount."""
        return Currency.of(self.adjustment.currency)


def read_document(books: Books, kind: DocumentKind, key: str) -> DocumentView:
    """Return a document by its id or number. Raises `NotFound`."""
    return view_document(books, document_by_key(books, kind, key))


def view_document(books: Books, document: BillingDocument) -> DocumentView:
    """Return what an answer says of a document."""
    adjustments = books.adjustments.list(invoice_id=document.id, status=AdjustmentStatus.PROCESSED)
    account = row_by_id(books.accounts, document.account_id)
    adjusted = sum(one.effect_minor for one in adjustments)
    return DocumentView(document, account, adjusted, books.settings.zone)


def read_items(
    books: Books, kind: DocumentKind, key: str, limit: int, offset: int
) -> Sequence[ItemView]:
    """Return items of a document in their order. Raises `NotFound`."""
    document = document_by_key(books, kind, key)
    items = books.document_items.list(
        document_id=document.id, order_by=["place"], limit=limit, offset=offset
    )
    return _item_views(books, document, items)


def read_item(books: Books, kind: DocumentKind, key: str, item_id: str) -> ItemView:
    """Return one item of a document. Raises `NotFound`."""
    document = document_by_key(books, kind, key)
    item = books.document_items.find(id=item_id, document_id=document.id)
    if item is None:
        raise NotFound.by_key(item_id)
    return _item_views(books, document, [item])[0]


def read_adjustment(books: Books, key: str) -> AdjustmentView:
    """Return an adjustment by its id or number. Raises `NotFound`."""
    adjustment = adjustment_by_key(books, key)
    return AdjustmentView(
        adjustment,
        row_by_id(books.document_items, adjustment.item_id),
        row_by_id(books.documents, adjustment.invoice_id),
        row_by_id(books.accounts, adjustment.account_id),
    )


def _item_views(
    books: Books, document: BillingDocument, items: Sequence[BillingDocumentItem]
) -> Sequence[ItemView]:
    schedules = _schedule_numbers(books, items)
    left = left_to_credit(books, items) if document.kind is DocumentKind.INVOICE else {}
    return [
        ItemView(
            document,
            item,
            _subscription_number(books, item),
            *_product_of(books, item),
            schedules.get(item.id),
            left.get(item.id, 0),
        )
        for item in items
    ]


def _schedule_numbers(books: Books, items: Sequence[BillingDocumentItem]) -> Mapping[str, str]:
    found = books.schedules.list(
        linked_id=[item.id for item in items], reverses_id=None, deleted=False
    )
    return {one.linked_id: one.number for one in found if one.linked_id}


def _subscription_number(books: Books, item: BillingDocumentItem) -> str | None:
    original_id = item.original_subscription_id
    if original_id is None:
        return None
    found = books.subscriptions.find(original_id=original_id, is_latest=True)
    return found.number if found else None


def _product_of(books: Books, item: BillingDocumentItem) -> tuple[Product | None, str | None]:
    """Return the product and the charge type of what an item bills, as far as that is known."""
    if item.product_charge_id is None:
        return None, None
    charge = row_by_id(books.product_charges, item.product_charge_id)
    plan = row_by_id(books.product_rate_plans, charge.product_rate_plan_id)
    return books.products.find(id=plan.product_id), charge.charge_type
