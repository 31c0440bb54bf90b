"""Preview an order: carry it out, tell what it makes, and undo all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from earned.domain.account import Account
from earned.domain.bill_run import check_target, read_excluded
from earned.domain.billing import BillingDocument, BillingDocumentItem
from earned.domain.billing_rules import check_open
from earned.domain.calendar import DAY
from earned.domain.prepaid import Fund, ValidityPeriodSummary
from earned.domain.subscription import RatePlanCharge, Subscription
from earned.domain.terms import Length, billing_length
from earned.services.bill_account import BillAccount, bill_account
from earned.services.find import account_by_key
from earned.services.place_order import Placed, PlaceOrder, place_order
from earned.services.ports import Books
from earned.services.see_periods import periods_to_work_in


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewOrder:
    """An order, and what to tell of it.

    With `billing`, what would be billed `through` a day, or so many billing `periods` on from the
    order (None: to the end of the terms), on documents of a day (None: of that one).
    """

    order: PlaceOrder
    billing: bool = False
    through: date | None = None
    periods: int | None = None
    document_date: date | None = None
    excluded: Sequence[str] | None = None


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
    # Before it is billed: billing rolls on, draws again and makes funds of what has no end.
    found = [_subscription(books, one) for one in placed.subscriptions]
    documents = _documents(books, placed, command) if command.billing else ()
    raise _Told(Preview(placed.account, found, documents))


def _subscription(books: Books, subscription: Subscription) -> PreviewedSubscription:
    """Return a subscription with the funds of its own charges, whichever balances they are in."""
    entire = books.entire
    charges = books.charges.list(subscription_id=subscription.id, order_by=["number", "segment"])
    ids = list({charge.original_id for charge in charges})
    funds = entire.funds.list(source_id=ids, order_by=["start_date", "id"])
    period_ids = list({fund.validity_period_summary_id for fund in funds})
    periods = entire.validity_periods.list(id=period_ids)
    return PreviewedSubscription(
        subscription, charges, funds, {period.id: period for period in periods}
    )


def _documents(books: Books, placed: Placed, command: PreviewOrder) -> Sequence[PreviewedDocument]:
    """Bill the subscriptions, each by whom it is paid, and return the documents."""
    payers = {one.invoice_owner_id for one in placed.subscriptions}
    excluded = read_excluded(command.excluded, "previewOptions.chargeTypeToExclude")
    found: list[PreviewedDocument] = []
    for payer in sorted(payers):
        mine = [one for one in placed.subscriptions if one.invoice_owner_id == payer]
        target = _target(books, mine, placed, command)
        day = command.document_date or target
        check_open(day, periods_to_work_in(books), "document date", "previewOptions.documentDate")
        bill = BillAccount(
            account=account_by_key(books, payer),
            target=target,
            document_date=day,
            excluded=excluded,
            subscription_ids=frozenset(one.original_id for one in mine),
        )
        for document in bill_account(books, bill):
            items = books.entire.document_items.list(document_id=document.id, order_by=["place"])
            found.append(PreviewedDocument(document, items))
    return found


def _target(
    books: Books, subscriptions: Sequence[Subscription], placed: Placed, command: PreviewOrder
) -> date:
    """Return the day through which to bill; without an end of the terms, the day of the order."""
    ordered = placed.order.order_date
    if command.through is not None:
        check_target(command.through, books.today())
        return command.through
    if command.periods is not None:
        start = max(ordered, *(one.term_start_date for one in subscriptions))
        return _after(books, subscriptions, start, command.periods)
    ends = [one.term_end_date for one in subscriptions]
    return max(end - DAY if end else ordered for end in ends)


def _after(books: Books, subscriptions: Sequence[Subscription], start: date, periods: int) -> date:
    """Return the last day of so many billing periods, the shortest there are."""
    charges = books.charges.list(subscription_id=[one.id for one in subscriptions])
    lengths = [billing_length(one) for one in charges if one.charge_type != "OneTime"]
    ends = [
        Length(one.count * periods, one.unit).after(start, "previewNumberOfPeriods")
        for one in lengths
        if one is not None
    ]
    return min(ends) - DAY if ends else start
