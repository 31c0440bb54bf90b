"""Add a rate plan to a subscription, in a new version of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from earned.domain.errors import RuleBroken
from earned.domain.subscription import Subscription
from earned.domain.tenancy import CustomFields
from earned.domain.terms import TriggerDates
from earned.services.activate_funds import activate_funds
from earned.services.add_rate_plans import ChosenPlan, add_rate_plans
from earned.services.ports import Books
from earned.services.see_periods import refuse_closed_creation


@dataclass(frozen=True, slots=True, kw_only=True)
class AddProduct:
    """A rate plan to add, and when that takes effect."""

    triggers: TriggerDates
    rate_plan: ChosenPlan
    custom_fields: CustomFields = field(default_factory=dict)


def add_product(
    books: Books, subscription: Subscription, command: AddProduct, *, order_id: str | None = None
) -> Subscription:
    """Make a new version of a subscription with the rate plan added; return the version.

    Raises `RuleBroken` if the subscription is not active, or the day is not in its term or in a
    closed period that the entity keeps changes of subscriptions out of.
    """
    effective = command.triggers.contract_effective
    end = subscription.term_end_date
    if subscription.status != "Active":
        raise RuleBroken(f"The subscription '{subscription.number}' is not active.")
    if effective < subscription.contract_effective_date or (end and effective >= end):
        raise RuleBroken(
            f"{effective} is not in the current term of subscription '{subscription.number}'."
        )
    refuse_closed_creation(books, effective, field="triggerDate", label="contract effective date")
    version = new_version(
        books, subscription, order_id=order_id, custom_fields=command.custom_fields
    )
    charges = add_rate_plans(books, version, [command.rate_plan], command.triggers)
    activate_funds(books, version, charges, first=False)
    return version


def new_version(
    books: Books,
    subscription: Subscription,
    *,
    order_id: str | None,
    custom_fields: CustomFields,
) -> Subscription:
    """Copy the latest version of a subscription, rows and all, and make the copy the latest.

    The copies have ids of their own and keep the original ids. A charge keeps its version: nothing
    of it has changed.
    """
    books.subscriptions.change(subscription, is_latest=False)
    version = books.subscriptions.add(
        replace(
            subscription,
            id=books.new_id(),
            version=subscription.version + 1,
            is_latest=True,
            order_id=order_id or subscription.order_id,
            custom_fields={**subscription.custom_fields, **custom_fields},
            **books.stamp(),
        )
    )
    _copy_charges(books, subscription, version, _copy_rate_plans(books, subscription, version))
    return version


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
