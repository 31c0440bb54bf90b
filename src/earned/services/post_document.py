"""Post a billing document: it enters the books, and gets the revenue schedules of its items."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from earned.domain.billed import billed_item
from earned.domain.billing import (
    TRAITS,
    BillingDocument,
    BillingDocumentItem,
    DocumentKind,
    DocumentStatus,
)
from earned.domain.billing_rules import check_open, check_open_to, check_postable
from earned.domain.payment_terms import due_on
from earned.services.find_documents import document_to_change
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books
from earned.services.schedule_billed import schedule_billed
from earned.services.see_periods import periods_to_work_in


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDocument:
    """Which document, and the date it is to have instead of its own."""

    kind: DocumentKind
    key: str
    document_date: date | None = None


def post_document(books: Books, command: PostDocument) -> BillingDocument:
    """Post a draft; it never changes any more, but for being canceled.

    Raises `NotFound`, `RuleBroken` for anything but a draft, or `PeriodClosed` for a draft of a day
    in a closed period.
    """
    document = document_to_change(books, command.kind, command.key)
    check_postable(document)
    periods = periods_to_work_in(books)
    day = command.document_date
    if day is None:
        check_open_to("posted", document, periods)
    else:
        check_open(day, periods, f"{document.kind.words} date", "invoiceDate")
        due = document.due_date and max(document.due_date, due_on(document.payment_term, day))
        document = books.documents.change(document, document_date=day, due_date=due)
    items = books.document_items.list(document_id=document.id, order_by=["place"])
    return post_drafted(books, document, items)


def post_drafted(
    books: Books, document: BillingDocument, items: Sequence[BillingDocumentItem]
) -> BillingDocument:
    """Post a draft that may be posted."""
    posted = books.documents.change(
        document,
        status=DocumentStatus.POSTED,
        posted_at=books.now,
        posted_by=books.scope.user_id,
    )
    billed = [billed_item(posted, item) for item in items]
    made = schedule_billed(books, billed, TRAITS[document.kind].posted)
    facts = {"number": posted.number, "amountMinor": posted.amount_minor, "schedules": made}
    leave_trace(books, "posted", "BillingDocument", posted.id, facts)
    return posted
