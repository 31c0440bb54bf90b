"""Make a new version of a subscription: all of it is copied, and the copy is the latest."""

from collections.abc import Mapping
from dataclasses import replace

from earned.domain.errors import RuleBroken
from earned.domain.subscription import Subscription
from earned.services.ports import Books


def new_version(
    books: Books, subscription: Subscription, order_id: str | None, **changes: object
) -> Subscription:
    """Copy the latest version of a subscription, rows and all, and make the copy the latest.

    The copies have ids of their own and keep the original ids. A charge keeps its version: nothing
    of it has changed. The number of a version that was deleted is not given again.
    """
    last = books.subscriptions.list(
        original_id=subscription.original_id, order_by=["-version"], limit=1
    )
    books.subscriptions.change(subscription, is_latest=False)
    copied = replace(subscription, **changes)  # type: ignore[arg-type]
    version = books.subscriptions.add(
        replace(
            copied,
            id=books.new_id(),
            version=last[0].version + 1,
            is_latest=True,
            order_id=order_id or subscription.order_id,
            **books.stamp(),
        )
    )
    _copy_charges(books, subscription, version, _copy_rate_plans(books, subscription, version))
    return version


def refuse_inactive(subscription: Subscription) -> None:
    """Raise `RuleBroken` for a subscription that was canceled."""
    if subscription.status != "Active":
        raise RuleBroken(f"The subscription '{subscription.number}' is not active.")


def _copy_rate_plans(books: Books, before: Subscription, after: Subscription) -> Mapping[str, str]:
    """Copy the rate plans; return the id of each copy by the id of what it copies."""
    plans = books.rate_plans.list(subscription_id=before.id, order_by=["id"])
    ids = {plan.id: books.new_id() for plan in plans}
    copies = [
        replace(plan, id=ids[plan.id], subscription_id=after.id, **books.stamp()) for plan in plans
    ]
    books.rate_plans.add_all(copies)
    return ids


def _copy_charges(
    books: Books, before: Subscription, after: Subscription, plan_ids: Mapping[str, str]
) -> None:
    charges = books.charges.list(subscription_id=before.id, order_by=["id"])
    books.charges.save_all([replace(charge, is_latest=False) for charge in charges])
    books.charges.add_all(
        [
            replace(
                charge,
                id=books.new_id(),
                rate_plan_id=plan_ids[charge.rate_plan_id],
                subscription_id=after.id,
                **books.stamp(),
            )
            for charge in charges
        ]
    )
