"""Remove a rate plan from a subscription, in a new version of it."""

from dataclasses import dataclass, field
from datetime import date

from earned.domain.errors import Missing, NotFound, RuleBroken
from earned.domain.subscription import RatePlan, Subscription
from earned.domain.tenancy import CustomFields
from earned.services.add_product import refuse_outside_term
from earned.services.amendment import Amendment
from earned.services.end_charges import end_charges
from earned.services.new_version import new_version, refuse_inactive
from earned.services.ports import Books
from earned.services.see_periods import refuse_closed_creation

REMOVED = "Remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlan:
    """A rate plan of a subscription: the id of any version of it, or where it came from."""

    rate_plan_id: str | None = None
    product_rate_plan_id: str | None = None
    product_rate_plan_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveProduct:
    """Which rate plan goes, and the first day without it."""

    plan: NamedPlan
    day: date
    custom_fields: CustomFields = field(default_factory=dict)


def remove_product(
    books: Books, subscription: Subscription, command: RemoveProduct, amendment: Amendment
) -> Subscription:
    """Make a new version of a subscription, in which the charges of a rate plan end; return it.

    The plan stays to be seen, with what it was charged for. Raises a refusal if the subscription is
    not active, for a plan that it has not, a day out of its term or in a closed period that the
    entity keeps changes out of, and for what is prepaid and not billed.
    """
    refuse_inactive(subscription)
    refuse_outside_term(subscription, command.day)
    plan = plan_to_change(books, subscription, command.plan)
    refuse_closed_creation(books, command.day, field="triggerDate", label="contract effective date")
    custom = {**subscription.custom_fields, **command.custom_fields}
    version = new_version(books, subscription, amendment.order_id, custom_fields=custom)
    copy = copy_of(books, version, plan)
    books.rate_plans.change(copy, last_change_type=REMOVED)
    end_charges(books, books.charges.list(rate_plan_id=copy.id), command.day, amendment)
    return version


def plan_to_change(books: Books, subscription: Subscription, named: NamedPlan) -> RatePlan:
    """Return the rate plan that is meant, in a version of a subscription.

    Raises `Missing` where nothing names it, `NotFound` where nothing or more than one plan does,
    `RuleBroken` where it was removed.
    """
    plan = _plan_of(books, subscription, named)
    if plan.last_change_type == REMOVED:
        raise RuleBroken(f"The rate plan '{plan.name}' has been removed.")
    return plan


def _plan_of(books: Books, subscription: Subscription, named: NamedPlan) -> RatePlan:
    plans = books.rate_plans.list(subscription_id=subscription.id)
    known = books.rate_plans.find(id=named.rate_plan_id) if named.rate_plan_id else None
    original = known.original_id if known else named.rate_plan_id
    number = named.product_rate_plan_number
    offer = books.product_rate_plans.find(number=number) if number else None
    offered = {named.product_rate_plan_id, offer and offer.id} - {None}
    key = named.rate_plan_id or named.product_rate_plan_id or number
    if key is None:
        raise Missing("'ratePlanId' may not be null", field="ratePlanId")
    found = [
        plan
        for plan in plans
        if (plan.original_id == original if original else plan.product_rate_plan_id in offered)
    ]
    if len(found) != 1:
        raise NotFound.by_key(key)
    return found[0]


def copy_of(books: Books, version: Subscription, plan: RatePlan) -> RatePlan:
    """Return a rate plan as a new version of its subscription has it."""
    copy = books.rate_plans.find(subscription_id=version.id, original_id=plan.original_id)
    assert copy is not None, "a version has all that the one before it had"
    return copy
