"""How revenue schedules, their items and their distributions look on the wire (R 1.1, R 2.6)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from earned.domain.chart import display
from earned.domain.money import major
from earned.domain.schedule import DistributionItem, RevenueItem
from earned.http.answers import V1Answer
from earned.services.read_schedules import DistributionView, ScheduleView

Json = dict[str, Any]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", alias_generator=to_camel)


class EventItemAnswer(_Part):
    """What a revenue event added to one accounting period."""

    accounting_period_name: str
    accounting_period_start_date: date | None
    accounting_period_end_date: date | None
    amount: Decimal
    currency: str
    is_accounting_period_closed: bool


class ItemAnswer(EventItemAnswer):
    """What a schedule holds in one accounting period."""

    recognized_revenue_accounting_code: str | None
    recognized_revenue_accounting_code_type: str | None
    deferred_revenue_accounting_code: str | None
    deferred_revenue_accounting_code_type: str | None


class ScheduleFields(_Part):
    """A revenue schedule. Custom fields are among its fields."""

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
    revenue_items: list[EventItemAnswer]


class EventAnswer(EventFields, V1Answer):
    """One revenue event."""


class EventList(V1Answer):
    """A page of the revenue events of a schedule, the newest first."""

    revenue_event_details: list[EventFields]
    next_page: str | None = None


class ItemList(V1Answer):
    """A page of the revenue items of a schedule, in the order of the periods."""

    revenue_items: list[ItemAnswer]
    next_page: str | None = None


def present_schedule(view: ScheduleView, zone: ZoneInfo) -> Json:
    """Return a schedule as an answer has it. Subscription and charge go by their original ids."""
    schedule, totals, currency = view.schedule, view.totals, view.currency
    return {
        "number": schedule.number,
        "recognitionRuleName": schedule.rule_name,
        "amount": major(schedule.amount_minor, currency),
        "undistributedUnrecognizedRevenue": major(totals.undistributed_minor, currency),
        "recognizedRevenue": major(totals.recognized_minor, currency),
        "unrecognizedRevenue": major(totals.unrecognized_minor, currency),
        "currency": schedule.currency,
        "notes": schedule.notes,
        "createdOn": printed(schedule.created_at, zone),
        "updatedOn": printed(schedule.updated_at, zone),
        "accountId": schedule.account_id,
        "subscriptionId": schedule.original_subscription_id,
        "subscriptionChargeId": schedule.charge_id,
        "linkedTransactionId": None,
        "linkedTransactionNumber": None,
        "linkedTransactionType": None,
        "referenceId": schedule.reference_id,
        "revenueScheduleDate": schedule.schedule_date,
        "revenueItems": [present_item(view, item) for item in view.items],
        **schedule.custom_fields,
    }


def present_item(view: ScheduleView, item: RevenueItem) -> Json:
    """Return an item with the accounting codes it would be posted to."""
    schedule = view.schedule
    return {
        **_in_period(view, item),
        "recognizedRevenueAccountingCode": schedule.recognized_code,
        "recognizedRevenueAccountingCodeType": _displayed(schedule.recognized_code_type),
        "deferredRevenueAccountingCode": schedule.deferred_code,
        "deferredRevenueAccountingCodeType": _displayed(schedule.deferred_code_type),
        **item.custom_fields,
    }


def present_event(view: DistributionView, zone: ZoneInfo) -> Json:
    """Return a distribution as an answer has it; its items are what it added to each period."""
    schedule, event = view.schedule, view.distribution
    return {
        "number": event.number,
        "eventType": event.event_type,
        "eventTypeSystemId": event.event_type_system_id,
        "accountId": schedule.account_id,
        "subscriptionId": schedule.original_subscription_id,
        "subscriptionChargeId": schedule.charge_id,
        "currency": schedule.currency,
        "notes": event.notes,
        "createdOn": printed(event.created_at, zone),
        "recognitionStart": event.recognition_start,
        "recognitionEnd": event.recognition_end,
        "revenueItems": [_in_period(view, item) for item in view.items],
        **event.custom_fields,
    }


def printed(instant: datetime, zone: ZoneInfo) -> str:
    """Write an instant as the samples do: `2014-01-20 08:36:45.000000000 -08:00`."""
    local = instant.astimezone(zone)
    moment = local.replace(tzinfo=None).isoformat(" ", "microseconds")
    return f"{moment}000 {local.isoformat()[-len('+00:00') :]}"


def _in_period(
    view: ScheduleView | DistributionView, item: RevenueItem | DistributionItem
) -> Mapping[str, object]:
    period = view.periods.by_id[item.period_id]
    return {
        "accountingPeriodName": period.name,
        "accountingPeriodStartDate": view.periods.start(period),
        "accountingPeriodEndDate": period.end_date,
        "amount": major(item.amount_minor, view.currency),
        "currency": view.schedule.currency,
        "isAccountingPeriodClosed": period.is_closed,
    }


def _displayed(code_type: str | None) -> str | None:
    return code_type and display(code_type)
