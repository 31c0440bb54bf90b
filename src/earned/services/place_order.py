"""Place an order: create subscriptions and change them, all or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from earned.domain.account import Account
from earned.domain.errors import Duplicate, Invalid, Missing, NotFound, RuleBroken
from earned.domain.subscription import Order, Subscription
from earned.domain.tenancy import CustomFields
from earned.services.add_product import AddProduct, add_product
from earned.services.amendment import Amendment
from earned.services.cancel_subscription import CancelSubscription, cancel_subscription
from earned.services.change_terms import ChangeTerms, change_terms
from earned.services.create_account import CreateAccount, create_account
from earned.services.find import account_by_key
from earned.services.ports import Books, NumberKind
from earned.services.remove_product import RemoveProduct, remove_product
from earned.services.renew_subscription import RenewSubscription, renew_subscription
from earned.services.see_periods import refuse_closed_creation
from earned.services.subscribe import NewSubscription, create_subscription
from earned.services.update_product import UpdateProduct, update_product

OrderAction = (
    NewSubscription
    | AddProduct
    | UpdateProduct
    | RemoveProduct
    | RenewSubscription
    | ChangeTerms
    | CancelSubscription
)
_CARRIED_OUT: Mapping[type, Callable[..., Subscription]] = {
    AddProduct: add_product,
    UpdateProduct: update_product,
    RemoveProduct: remove_product,
    RenewSubscription: renew_subscription,
    ChangeTerms: change_terms,
    CancelSubscription: cancel_subscription,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionOrder:
    """What an order does to one subscription; `number` names one that exists.

    `sent` is the part of the order as it was sent, which the order keeps.
    """

    actions: Sequence[OrderAction]
    number: str | None = None
    sent: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """An order of one account: one that exists, by number or id, or a new one."""

    order_date: date
    subscriptions: Sequence[SubscriptionOrder]
    existing_account_number: str | None = None
    existing_account_id: str | None = None
    new_account: CreateAccount | None = None
    order_number: str | None = None
    category: str = "NewSales"
    description: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placed:
    """An order, and the subscriptions it made or changed, each once and in its new version."""

    order: Order
    account: Account
    subscriptions: Sequence[Subscription]


def place_order(books: Books, command: PlaceOrder) -> Placed:
    """Carry out an order's actions in the order they are given.

    Checks the account, the order number and the order date first. A subscription that is there has
    to be of the account. Raises the refusal of the first action that cannot be done; then nothing
    of the order is done.
    """
    account = _account(books, command)
    if command.order_number and books.orders.find(number=command.order_number):
        message = f"The order number '{command.order_number}' already exists."
        raise Duplicate(message, field="orderNumber")
    refuse_closed_creation(books, command.order_date, field="orderDate", label="order date")
    order = books.orders.add(
        Order(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            number=command.order_number or books.next_number(NumberKind.ORDER),
            account_id=account.id,
            order_date=command.order_date,
            category=command.category,
            description=command.description,
            custom_fields=command.custom_fields,
            **books.stamp(),
        )
    )
    changed: dict[str, Subscription] = {}
    kept = []
    amendment = Amendment(order.id)
    for item in command.subscriptions:
        before, after = _carry_out(books, item, account, amendment)
        changed[after.original_id] = after
        kept.append(
            {
                **item.sent,
                "subscriptionNumber": after.number,
                "baseVersion": before and before.version,
                "newVersion": after.version,
            }
        )
    stored = books.orders.change(order, subscriptions=kept, effects=amendment.effects)
    return Placed(stored, account, list(changed.values()))


def _account(books: Books, command: PlaceOrder) -> Account:
    """Return the account that orders: exactly one way to name it must be given."""
    keys = [key for key in (command.existing_account_number, command.existing_account_id) if key]
    if len(keys) + (command.new_account is not None) > 1:
        message = "Only one of 'existingAccountNumber' and 'newAccount' may be given."
        raise Invalid(message, field="existingAccountNumber")
    if command.new_account is not None:
        return create_account(books, command.new_account)
    if not keys:
        message = "'existingAccountNumber' may not be null"
        raise Missing(message, field="existingAccountNumber")
    return account_by_key(books, keys[0])


def _carry_out(
    books: Books, item: SubscriptionOrder, account: Account, amendment: Amendment
) -> tuple[Subscription | None, Subscription]:
    """Do all actions on one subscription; return it as it was, if it was, and as it is."""
    before = after = None
    if item.number and not isinstance(item.actions[0], NewSubscription):
        before = after = books.subscriptions.find(number=item.number, is_latest=True)
        if after is None:
            raise NotFound.by_key(item.number)
        _check_account(after, account)
    for action in item.actions:
        after = _act(books, after, action, account, amendment)
    assert after is not None, "an order has at least one action for a subscription"
    return before, after


def _check_account(subscription: Subscription, account: Account) -> None:
    """Refuse an order of an account that neither uses the subscription nor pays for it."""
    if account.id not in {subscription.account_id, subscription.invoice_owner_id}:
        raise RuleBroken(
            f"The subscription '{subscription.number}' is not of account '{account.number}'.",
            field="subscriptionNumber",
        )


def _act(
    books: Books,
    subscription: Subscription | None,
    action: OrderAction,
    account: Account,
    amendment: Amendment,
) -> Subscription:
    if isinstance(action, NewSubscription):
        if subscription is not None:
            raise Invalid("'type' value is invalid", field="type")
        owner = account_by_key(books, action.owner_key) if action.owner_key else account
        return create_subscription(books, action, owner=owner, payer=account, amendment=amendment)
    if subscription is None:
        raise Missing("'subscriptionNumber' may not be null", field="subscriptionNumber")
    return _CARRIED_OUT[type(action)](books, subscription, action, amendment)
