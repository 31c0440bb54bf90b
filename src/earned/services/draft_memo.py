"""Draft a credit or debit memo from items of a posted invoice."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from earned.domain.billing import (
    BillingDocument,
    BillingDocumentItem,
    DocumentKind,
    DocumentStatus,
    RecognizedBy,
    SourceType,
)
from earned.domain.billing_rules import (
    available_minor,
    check_available,
    check_count,
    check_service,
    check_source,
    check_total,
    read_number,
)
from earned.domain.errors import Invalid
from earned.domain.money import Currency
from earned.domain.tenancy import CustomFields
from earned.services.draft_document import DocumentFacts, check_facts, store_draft
from earned.services.draft_items import Head, amount_of, check_rule
from earned.services.find_documents import document_to_change
from earned.services.item_codes import NO_CODES, NamedCodes, choose_codes
from earned.services.ports import Books

WHERE = "items"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoItem:
    """How much of which invoice item; what is not said is as in that item."""

    invoice_item_id: str
    amount: object
    description: str | None = None
    quantity: object = None
    service_start: date | None = None
    service_end: date | None = None
    codes: NamedCodes = NO_CODES
    rule_name: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMemo:
    """A memo of an invoice, which is named in the path and may be named again in the body."""

    kind: DocumentKind
    invoice_key: str
    invoice_id: str | None = None
    facts: DocumentFacts
    items: Sequence[MemoItem] = ()


def draft_memo(books: Books, command: DraftMemo) -> BillingDocument:
    """Draft a memo, and post it if that is asked for.

    A credit memo takes no more of an invoice item than other memos and adjustments have left.
    Checked in this order: the invoice, the date, the due date, the items: each its invoice item,
    its amount, its service period, its rule and its codes. Raises a refusal.
    """
    invoice = document_to_change(books, DocumentKind.INVOICE, command.invoice_key)
    if command.invoice_id not in {None, "", invoice.id}:
        message = "'invoiceId' value should be that of the invoice in the path"
        raise Invalid(message, field="invoiceId")
    check_source(invoice, f"A {command.kind.words}")
    head = Head(
        id=books.new_id(),
        kind=command.kind,
        account_id=invoice.account_id,
        currency=invoice.currency,
        document_date=command.facts.document_date or books.today(),
    )
    check_facts(books, head, command.facts)
    check_count(len(command.items), WHERE)
    items = _items(books, head, invoice, command.items)
    return store_draft(books, head, command.facts, items, SourceType.INVOICE, invoice.id)


def left_to_credit(books: Books, items: Sequence[BillingDocumentItem]) -> dict[str, int]:
    """Return how much of each invoice item memos and adjustments have left, by its id."""
    ids = [item.id for item in items]
    memo_items = books.document_items.list(source_item_id=ids)
    credit_memos = {
        memo.id
        for memo in books.documents.list(
            id=[one.document_id for one in memo_items],
            kind=DocumentKind.CREDIT_MEMO,
            status=[DocumentStatus.DRAFT, DocumentStatus.POSTED],
        )
    }
    credited = [one for one in memo_items if one.document_id in credit_memos]
    adjustments = books.adjustments.list(item_id=ids)
    return {
        item.id: available_minor(
            item,
            sum(one.amount_minor for one in credited if one.source_item_id == item.id),
            [one for one in adjustments if one.item_id == item.id],
        )
        for item in items
    }


def _items(
    books: Books, head: Head, invoice: BillingDocument, asked: Sequence[MemoItem]
) -> Sequence[BillingDocumentItem]:
    billed = books.document_items.list(document_id=invoice.id)
    known = {item.id: item for item in billed}
    left = left_to_credit(books, billed)
    drafted = []
    for at, one in enumerate(asked):
        where = f"{WHERE}.{at}"
        source = known.get(one.invoice_item_id)
        if source is None:
            message = f"Invoice {invoice.number} has no item '{one.invoice_item_id}'."
            raise Invalid(message, field=f"{where}.invoiceItemId")
        item = replace(_item(books, head, source, one, where), place=at + 1)
        if head.kind is DocumentKind.CREDIT_MEMO:
            currency = Currency.of(head.currency)
            check_available(item.amount_minor, left[source.id], currency, f"{where}.amount")
            left[source.id] -= item.amount_minor
        drafted.append(item)
    total = sum(item.amount_minor for item in drafted)
    check_total(total, Currency.of(head.currency), WHERE)
    return drafted


def _item(
    books: Books, head: Head, source: BillingDocumentItem, new: MemoItem, where: str
) -> BillingDocumentItem:
    amount = amount_of(books, head, new.amount, f"{where}.amount")
    start = new.service_start or source.service_start
    end = new.service_end or max(start, source.service_end)
    check_service(start, end, where)
    rule = check_rule(books, new.rule_name, where) or source.rule_name
    by = source.recognized_by
    if by is RecognizedBy.BILLING and rule:
        by = RecognizedBy.SCHEDULE
    codes = choose_codes(books, new.codes, codes_of_item(source), by, where)
    return replace(
        source,
        id=books.new_id(),
        document_id=head.id,
        source_item_id=source.id,
        amount_minor=amount,
        description=new.description or source.description,
        quantity=read_number(new.quantity, f"{where}.quantity"),
        service_start=start,
        service_end=end,
        rule_name=rule,
        recognized_by=by,
        custom_fields=new.custom_fields,
        **codes,
        **books.stamp(),
    )


def codes_of_item(item: BillingDocumentItem) -> NamedCodes:
    """Return the codes that what is made of an item has unless others are said."""
    is_revenue = item.recognized_by is RecognizedBy.BILLING
    return NamedCodes(
        receivable=item.receivable_code,
        accounting=item.contra_code if is_revenue else None,
        deferred=item.deferred_code,
        recognized=item.recognized_code,
    )
