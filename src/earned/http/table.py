"""The one table of routes."""

from earned.http.operation import Operation
from earned.http.routes import (
    accounting_codes,
    accounting_periods,
    accounts,
    catalog,
    object_queries,
    orders,
    product_charges,
    products,
    regenerate,
    revenue_event_types,
    revenue_events,
    revenue_schedules,
    subscriptions,
    units,
    usage,
    usage_by_account,
)

OPERATIONS: tuple[Operation, ...] = (
    *accounts.OPERATIONS,
    *revenue_schedules.OPERATIONS,
    *revenue_events.OPERATIONS,
    *revenue_event_types.OPERATIONS,
    *units.OPERATIONS,
    *products.OPERATIONS,
    *product_charges.OPERATIONS,
    *catalog.OPERATIONS,
    *accounting_codes.OPERATIONS,
    *accounting_periods.OPERATIONS,
    *orders.OPERATIONS,
    *subscriptions.OPERATIONS,
    *usage.OPERATIONS,
    *usage_by_account.OPERATIONS,
    *regenerate.OPERATIONS,
    *object_queries.OPERATIONS,
)
