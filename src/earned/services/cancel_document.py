"""Cancel a billing document, or throw a draft away."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from earned.domain.billing import (
    TRAITS,
    AdjustmentStatus,
    BillingDocument,
    BillingDocumentItem,
    DocumentKind,
    DocumentStatus,
)
from earned.domain.billing_rules import check_cancelable, check_open_to, check_throwaway
from earned.domain.errors import RuleBroken
from earned.services.billed_so_far import IN_FORCE, BilledSoFar
from earned.services.find_documents import document_to_change
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books
from earned.services.process_usage import release_usage
from earned.services.schedule_billed import take_back_schedules
from earned.services.see_periods import periods_to_work_in


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDocument:
    """Which document."""

    kind: DocumentKind
    key: str


def cancel_document(books: Books, command: NamedDocument) -> BillingDocument:
    """Cancel a document, for good. Of a posted one, what it posted is posted back.

    Its revenue schedules are taken back by others (`take_back_schedules`). Both happen in the
    accounting period of its date, which must be open. Usage that it billed is pending again.
    Raises `NotFound`, `PeriodClosed`, or `RuleBroken` for a document that is canceled, or an
    invoice with memos or adjustments in force, also credits of what it bills of a fund.
    """
    document = document_to_change(books, command.kind, command.key)
    check_cancelable(document)
    check_open_to("canceled", document, periods_to_work_in(books))
    items = books.document_items.list(document_id=document.id, order_by=["place"])
    _refuse_credited(books, document, items, "canceled")
    if document.status is DocumentStatus.POSTED:
        _take_back(books, document, items)
    release_usage(books, document, items)
    leave_trace(books, "canceled", "BillingDocument", document.id, _facts(document))
    return books.documents.change(
        document,
        status=DocumentStatus.CANCELED,
        canceled_at=books.now,
        canceled_by=books.scope.user_id,
    )


def delete_document(books: Books, command: NamedDocument) -> BillingDocument:
    """Delete a document that was never posted; it stays in the audit log.

    Raises `NotFound`, `RuleBroken` or `PeriodClosed`.
    """
    document = document_to_change(books, command.kind, command.key)
    check_throwaway(document)
    check_open_to("deleted", document, periods_to_work_in(books))
    items = books.document_items.list(document_id=document.id)
    _refuse_credited(books, document, items, "deleted")
    release_usage(books, document, items)
    for item in items:
        books.document_items.remove(item)
    books.documents.remove(document)
    leave_trace(books, "deleted", "BillingDocument", document.id, _facts(document))
    return document


def _take_back(
    books: Books, document: BillingDocument, items: Sequence[BillingDocumentItem]
) -> None:
    _refuse_depended_on(books, document, items)
    books.document_items.update_all(
        [{"id": item.id, "reversal_id": books.new_id(), **books.restamp()} for item in items]
    )
    take_back_schedules(books, [item.id for item in items], TRAITS[document.kind].canceled)


def _refuse_depended_on(
    books: Books, document: BillingDocument, items: Sequence[BillingDocumentItem]
) -> None:
    """Memos and adjustments of an invoice say how much of it; they go first."""
    memo_items = books.document_items.list(source_item_id=[item.id for item in items])
    memos = books.documents.list(
        id=[item.document_id for item in memo_items],
        status=[DocumentStatus.DRAFT, DocumentStatus.POSTED],
        order_by=["number"],
    )
    adjustments = books.adjustments.list(
        invoice_id=document.id, status=AdjustmentStatus.PROCESSED, order_by=["number"]
    )
    numbers = [*(memo.number for memo in memos), *(one.number for one in adjustments)]
    if numbers:
        named = ", ".join(numbers)
        message = f"Invoice {document.number} cannot be canceled before what was made of it: "
        raise RuleBroken(f"{message}{named}.")


def _refuse_credited(
    books: Books, document: BillingDocument, items: Sequence[BillingDocumentItem], action: str
) -> None:
    """No more of a fund is credited than is billed of it: credits that need an invoice go first."""
    own: Counter[str] = Counter()
    for item in items:
        if item.fund_id and document.kind is DocumentKind.INVOICE:
            own[item.fund_id] += item.amount_minor
    charge_ids = {item.charge_id for item in items if item.fund_id in own and item.charge_id}
    so_far = BilledSoFar(books.entire, charge_ids)
    short = [
        fund_id
        for fund_id, minor in own.items()
        if sum(one.amount_minor for one in so_far.of_fund(fund_id)) < minor
    ]
    if short:
        numbers = ", ".join(_credits(books.entire, charge_ids, short))
        message = f"Invoice {document.number} cannot be {action} before what was made of it: "
        raise RuleBroken(f"{message}{numbers}.")


def _credits(books: Books, charge_ids: Collection[str], fund_ids: Collection[str]) -> Sequence[str]:
    """Return the numbers of the credit memos in force that credit funds."""
    items = books.document_items.list(charge_id=list(charge_ids))
    memos = books.documents.list(
        id=list({item.document_id for item in items if item.fund_id in fund_ids}),
        kind=DocumentKind.CREDIT_MEMO,
        status=IN_FORCE,
        order_by=["number"],
    )
    return [memo.number for memo in memos]


def _facts(document: BillingDocument) -> dict[str, object]:
    return {
        "kind": document.kind,
        "number": document.number,
        "was": document.status,
        "amountMinor": document.amount_minor,
    }
