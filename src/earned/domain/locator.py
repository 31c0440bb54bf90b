"""Query locators: where a ZOQL query goes on, and for how long that may be asked (R 8.10)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

IDLE_MAX = timedelta(minutes=15)
KEPT = timedelta(days=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLocator:
    """A query that has more to give than one answer holds, when it was asked, and when last."""

    id: str
    entity_id: str
    query: str
    batch_size: int
    created_at: datetime
    used_at: datetime

    def is_valid(self, now: datetime) -> bool:
        """Say whether it can still be gone on from."""
        return now - self.used_at < IDLE_MAX and now - self.created_at < KEPT
