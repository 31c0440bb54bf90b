"""What answers about revenue schedules say they have (R 1.1, R 2.6)."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from earned.http.answers import V1Answer


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", alias_generator=to_camel)


class SummaryItemAnswer(_Part):
    """What lies in one accounting period, or was added to it."""

    accounting_period_name: str
    accounting_period_start_date: date | None
    accounting_period_end_date: date | None
    amount: Decimal
    currency: str
    is_accounting_period_closed: bool


class ItemAnswer(SummaryItemAnswer):
    """What a schedule holds in one accounting period."""

    recognized_revenue_accounting_code: str | None
    recognized_revenue_accounting_code_type: str | None
    deferred_revenue_accounting_code: str | None
    deferred_revenue_accounting_code_type: str | None


class ProductItemAnswer(ItemAnswer):
    """The same, of a schedule of a product charge."""

    amount: str  # type: ignore[assignment]


class ScheduleFields(_Part):
    """A revenue schedule. Custom fields are among its fields.

    One of a product charge has `productChargeId` instead of the two fields of the subscription.
    """

    number: str
    recognition_rule_name: str
    amount: Decimal
    undistributed_unrecognized_revenue: Decimal
    recognized_revenue: Decimal
    unrecognized_revenue: Decimal
    currency: str
    notes: str | None
    created_on: str
    updated_on: str
    account_id: str
    subscription_id: str
    subscription_charge_id: str
    linked_transaction_id: str | None
    linked_transaction_number: str | None
    linked_transaction_type: str | None
    reference_id: str | None
    revenue_schedule_date: date
    revenue_items: list[ItemAnswer]


class ScheduleAnswer(ScheduleFields, V1Answer):
    """One revenue schedule."""


class ScheduleList(V1Answer):
    """A page of the revenue schedules of a charge, the last changed first."""

    revenue_schedules: list[ScheduleFields]
    next_page: str | None = None


class ProductScheduleFields(_Part):
    """A revenue schedule of a product charge. Its amounts are strings."""

    number: str
    recognition_rule_name: str
    amount: str
    undistributed_unrecognized_revenue: str
    recognized_revenue: str
    unrecognized_revenue: str
    currency: str
    notes: str | None
    created_on: str
    updated_on: str
    account_id: str
    product_charge_id: str
    linked_transaction_id: str | None
    linked_transaction_number: str | None
    linked_transaction_type: str | None
    reference_id: str | None
    revenue_schedule_date: date
    revenue_items: list[ProductItemAnswer]


class ProductScheduleList(V1Answer):
    """A page of the revenue schedules of a product charge, the last changed first."""

    revenue_schedules: list[ProductScheduleFields]
    next_page: str | None = None


class EventFields(_Part):
    """A revenue event: one change of one schedule."""

    number: str
    event_type: str
    event_type_system_id: str
    account_id: str
    subscription_id: str
    subscription_charge_id: str
    currency: str
    notes: str | None
    created_on: str
    recognition_start: date | None
    recognition_end: date | None
    revenue_items: list[SummaryItemAnswer]


class EventAnswer(EventFields, V1Answer):
    """One revenue event."""


class EventList(V1Answer):
    """A page of the revenue events of a schedule, the newest first."""

    revenue_event_details: list[EventFields]
    next_page: str | None = None


class SummaryAnswer(V1Answer):
    """A charge revenue summary: all schedules of a charge taken together."""

    number: str
    account_id: str
    subscription_id: str
    subscription_charge_id: str
    recognition_rule_name: str | None
    amount: Decimal
    recognized_revenue: Decimal
    unrecognized_revenue: Decimal
    undistributed_unrecognized_revenue: Decimal
    currency: str
    notes: None = Field(description="Null: a summary is computed. Its schedules have notes.")
    revenue_items: list[SummaryItemAnswer]


class ItemList(V1Answer):
    """A page of the revenue items of a schedule, in the order of the periods."""

    revenue_items: list[ItemAnswer]
    next_page: str | None = None


class SummaryItemList(V1Answer):
    """A page of what an event added to periods, or of what a charge holds in them."""

    revenue_items: list[SummaryItemAnswer]
    next_page: str | None = None
