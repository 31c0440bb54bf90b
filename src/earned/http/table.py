"""The one table of routes."""

from earned.http.operation import Operation
from earned.http.routes import accounts

OPERATIONS: tuple[Operation, ...] = (*accounts.OPERATIONS,)
