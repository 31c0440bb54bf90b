"""Send a notification again that was given up, or taken."""

from earned.domain.errors import NotFound
from earned.domain.notifying import Notification, State, check_resend
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books


def resend_notification(books: Books, key: str) -> Notification:
    """Put a notification into the outbox again, with all its attempts before it.

    What is sent is the same, its id too. Raises `NotFound`, or `RuleBroken` for one on its way.
    """
    found = books.notifications.find(id=key)
    if found is None:
        raise NotFound.by_key(key)
    check_resend(found)
    leave_trace(books, "resent", "Notification", found.id, {"was": found.state})
    return books.notifications.change(
        found, state=State.PENDING, attempts=0, next_attempt_at=books.now, delivered_at=None
    )
