"""Who made a row and who changed it last, in the words of each dialect."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from earned.domain.calendar import in_zone
from earned.domain.tenancy import Stamped


def object_stamps(row: Stamped, zone: ZoneInfo) -> Mapping[str, object]:
    """Return the four fields of every object."""
    return {
        "CreatedById": row.created_by,
        "CreatedDate": in_zone(row.created_at, zone),
        "UpdatedById": row.updated_by,
        "UpdatedDate": in_zone(row.updated_at, zone),
    }


def v1_stamps(row: Stamped, zone: ZoneInfo) -> Mapping[str, object]:
    """Return the four fields of the accounting resources."""
    return {
        "createdBy": row.created_by,
        "createdOn": printed(row.created_at, zone),
        "updatedBy": row.updated_by,
        "updatedOn": printed(row.updated_at, zone),
    }


def printed(instant: datetime, zone: ZoneInfo) -> str:
    """Write an instant as the accounting resources do: `2025-01-28 14:12:03` (R 5)."""
    return instant.astimezone(zone).replace(tzinfo=None).isoformat(" ", "seconds")
