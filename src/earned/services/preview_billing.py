"""Preview what an account would be billed: bill it, tell what that makes, and undo all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from earned.domain.account import Account
from earned.domain.bill_run import check_target, read_excluded
from earned.domain.billing import BillingDocument, DocumentKind, DocumentStatus
from earned.domain.renewing import Renewal
from earned.domain.subscription import RatePlanCharge
from earned.services.batches import batches
from earned.services.bill_account import BillAccount, bill_account
from earned.services.find import account_by_key
from earned.services.ports import Books
from earned.services.preview_order import PreviewedDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewBilling:
    """Whom to bill, through which day, as if which subscriptions were renewed.

    Evergreen subscriptions are left out unless they are asked for; with `drafts`, documents that
    are drafted already are told too.
    """

    account_key: str
    target: date
    renewal: Renewal = Renewal.NONE
    excluded: Sequence[str] | None = None
    with_evergreen: bool = False
    with_drafts: bool = False


@dataclass(frozen=True, slots=True)
class BillingPreview:
    """What would be billed, with the charges that items are of, by their original ids."""

    account: Account
    documents: Sequence[PreviewedDocument]
    charges: dict[str, RatePlanCharge]


class _Told(Exception):
    """What was billed is told: undo it."""

    def __init__(self, preview: BillingPreview) -> None:
        """Carry what is told out of the attempt."""
        super().__init__()
        self.preview = preview


def preview_billing(books: Books, command: PreviewBilling) -> BillingPreview:
    """Return what an account would be billed; nothing of it is stored, and no number is taken.

    Raises `NotFound`, `Invalid`, and what billing raises.
    """
    try:
        with books.attempt():
            _tell(books, command)
    except _Told as told:
        return told.preview


def _tell(books: Books, command: PreviewBilling) -> NoReturn:
    check_target(command.target, books.today())
    excluded = read_excluded(command.excluded, "chargeTypeToExclude")
    account = account_by_key(books, command.account_key)
    drafts = _drafts(books, account) if command.with_drafts else ()
    billed = bill_account(
        books,
        BillAccount(
            account=account,
            target=command.target,
            document_date=books.today(),
            excluded=excluded,
            subscription_ids=_chosen(books, account, command),
            renewal=command.renewal,
            is_preview=True,
        ),
    )
    documents = [_with_items(books, one) for one in (*drafts, *billed)]
    raise _Told(BillingPreview(account, documents, _charges(books, documents)))


def _chosen(books: Books, account: Account, command: PreviewBilling) -> frozenset[str]:
    paid = books.entire.subscriptions.list(invoice_owner_id=account.id, is_latest=True)
    return frozenset(
        one.original_id for one in paid if one.term_end_date is not None or command.with_evergreen
    )


def _drafts(books: Books, account: Account) -> Sequence[BillingDocument]:
    found = books.documents.list(
        account_id=account.id, status=DocumentStatus.DRAFT, order_by=["number"]
    )
    return [one for one in found if one.kind in {DocumentKind.INVOICE, DocumentKind.CREDIT_MEMO}]


def _with_items(books: Books, document: BillingDocument) -> PreviewedDocument:
    items = books.entire.document_items.list(document_id=document.id, order_by=["place"])
    return PreviewedDocument(document, items)


def _charges(books: Books, documents: Sequence[PreviewedDocument]) -> dict[str, RatePlanCharge]:
    ids = dict.fromkeys(item.charge_id for one in documents for item in one.items if item.charge_id)
    return {
        charge.original_id: charge
        for some in batches(ids)
        for charge in books.entire.charges.list(original_id=some, is_latest=True)
    }
