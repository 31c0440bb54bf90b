"""The schema, one module an aggregate. Importing this package defines every table."""

from earned.storage.columns import metadata
from earned.storage.tables import (
    accounting,
    accounts,
    billing,
    catalog,
    consumption,
    journal,
    notifications,
    prepaid,
    queries,
    recognition,
    schedules,
    subscriptions,
    tenancy,
    usage,
)

__all__ = [
    "accounting",
    "accounts",
    "billing",
    "catalog",
    "consumption",
    "journal",
    "metadata",
    "notifications",
    "prepaid",
    "queries",
    "recognition",
    "schedules",
    "subscriptions",
    "tenancy",
    "usage",
]
