"""Add a rate plan to a subscription, in a new version of it."""

from dataclasses import dataclass, field
from datetime import date

from earned.domain.errors import RuleBroken
from earned.domain.subscription import Subscription
from earned.domain.tenancy import CustomFields
from earned.domain.terms import TriggerDates
from earned.services.activate_funds import activate_funds
from earned.services.add_rate_plans import ChosenPlan, add_rate_plans
from earned.services.amendment import Amendment
from earned.services.new_version import new_version, refuse_inactive
from earned.services.ports import Books
from earned.services.see_periods import refuse_closed_creation


@dataclass(frozen=True, slots=True, kw_only=True)
class AddProduct:
    """A rate plan to add, and when that takes effect."""

    triggers: TriggerDates
    rate_plan: ChosenPlan
    custom_fields: CustomFields = field(default_factory=dict)


def add_product(
    books: Books,
    subscription: Subscription,
    command: AddProduct,
    amendment: Amendment | None = None,
) -> Subscription:
    """Make a new version of a subscription with the rate plan added; return the version.

    Raises `RuleBroken` if the subscription is not active, or the day is not in its term or in a
    closed period that the entity keeps changes of subscriptions out of.
    """
    amendment = amendment or Amendment()
    effective = command.triggers.contract_effective
    refuse_inactive(subscription)
    refuse_outside_term(subscription, effective)
    refuse_closed_creation(books, effective, field="triggerDate", label="contract effective date")
    custom = {**subscription.custom_fields, **command.custom_fields}
    version = new_version(books, subscription, amendment.order_id, custom_fields=custom)
    charges = add_rate_plans(books, version, [command.rate_plan], command.triggers)
    funds = activate_funds(books, version, charges, first=False)
    amendment.made.extend(fund.id for fund in funds)
    return version


def refuse_outside_term(subscription: Subscription, day: date) -> None:
    """Raise `RuleBroken` for a day on which the subscription is not in force."""
    end = subscription.term_end_date
    if day < subscription.contract_effective_date or (end and day >= end):
        raise RuleBroken(
            f"{day} is not in the current term of subscription '{subscription.number}'."
        )
