"""The outbox of notifications, as whoever delivers them sees it: of all books of a database.

A notification is claimed before it is sent, so that of several processes one sends it; a claim that
nobody reports on lapses, and it is sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update

from earned.domain.notifying import State, next_attempt
from earned.storage.tables.notifications import notification, threshold

LEASE = timedelta(minutes=2)
ERROR_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notification to be sent now, and how often that was tried, this time included."""

    id: str
    url: str
    secret: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending: the status that was answered, or why there is none."""

    status: int | None = None
    error: str | None = None

    @property
    def is_taken(self) -> bool:
        """Whether it was taken: any 2xx."""
        return self.status is not None and self.status // 100 == 2  # noqa: PLR2004 - 2xx.


def claim_due(engine: Engine, now: datetime, most: int) -> Sequence[Claimed]:
    """Claim notifications whose time has come, the oldest first."""
    due = (notification.c.next_attempt_at <= now,)
    with engine.connect() as connection:
        if connection.execute(select(notification.c.id).where(*due).limit(1)).first() is None:
            return ()
    columns = (notification.c.id, threshold.c.url, threshold.c.secret, notification.c.body)
    found = (
        select(*columns, notification.c.attempts + 1)
        .join(threshold, threshold.c.id == notification.c.threshold_id)
        .where(*due)
        .order_by(notification.c.next_attempt_at, notification.c.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=notification)
    )
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        claimed = [Claimed(*row) for row in connection.execute(found)]
        connection.execute(
            update(notification)
            .where(notification.c.id.in_([one.id for one in claimed]))
            .values(attempts=notification.c.attempts + 1, next_attempt_at=now + LEASE)
        )
    return claimed


def report(engine: Engine, claimed: Claimed, attempt: Attempt, now: datetime) -> State:
    """Note what came of an attempt; return how far the notification has come."""
    again = None if attempt.is_taken else next_attempt(claimed.attempts, now)
    state = State.PENDING if again else State.DELIVERED if attempt.is_taken else State.FAILED
    changed = {
        "state": state,
        "next_attempt_at": again,
        "last_status": attempt.status,
        "last_error": (attempt.error or "")[:ERROR_LENGTH_MAX] or None,
        "delivered_at": now if attempt.is_taken else None,
    }
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        # One that was sent again meanwhile counts its attempts anew.
        same = notification.c.id == claimed.id, notification.c.attempts == claimed.attempts
        connection.execute(update(notification).where(*same).values(changed))
    return state
