"""How revenue schedules, their items and their distributions look on the wire (R 1.1, R 2.6)."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from earned.domain.chart import display
from earned.domain.money import Currency, major
from earned.domain.schedule import RevenueItem, RevenueSchedule
from earned.domain.schedule_state import Amount, Totals
from earned.http.validation import CUSTOM_SUFFIXES
from earned.services.read_schedules import DistributionView, PeriodBook, ScheduleView
from earned.services.read_summaries import SummaryView

Json = dict[str, Any]


def present_schedule(view: ScheduleView, zone: ZoneInfo) -> Json:
    """Return a schedule as an answer has it. Subscription and charge go by their original ids."""
    schedule, currency = view.schedule, view.currency
    return {
        "number": schedule.number,
        "recognitionRuleName": schedule.rule_name,
        "amount": major(schedule.amount_minor, currency),
        **_totals(view.totals, currency),
        "currency": schedule.currency,
        "notes": schedule.notes,
        "createdOn": printed(schedule.created_at, zone),
        "updatedOn": printed(schedule.updated_at, zone),
        "accountId": schedule.account_id,
        **_charge(schedule),
        "linkedTransactionId": schedule.linked_id,
        "linkedTransactionNumber": schedule.linked_number,
        "linkedTransactionType": schedule.linked_type,
        "referenceId": schedule.reference_id,
        "revenueScheduleDate": schedule.schedule_date,
        "revenueItems": [present_item(view, item) for item in view.items],
        **schedule.custom_fields,
    }


def present_product_schedule(view: ScheduleView, zone: ZoneInfo) -> Json:
    """Return a schedule of a product charge: its amounts are strings (R 2.6)."""
    presented = _in_words(present_schedule(view, zone))
    return {**presented, "revenueItems": [_in_words(item) for item in presented["revenueItems"]]}


def present_item(view: ScheduleView, item: RevenueItem) -> Json:
    """Return an item with the accounting codes it would be posted to."""
    schedule = view.schedule
    return {
        **_in_period(view.periods, view.currency, item),
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
        **_charge(schedule),
        "currency": schedule.currency,
        "notes": event.notes,
        "createdOn": printed(event.created_at, zone),
        "recognitionStart": event.recognition_start,
        "recognitionEnd": event.recognition_end,
        "revenueItems": present_event_items(view),
        **event.custom_fields,
    }


def present_event_items(view: DistributionView) -> list[Json]:
    """Return what an event added to each period."""
    return [
        {**_in_period(view.periods, view.currency, item), **item.custom_fields}
        for item in view.items
    ]


def present_summary(view: SummaryView) -> Json:
    """Return a charge revenue summary as an answer has it."""
    charge = view.charge
    return {
        "number": view.number,
        "accountId": charge.account_id,
        "subscriptionId": charge.original_subscription_id,
        "subscriptionChargeId": charge.original_id,
        "recognitionRuleName": charge.revenue_recognition_rule_name,
        "amount": major(view.amount_minor, view.currency),
        **_totals(view.totals, view.currency),
        "currency": charge.currency,
        "notes": None,
        "revenueItems": present_summary_items(view),
    }


def present_summary_items(view: SummaryView) -> list[Json]:
    """Return what the schedules of a charge hold in each period."""
    return [_in_period(view.periods, view.currency, item) for item in view.items]


def printed(instant: datetime, zone: ZoneInfo) -> str:
    """Write an instant as the samples do: `2014-01-20 08:36:45.000000000 -08:00`."""
    local = instant.astimezone(zone)
    moment = local.replace(tzinfo=None).isoformat(" ", "microseconds")
    return f"{moment}000 {local.isoformat()[-len('+00:00') :]}"


def _charge(schedule: RevenueSchedule) -> Json:
    """Return what a schedule is of: a subscription's charge, or a charge of the catalog."""
    if schedule.product_charge_id is not None:
        return {"productChargeId": schedule.product_charge_id}
    return {
        "subscriptionId": schedule.original_subscription_id,
        "subscriptionChargeId": schedule.charge_id,
    }


def _totals(totals: Totals, currency: Currency) -> Json:
    return {
        "undistributedUnrecognizedRevenue": major(totals.undistributed_minor, currency),
        "recognizedRevenue": major(totals.recognized_minor, currency),
        "unrecognizedRevenue": major(totals.unrecognized_minor, currency),
    }


def _in_period(periods: PeriodBook, currency: Currency, item: Amount) -> Json:
    period = periods.by_id[item.period_id]
    return {
        "accountingPeriodName": period.name,
        "accountingPeriodStartDate": periods.start(period),
        "accountingPeriodEndDate": period.end_date,
        "amount": major(item.amount_minor, currency),
        "currency": currency.code,
        "isAccountingPeriodClosed": period.is_closed,
    }


def _in_words(presented: Json) -> Json:
    """Write amounts as strings; custom fields stay as they are."""
    return {
        name: str(value) if _is_amount(name, value) else value for name, value in presented.items()
    }


def _is_amount(name: str, value: object) -> bool:
    return isinstance(value, Decimal) and not name.endswith(CUSTOM_SUFFIXES)


def _displayed(code_type: str | None) -> str | None:
    return code_type and display(code_type)
