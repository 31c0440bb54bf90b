"""The one table of routes."""

from earned.http.operation import Operation
from earned.http.routes import accounts, revenue_events, revenue_schedules, usage

OPERATIONS: tuple[Operation, ...] = (
    *accounts.OPERATIONS,
    *revenue_schedules.OPERATIONS,
    *revenue_events.OPERATIONS,
    *usage.OPERATIONS,
)
