"""Bill an account: draft an invoice of what is due, and a credit memo of what is owed to it.

Pending usage is drawn again first, from funds that cover it now (U 2.9); usage that a document
bills is processed from then on (U 2.19).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from earned.domain.account import Account
from earned.domain.billed import recognized_by
from earned.domain.billing import BillingDocument, BillingDocumentItem, DocumentKind, SourceType
from earned.domain.calendar import DAY
from earned.domain.exact import ZERO, subtract
from earned.domain.funding import quantity_of
from earned.domain.renewing import Renewal
from earned.domain.subscription import RatePlanCharge, Subscription
from earned.services.activate_funds import roll_on
from earned.services.batches import batches
from earned.services.draft_document import DocumentFacts, check_facts, store_draft
from earned.services.draft_items import USAGE, Head
from earned.services.find_due import BillingScope, Due, find_due
from earned.services.item_codes import NO_CODES, choose_codes, codes_of_terms
from earned.services.ports import Books
from earned.services.process_usage import process_usage
from earned.services.rate_nothing import rate_nothing
from earned.services.reach import balance_ids
from earned.services.redraw import redraw
from earned.services.renew_due import renew_due
from earned.services.roll_over import roll_over_due

_ONE_PRICE = frozenset({"PerUnit", "FlatFee"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BillAccount:
    """Whom to bill, through which day, on documents of which date.

    Without `subscription_ids` (original ids) all of the account's subscriptions are billed: those
    that it pays for. Those that `renewal` says are renewed first. `source` says what made the
    documents, and `source_id` which one. What is only a preview may be dated in a closed period.
    """

    account: Account
    target: date
    document_date: date
    excluded: frozenset[str] = frozenset()
    subscription_ids: frozenset[str] | None = None
    renewal: Renewal = Renewal.NONE
    post: bool = False
    is_preview: bool = False
    source: str = "API"
    source_id: str | None = None
    reason_code: str | None = None


def bill_account(books: Books, command: BillAccount) -> Sequence[BillingDocument]:
    """Draft what is due, and post it if that is asked for; return the documents, none if none.

    What is due of usage is so when its service period is over. Validity periods that end by the
    target date roll over once they are billed (U 2.12): with all subscriptions of the account, not
    with some of them. Raises `PeriodClosed` for a date in a closed accounting period, and what
    renewing and posting raise.
    """
    books = books.entire
    found = _subscriptions(books, command)
    subscriptions = renew_due(books, found, command.target, command.renewal)
    for subscription in subscriptions:
        roll_on(books, subscription, command.target)
    metered = _usage_charges(books, subscriptions)
    redraw(books, {one for charge in metered for one in balance_ids(books, charge)})
    if USAGE not in command.excluded:
        rate_nothing(books, metered, command.target)
    scope = BillingScope(command.account, subscriptions, command.target, command.excluded)
    due = find_due(books, scope)
    charged = [one for one in due if not one.is_credit]
    credited = [one for one in due if one.is_credit]
    pairs = ((DocumentKind.INVOICE, charged), (DocumentKind.CREDIT_MEMO, credited))
    made = [_document(books, command, kind, dues) for kind, dues in pairs if dues]
    if command.subscription_ids is None:
        roll_over_due(books, [command.account.id], command.target)
    return made


def _subscriptions(books: Books, command: BillAccount) -> list[Subscription]:
    paid = books.subscriptions.list(
        invoice_owner_id=command.account.id, is_latest=True, order_by=["number"]
    )
    chosen = command.subscription_ids
    return [one for one in paid if chosen is None or one.original_id in chosen]


def _usage_charges(books: Books, subscriptions: Sequence[Subscription]) -> Sequence[RatePlanCharge]:
    return [
        charge
        for some in batches([one.original_id for one in subscriptions])
        for charge in books.charges.list(
            original_subscription_id=some, charge_type=USAGE, is_latest=True
        )
    ]


def _document(
    books: Books, command: BillAccount, kind: DocumentKind, dues: Sequence[Due]
) -> BillingDocument:
    head = Head(
        id=books.new_id(),
        kind=kind,
        account_id=command.account.id,
        currency=command.account.currency,
        document_date=command.document_date,
    )
    facts = DocumentFacts(
        document_date=command.document_date,
        target_date=command.target,
        reason_code=command.reason_code if kind is DocumentKind.CREDIT_MEMO else None,
        payment_term=command.account.payment_term if kind is DocumentKind.INVOICE else None,
        post=command.post,
        source=command.source,
    )
    if not command.is_preview:
        check_facts(books, head, facts)
    items = [_item(books, head, due, place) for place, due in enumerate(dues, 1)]
    made = store_draft(books, head, facts, items, SourceType.SUBSCRIPTION, command.source_id)
    process_usage(books, kind, list(zip(items, dues, strict=True)))
    return made


def _item(books: Books, head: Head, due: Due, place: int) -> BillingDocumentItem:
    """Return the item of what is due; a credit memo says how much is taken back."""
    charge, one = due.charge, due.difference
    by = recognized_by(
        charge.revenue_recognition_rule_name,
        is_prepayment=charge.is_topup,
        is_subscribed_usage=charge.charge_type == USAGE,
    )
    return BillingDocumentItem(
        id=books.new_id(),
        entity_id=books.scope.entity_id,
        document_id=head.id,
        place=place,
        account_id=head.account_id,
        charge_id=charge.original_id,
        charge_segment=charge.segment,
        original_subscription_id=charge.original_subscription_id,
        product_charge_id=charge.product_rate_plan_charge_id,
        fund_id=due.fund_id,
        is_rated=bool(due.ratings),
        charge_name=charge.name,
        uom=charge.uom,
        quantity=_quantity(due),
        unit_price=_unit_price(charge),
        amount_minor=head.kind.sign * one.amount_minor,
        service_start=one.service.start,
        service_end=max(one.service.start, one.service.end - DAY),
        rule_name=charge.revenue_recognition_rule_name,
        recognized_by=by,
        **choose_codes(books, NO_CODES, codes_of_terms(charge), by, charge.number),
        **books.stamp(),
    )


def _quantity(due: Due) -> Decimal | None:
    """Return the units of usage that are billed, or taken back; of a fee, how many were bought."""
    quantity = due.difference.quantity
    if quantity is None:
        return None if due.is_credit else quantity_of(due.charge)
    return subtract(ZERO, quantity) if due.is_credit else quantity


def _unit_price(charge: RatePlanCharge) -> Decimal | None:
    """Return the price of a unit where there is one price."""
    prices = [tier.price for tier in charge.tiers if tier.currency == charge.currency]
    return prices[0] if charge.charge_model in _ONE_PRICE and len(prices) == 1 else None
