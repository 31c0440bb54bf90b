"""Orders, and what they make: versions of subscriptions with rate plans and charge segments.

An *original* id is stable over versions; every version has rows, and so ids, of its own (U 1.1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from earned.domain.calendar import Days
from earned.domain.charge import ChargeTerms
from earned.domain.tenancy import CustomFields, Stamped


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Stamped):
    """A request to change subscriptions, kept as it was sent.

    `effects` are what it did to funds, for whoever deletes it.
    """

    id: str
    entity_id: str
    number: str
    account_id: str
    order_date: date
    status: str = "Completed"
    category: str = "NewSales"
    description: str | None = None
    subscriptions: Sequence[Mapping[str, object]] = ()
    effects: Mapping[str, Any] = field(default_factory=dict)
    deleted: bool = False
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(Stamped):
    """One version of a subscription. The term is half-open: `term_end_date` is not in it.

    An evergreen subscription has no `term_end_date`. `current_term` is how long the current term
    is, where that is not the initial one. A canceled one is not in force from `cancelled_date` on.
    A version is `deleted` with the order that made it.
    """

    id: str
    entity_id: str
    original_id: str
    account_id: str
    invoice_owner_id: str
    number: str
    version: int = 1
    is_latest: bool = True
    status: str = "Active"
    currency: str
    term_type: str
    initial_term: int | None = None
    initial_term_period_type: str | None = None
    current_term: int | None = None
    current_term_period_type: str | None = None
    renewal_term: int | None = None
    renewal_term_period_type: str | None = None
    renewal_setting: str = "RENEW_WITH_SPECIFIC_TERM"
    auto_renew: bool = False
    term_start_date: date
    term_end_date: date | None = None
    contract_effective_date: date
    service_activation_date: date
    customer_acceptance_date: date
    cancelled_date: date | None = None
    deleted: bool = False
    order_id: str | None = None
    notes: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)

    @property
    def term(self) -> Days:
        """The days of the current term: all that come, where it has no end."""
        return Days(self.term_start_date, self.term_end_date or date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePlan(Stamped):
    """A subscribed rate plan, in one version of its subscription."""

    id: str
    entity_id: str
    original_id: str
    subscription_id: str
    product_id: str
    product_rate_plan_id: str
    name: str
    last_change_type: str = "Add"
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePlanCharge(ChargeTerms):
    """A segment of a subscribed charge, in one version of its subscription.

    Effective from `effective_start_date` up to, not including, `effective_end_date` (None: open).
    `original_start_date` is when its first segment began, where that is another one.
    """

    id: str
    entity_id: str
    original_id: str
    number: str
    segment: int = 1
    version: int = 1
    is_latest: bool = True
    rate_plan_id: str
    subscription_id: str
    original_subscription_id: str
    subscription_number: str
    account_id: str
    product_rate_plan_charge_id: str
    currency: str
    quantity: Decimal | None = None
    effective_start_date: date
    effective_end_date: date | None = None
    original_start_date: date | None = None
    custom_fields: CustomFields = field(default_factory=dict)

    @property
    def began_on(self) -> date:
        """The day the charge began, from which its periods are counted in every segment."""
        return self.original_start_date or self.effective_start_date

    @property
    def fund_uom(self) -> str | None:
        """The unit of the funds it makes: the currency, where they hold money."""
        return self.currency if self.is_of_currency else self.prepaid_uom

    @property
    def drawn_uom(self) -> str | None:
        """The unit of the funds it draws: the currency, where they hold money."""
        return self.currency if self.is_of_currency else self.drawdown_uom or self.uom

    @property
    def days(self) -> Days:
        """The days it is effective on; none, if it ended before it began."""
        return Days(self.effective_start_date, self.effective_end_date or date.max)

    @property
    def segment_key(self) -> tuple[str, int]:
        """Which segment of which charge it is, in whatever version."""
        return self.original_id, self.segment

    def covers(self, day: date) -> bool:
        """Say whether the segment is effective on `day`."""
        return day in self.days


def by_segment(charges: Iterable[RatePlanCharge]) -> dict[tuple[str, int], RatePlanCharge]:
    """Return charges of the same version each by its `segment_key`."""
    return {charge.segment_key: charge for charge in charges}
