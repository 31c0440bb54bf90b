"""Write notifications of thresholds with the change that crosses them (U 2.18)."""

from collections.abc import Iterable
from typing import NamedTuple

from earned.domain.notifying import Held, Notification, Threshold, body_of, crosses
from earned.domain.prepaid import ValidityPeriodSummary
from earned.services.ports import Books


class Change(NamedTuple):
    """What a validity period held before, and what it holds now."""

    period: ValidityPeriodSummary
    before: Held
    now: Held


def tell_thresholds(books: Books, changes: Iterable[Change]) -> None:
    """Put a notification into the outbox for each threshold that a change crosses.

    Where no threshold is defined, the changes are not even looked at.
    """
    thresholds = books.thresholds.list(active=True, deleted=False)
    if not thresholds:
        return
    books.notifications.add_all(
        [
            _notification(books, threshold, change)
            for change in changes
            for threshold in thresholds
            if crosses(threshold, *change)
        ]
    )


def _notification(books: Books, threshold: Threshold, change: Change) -> Notification:
    identity = books.new_id()
    return Notification(
        id=identity,
        entity_id=threshold.entity_id,
        account_id=change.period.account_id,
        threshold_id=threshold.id,
        validity_period_summary_id=change.period.id,
        mode=threshold.mode,
        value=threshold.value,
        total_balance=change.now.total,
        remaining_balance=change.now.remaining,
        body=body_of(identity, threshold, change.period, change.now, books.now),
        next_attempt_at=books.now,
        created_at=books.now,
    )
