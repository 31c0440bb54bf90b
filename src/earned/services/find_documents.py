"""Find billing documents and adjustments: by id or by number, in the caller's scope."""

from earned.domain.billing import (
    BillingDocument,
    BillingDocumentItem,
    DocumentKind,
    InvoiceItemAdjustment,
)
from earned.domain.errors import NotFound
from earned.services.ports import Books


def document_by_key(books: Books, kind: DocumentKind, key: str) -> BillingDocument:
    """Return the document of a kind with that id or number. Raises `NotFound`."""
    found = books.documents.find(kind=kind, id=key) or books.documents.find(kind=kind, number=key)
    if found is None:
        raise NotFound.by_key(key)
    return found


def document_to_change(books: Books, kind: DocumentKind, key: str) -> BillingDocument:
    """Return it so that nobody else changes it until the transaction ends. Raises `NotFound`."""
    found = document_by_key(books, kind, key)
    locked = books.documents.list(id={found.id}, lock=True)
    if not locked:
        raise NotFound.by_key(key)
    return locked[0]


def item_by_id(books: Books, kind: DocumentKind, item_id: str) -> BillingDocumentItem:
    """Return an item of a document of that kind. Raises `NotFound`."""
    found = books.document_items.find(id=item_id)
    if found is None or books.documents.find(id=found.document_id, kind=kind) is None:
        raise NotFound.by_key(item_id)
    return found


def adjustment_by_key(books: Books, key: str) -> InvoiceItemAdjustment:
    """Return the adjustment with that id or number. Raises `NotFound`."""
    found = books.adjustments.find(id=key) or books.adjustments.find(number=key)
    if found is None:
        raise NotFound.by_key(key)
    return found
