"""Renew subscriptions whose term is over, before they are billed (R 12).

A renewal is an order like any other, and is undone like any other. Whoever was renewed is not up
for it any more, so doing it again renews nobody.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from earned.domain.renewing import Renewal, is_up_for_renewal
from earned.domain.subscription import Subscription
from earned.services.place_order import PlaceOrder, SubscriptionOrder, place_order
from earned.services.ports import Books
from earned.services.renew_subscription import RenewSubscription

RENEWED = "Renewed by billing"


def renew_due(
    books: Books, subscriptions: Iterable[Subscription], target: date, renewal: Renewal
) -> list[Subscription]:
    """Renew what is up for it by the target date, term after term; return the latest versions.

    Each order is dated on the first day of the new term. Raises what renewing raises.
    """
    latest = []
    for one in subscriptions:
        subscription = one
        while is_up_for_renewal(subscription, target, renewal):
            subscription = _renew(books, subscription)
        latest.append(subscription)
    return latest


def _renew(books: Books, subscription: Subscription) -> Subscription:
    start = subscription.term_end_date
    assert start is not None, "only what has an end is renewed"
    item = SubscriptionOrder(
        actions=[RenewSubscription()],
        number=subscription.number,
        sent={"orderActions": [_action(start)]},
    )
    order = PlaceOrder(
        order_date=start,
        subscriptions=[item],
        existing_account_id=subscription.account_id,
        description=RENEWED,
    )
    (renewed,) = place_order(books, order).subscriptions
    return renewed


def _action(start: date) -> Mapping[str, Any]:
    """Return the action as an order would have been sent."""
    effective = {"name": "ContractEffective", "triggerDate": start.isoformat()}
    return {
        "type": "RenewSubscription",
        "triggerDates": [effective],
        "renewSubscription": {},
    }
