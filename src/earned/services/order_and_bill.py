"""Place an order and bill what it sold, in one request: `runBilling` of its processing options."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from earned.domain.bill_run import check_target, read_excluded
from earned.domain.billing import BillingDocument
from earned.domain.billing_rules import check_open
from earned.services.bill_account import BillAccount, bill_account
from earned.services.find import account_by_key
from earned.services.place_order import Placed, PlaceOrder, place_order
from earned.services.ports import Books
from earned.services.see_periods import periods_to_work_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """How an order is billed: through which day, on documents of which date; today without them.

    The documents are posted, unless drafts are asked for.
    """

    target_date: date | None = None
    document_date: date | None = None
    is_draft: bool = False
    excluded: Sequence[str] | None = None
    reason_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAndBill:
    """An order, and how it is billed, if it is."""

    order: PlaceOrder
    billing: Billing | None = None


@dataclass(frozen=True, slots=True)
class Ordered:
    """What an order made, and the documents that bill it."""

    placed: Placed
    documents: Sequence[BillingDocument] = ()


def order_and_bill(books: Books, command: OrderAndBill) -> Ordered:
    """Place an order, then bill its subscriptions; all of it or nothing.

    Who pays for a subscription is billed. Raises what placing an order and billing raise.
    """
    placed = place_order(books, command.order)
    billing = command.billing
    if billing is None:
        return Ordered(placed)
    day = billing.document_date or books.today()
    check_open(day, periods_to_work_in(books), "document date", "documentDate")
    excluded = read_excluded(billing.excluded, "chargeTypeToExclude")
    target = billing.target_date or books.today()
    check_target(target, books.today())
    documents: list[BillingDocument] = []
    for owner in dict.fromkeys(one.invoice_owner_id for one in placed.subscriptions):
        mine = [one for one in placed.subscriptions if one.invoice_owner_id == owner]
        documents += bill_account(
            books,
            BillAccount(
                account=account_by_key(books, owner),
                target=target,
                document_date=day,
                excluded=excluded,
                subscription_ids=frozenset(one.original_id for one in mine),
                post=not billing.is_draft,
                reason_code=billing.reason_code,
            ),
        )
    return Ordered(placed, documents)
