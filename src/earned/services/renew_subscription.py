"""Renew a subscription: another term follows the current one (U 2.10)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from earned.domain.errors import RuleBroken
from earned.domain.subscription import RatePlanCharge, Subscription
from earned.domain.tenancy import CustomFields
from earned.domain.terms import Length, PeriodType, goes_on
from earned.services.activate_funds import extend_funds
from earned.services.amendment import Amendment
from earned.services.new_version import new_version, refuse_inactive
from earned.services.ports import Books
from earned.services.see_periods import refuse_closed_creation

EVERGREEN = "EVERGREEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewSubscription:
    """A renewal, by the renewal terms of the subscription."""

    custom_fields: CustomFields = field(default_factory=dict)


def renew_subscription(
    books: Books, subscription: Subscription, command: RenewSubscription, amendment: Amendment
) -> Subscription:
    """Make a new version of a subscription that lasts a term longer; return it.

    Charges that end with the subscription go on, in the same segment, and their funds with them.
    Raises `RuleBroken` if the subscription is not active or has no end, if it has no renewal term,
    if the new term begins in a closed period that the entity keeps changes out of, or if that is
    not whole validity periods.
    """
    refuse_inactive(subscription)
    start = subscription.term_end_date
    if start is None:
        raise RuleBroken("An evergreen subscription is not renewed.")
    refuse_closed_creation(books, start, field="triggerDate", label="start of the new term")
    length = _length(subscription)
    version = new_version(
        books,
        subscription,
        amendment.order_id,
        term_type=subscription.term_type if length else EVERGREEN,
        term_start_date=start,
        term_end_date=length.after(start, "renewalTerm") if length else None,
        current_term=length.count if length else None,
        current_term_period_type=length.unit.value if length else None,
        custom_fields={**subscription.custom_fields, **command.custom_fields},
    )
    go_on(books, version, start, amendment)
    return version


def go_on(books: Books, version: Subscription, since: date, amendment: Amendment) -> None:
    """Have the charges of a version that ended with its term last as long as it does now.

    In the segment that was effective last: one that would have begun with the end never does.
    """
    charges = [
        replace(charge, effective_end_date=version.term_end_date, version=charge.version + 1)
        for charge in _lasting(books, version)
        if charge.effective_end_date == since
    ]
    books.charges.save_all(charges)
    funds = extend_funds(books, version, charges, since)
    amendment.made.extend(fund.id for fund in funds)


def _lasting(books: Books, version: Subscription) -> Sequence[RatePlanCharge]:
    removed = {
        plan.id
        for plan in books.rate_plans.list(subscription_id=version.id)
        if plan.last_change_type == "Remove"
    }
    charges = books.charges.list(subscription_id=version.id)
    there = [one for one in charges if len(one.days)]
    return [one for one in there if goes_on(one) and one.rate_plan_id not in removed]


def _length(subscription: Subscription) -> Length | None:
    """Return how long the renewal is, None where it has no end. Raises `RuleBroken`."""
    if subscription.renewal_setting == "RENEW_TO_EVERGREEN":
        return None
    if not subscription.renewal_term:
        raise RuleBroken(f"The subscription '{subscription.number}' has no renewal term.")
    unit = PeriodType(subscription.renewal_term_period_type or PeriodType.MONTH)
    return Length(subscription.renewal_term, unit)
