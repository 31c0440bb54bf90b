"""Draft a billing document: an invoice of its own, or a memo of charges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from earned.domain.account import Account
from earned.domain.billing import (
    BillingDocument,
    BillingDocumentItem,
    DocumentKind,
    SourceType,
)
from earned.domain.billing_rules import check_document_number, check_due_date, check_open
from earned.domain.errors import Duplicate, Invalid, Missing
from earned.domain.payment_terms import due_on
from earned.domain.tenancy import CustomFields
from earned.services.draft_items import Head, NewItem, draft_items
from earned.services.find import account_by_key
from earned.services.ports import Books, NumberKind
from earned.services.post_document import post_drafted
from earned.services.see_periods import periods_to_work_in

NUMBERS: Mapping[DocumentKind, NumberKind] = MappingProxyType(
    {
        DocumentKind.INVOICE: NumberKind.INVOICE,
        DocumentKind.CREDIT_MEMO: NumberKind.CREDIT_MEMO,
        DocumentKind.DEBIT_MEMO: NumberKind.DEBIT_MEMO,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """What a request says of a document as a whole. The date is today unless it is said.

    The due date follows from the payment term, that of the account unless another is said.
    """

    document_date: date | None = None
    due_date: date | None = None
    number: str | None = None
    reason_code: str | None = None
    comment: str | None = None
    payment_term: str | None = None
    auto_pay: bool = False
    post: bool = False
    target_date: date | None = None
    source: str = "API"
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDocument:
    """A document for an account, which is named by its id, its number or both."""

    kind: DocumentKind
    account_id: str | None = None
    account_number: str | None = None
    currency: str | None = None
    facts: DocumentFacts
    items: Sequence[NewItem] = ()

    @property
    def where(self) -> str:
        """The field of its items."""
        return "invoiceItems" if self.kind is DocumentKind.INVOICE else "charges"


def draft_document(books: Books, command: DraftDocument) -> BillingDocument:
    """Draft a document with its items, and post it if that is asked for.

    Checked in this order: the account, the currency, the date, the due date, the number, the items
    (`draft_items`). Raises `Missing`, `Invalid`, `Duplicate` or `RuleBroken`.
    """
    account = _account(books, command)
    head = _head(books, account, command)
    check_facts(books, head, command.facts)
    if command.kind is not DocumentKind.INVOICE:
        _check_charges(command)
    items = draft_items(books, head, command.items, command.where)
    term = command.facts.payment_term or account.payment_term
    has_term = command.kind is not DocumentKind.CREDIT_MEMO
    facts = replace(command.facts, payment_term=term if has_term else None)
    return store_draft(books, head, facts, items)


def check_facts(books: Books, head: Head, facts: DocumentFacts) -> None:
    """Refuse a date in a closed period, a due date before it, a number that cannot be or is taken.

    Raises `PeriodClosed`, `Invalid` or `Duplicate`.
    """
    is_invoice = head.kind is DocumentKind.INVOICE
    name = "invoiceDate" if is_invoice else "effectiveDate"
    check_open(head.document_date, periods_to_work_in(books), f"{head.kind.words} date", name)
    if facts.due_date is not None:
        check_due_date(facts.due_date, head.document_date)
    if facts.number is not None:
        name = "invoiceNumber" if is_invoice else "number"
        check_document_number(facts.number, name)
        if books.entire.documents.find(kind=head.kind, number=facts.number):
            message = f"The {head.kind.words} number specified already exists."
            raise Duplicate(message, field=name)


def store_draft(
    books: Books,
    head: Head,
    facts: DocumentFacts,
    items: Sequence[BillingDocumentItem],
    source_type: SourceType = SourceType.STANDALONE,
    source_id: str | None = None,
) -> BillingDocument:
    """Store a document that has been checked, and post it if that is asked for."""
    has_due_date = head.kind is not DocumentKind.CREDIT_MEMO
    due = due_on(facts.payment_term, head.document_date)
    document = books.documents.add(
        BillingDocument(
            id=head.id,
            entity_id=books.scope.entity_id,
            kind=head.kind,
            number=facts.number or _next_number(books, head.kind),
            account_id=head.account_id,
            currency=head.currency,
            document_date=head.document_date,
            due_date=(facts.due_date or due) if has_due_date else None,
            target_date=facts.target_date or head.document_date,
            amount_minor=sum(item.amount_minor for item in items),
            source=facts.source,
            source_type=source_type,
            source_id=source_id,
            reason_code=facts.reason_code,
            comment=facts.comment,
            payment_term=facts.payment_term,
            auto_pay=facts.auto_pay,
            custom_fields=facts.custom_fields,
            **books.stamp(),
        )
    )
    books.document_items.add_all(items)
    return post_drafted(books, document, items) if facts.post else document


def _account(books: Books, command: DraftDocument) -> Account:
    """Find the account that id and number name together. Raises `Missing`, `Invalid`."""
    keys = [key for key in (command.account_id, command.account_number) if key]
    if not keys:
        message = "'accountId' or 'accountNumber' may not be null"
        raise Missing(message, field="accountId")
    accounts = {account_by_key(books, key).id: account_by_key(books, key) for key in keys}
    if len(accounts) > 1:
        message = "'accountId' and 'accountNumber' should be of the same account"
        raise Invalid(message, field="accountNumber")
    return next(iter(accounts.values()))


def _head(books: Books, account: Account, command: DraftDocument) -> Head:
    if command.currency not in {None, "", account.currency}:
        message = f"'currency' value should be that of the account, {account.currency}"
        raise Invalid(message, field="currency")
    return Head(
        id=books.new_id(),
        kind=command.kind,
        account_id=account.id,
        currency=account.currency,
        document_date=command.facts.document_date or books.today(),
    )


def _check_charges(command: DraftDocument) -> None:
    """A memo is of charges: each item names one. Raises `Missing`."""
    for at, item in enumerate(command.items):
        if not (item.charge_key or item.product_charge_key):
            name = f"{command.where}.{at}.productRatePlanChargeId"
            raise Missing(f"'{name}' may not be null", field=name)


def _next_number(books: Books, kind: DocumentKind) -> str:
    """Return the next number that nobody chose before."""
    while True:
        number = books.next_number(NUMBERS[kind])
        if books.entire.documents.find(kind=kind, number=number) is None:
            return number
