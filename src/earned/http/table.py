"""The one table of routes."""

from earned.http.operation import Operation
from earned.http.routes import accounts, usage

OPERATIONS: tuple[Operation, ...] = (
    *accounts.OPERATIONS,
    *usage.OPERATIONS,
)
