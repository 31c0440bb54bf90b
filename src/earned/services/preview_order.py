"""Preview an order: carry it out, tell what it makes, and undo all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from earned.domain.account import Account
from earned.domain.billing import BillingDocument, BillingDocumentItem
from earned.domain.calendar import DAY
from earned.domain.prepaid import Fund, ValidityPeriodSummary
from earned.domain.subscription import RatePlanCharge, Subscription
from earned.services.bill_account import BillAccount, bill_account
from earned.services.find import account_by_key
from earned.services.place_order import Placed, PlaceOrder, place_order
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewOrder:
    """An order, and what to tell of it.

    With `billing`, what would be billed `through` a day (None: to the end of the terms), on
    documents of a day.
    """

    order: PlaceOrder
    billing: bool = False
    through: date | None = None
    document_date: date | None = None


@dataclass(frozen=True, slots=True)
class PreviewedDocument:
    """A document that would be drafted."""

    document: BillingDocument
    items: Sequence[BillingDocumentItem]


@dataclass(frozen=True, slots=True)
class PreviewedSubscription:
    """A subscription as it would be, with its charges, and its funds as they would be."""

    subscription: Subscription
    charges: Sequence[RatePlanCharge]
    funds: Sequence[Fund]
    periods: Mapping[str, ValidityPeriodSummary]


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order would make."""

    account: Account
    subscriptions: Sequence[PreviewedSubscription]
    documents: Sequence[PreviewedDocument]


class _Told(Exception):
    """What was done is told: undo it."""

    def __init__(self, preview: Preview) -> None:
        """Carry what is told out of the attempt."""
        super().__init__()
        self.preview = preview


def preview_order(books: Books, command: PreviewOrder) -> Preview:
    """Return what an order would make; nothing of it is stored, and no number is taken.

    Raises what placing the order raises, and what billing raises where that is asked for.
    """
    try:
        with books.attempt():
            _tell(books, command)
    except _Told as told:
        return told.preview


def _tell(books: Books, command: PreviewOrder) -> NoReturn:
    placed = place_order(books, command.order)
    documents = _documents(books, placed, command) if command.billing else ()
    found = [_subscription(books, one) for one in placed.subscriptions]
    raise _Told(Preview(placed.account, found, documents))


def _subscription(books: Books, subscription: Subscription) -> PreviewedSubscription:
    entire = books.entire
    balances = entire.balances.list(original_subscription_id=subscription.original_id)
    ids = [balance.id for balance in balances]
    periods = entire.validity_periods.list(prepaid_balance_id=ids)
    return PreviewedSubscription(
        subscription,
        books.charges.list(subscription_id=subscription.id, order_by=["number", "segment"]),
        entire.funds.list(prepaid_balance_id=ids, order_by=["start_date", "id"]),
        {period.id: period for period in periods},
    )


def _documents(books: Books, placed: Placed, command: PreviewOrder) -> Sequence[PreviewedDocument]:
    """Bill the subscriptions, each by whom it is paid, and return the documents."""
    payers = {one.invoice_owner_id for one in placed.subscriptions}
    found: list[PreviewedDocument] = []
    for payer in sorted(payers):
        mine = [one for one in placed.subscriptions if one.invoice_owner_id == payer]
        bill = BillAccount(
            account=account_by_key(books, payer),
            target=command.through or _end(mine, placed),
            document_date=command.document_date or placed.order.order_date,
            subscription_ids=frozenset(one.original_id for one in mine),
        )
        for document in bill_account(books, bill):
            items = books.entire.document_items.list(document_id=document.id, order_by=["place"])
            found.append(PreviewedDocument(document, items))
    return found


def _end(subscriptions: Sequence[Subscription], placed: Placed) -> date:
    """Return the last day of the terms; of one without an end, the day of the order."""
    ends = [one.term_end_date for one in subscriptions]
    return max(end - DAY if end else placed.order.order_date for end in ends)
