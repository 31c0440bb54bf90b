"""Show notifications as the API and the command line do."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from earned.domain.calendar import in_zone
from earned.domain.notifying import Notification


def wire_notification(one: Notification, zone: ZoneInfo) -> Mapping[str, object]:
    """Return a notification by the names of the wire, its instants in a time zone."""

    def at(instant: datetime | None) -> str | None:
        return in_zone(instant, zone) if instant else None

    return {
        "id": one.id,
        "thresholdId": one.threshold_id,
        "accountId": one.account_id,
        "validityPeriodId": one.validity_period_summary_id,
        "totalBalance": one.total_balance,
        "remainingBalance": one.remaining_balance,
        "state": one.state,
        "attempts": one.attempts,
        "nextAttemptDate": at(one.next_attempt_at),
        "lastStatus": one.last_status,
        "lastError": one.last_error,
        "createdDate": at(one.created_at),
        "deliveredDate": at(one.delivered_at),
    }
