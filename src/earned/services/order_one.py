"""Order changes of one subscription: what clients do to a subscription is an order too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from earned.services.find import subscription_by_key
from earned.services.place_order import (
    OrderAction,
    Placed,
    PlaceOrder,
    SubscriptionOrder,
    place_order,
)
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOne:
    """What to do to the subscription with that id or number, ordered on a day (None: today).

    `sent` are the actions as an order would have them, which the order keeps.
    """

    key: str
    actions: Sequence[OrderAction]
    order_date: date | None = None
    sent: Sequence[Mapping[str, Any]] = ()


def order_one(books: Books, command: OrderOne) -> Placed:
    """Place the order, of the account that has the subscription. Raises what that raises."""
    subscription = subscription_by_key(books, command.key)
    item = SubscriptionOrder(
        actions=command.actions,
        number=subscription.number,
        sent={"orderActions": [dict(one) for one in command.sent]},
    )
    order = PlaceOrder(
        order_date=command.order_date or books.today(),
        subscriptions=[item],
        existing_account_id=subscription.account_id,
    )
    return place_order(books, order)
