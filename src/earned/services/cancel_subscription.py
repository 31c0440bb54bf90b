"""Cancel a subscription: all its charges end, and what was prepaid beyond that is credited."""

from dataclasses import dataclass, field
from datetime import date

from earned.domain.calendar import DAY
from earned.domain.errors import Invalid, Missing, RuleBroken
from earned.domain.subscription import Subscription
from earned.domain.tenancy import CustomFields
from earned.services.amendment import Amendment
from earned.services.end_charges import end_charges
from earned.services.new_version import new_version, refuse_inactive
from earned.services.ports import Books
from earned.services.refuse_unbilled import billed_items
from earned.services.see_periods import refuse_closed_creation

END_OF_TERM, END_OF_INVOICED = "EndOfCurrentTerm", "EndOfLastInvoicePeriod"
SPECIFIC_DATE = "SpecificDate"
POLICIES = (END_OF_TERM, END_OF_INVOICED, SPECIFIC_DATE)
DAY_FIELD = "cancellationEffectiveDate"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSubscription:
    """From when on the subscription is not in force: by a policy, or the day that one names."""

    policy: str
    day: date | None = None
    custom_fields: CustomFields = field(default_factory=dict)


def cancel_subscription(
    books: Books, subscription: Subscription, command: CancelSubscription, amendment: Amendment
) -> Subscription:
    """Make a canceled version of a subscription; return it.

    Raises a refusal for a subscription that is canceled already, a policy that names no day, a day
    out of the current term or in a closed period that the entity keeps changes out of, and for
    what is prepaid and not billed.
    """
    refuse_inactive(subscription)
    day = _day(books, subscription, command)
    end = subscription.term_end_date
    if day < subscription.contract_effective_date or (end and day > end):
        raise RuleBroken(
            f"{day} is not in the current term of subscription '{subscription.number}'.",
            field=DAY_FIELD,
        )
    refuse_closed_creation(books, day, field=DAY_FIELD, label="cancellation effective date")
    version = new_version(
        books,
        subscription,
        amendment.order_id,
        status="Cancelled",
        cancelled_date=day,
        custom_fields={**subscription.custom_fields, **command.custom_fields},
    )
    end_charges(books, books.charges.list(subscription_id=version.id), day, amendment)
    return version


def _day(books: Books, subscription: Subscription, command: CancelSubscription) -> date:
    if command.policy not in POLICIES:
        message = f"'cancellationPolicy' value should be one of: {', '.join(POLICIES)}"
        raise Invalid(message, field="cancellationPolicy")
    if command.policy == END_OF_INVOICED:
        return _invoiced_through(books, subscription)
    day = subscription.term_end_date if command.policy == END_OF_TERM else command.day
    if day is not None:
        return day
    if command.policy == END_OF_TERM:
        raise RuleBroken("An evergreen subscription has no end of its term.")
    raise Missing(f"'{DAY_FIELD}' may not be null", field=DAY_FIELD)


def _invoiced_through(books: Books, subscription: Subscription) -> date:
    """Return the first day that no recurring charge is billed for; the first of all, if none is."""
    charges = books.charges.list(subscription_id=subscription.id, charge_type="Recurring")
    items = billed_items(books, [charge.original_id for charge in charges])
    ends = [item.service_end + DAY for item in items]
    return max([subscription.contract_effective_date, *ends])
