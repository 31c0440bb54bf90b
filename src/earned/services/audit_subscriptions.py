"""Audit subscriptions: their versions, and the segments of their charges."""

from collections import deque
from collections.abc import Iterator
from itertools import groupby

from earned.domain.audit import Break
from earned.domain.audit_subscriptions import check_segments, check_versions
from earned.domain.subscription import RatePlanCharge
from earned.services.ports import Books


def audit_subscriptions(books: Books) -> Iterator[Break]:
    """Yield every break of what must be true of subscriptions.

    Versions and charges are read side by side, in the order of their subscriptions.
    """
    segments = _segments(books)
    known = next(segments, None)
    stream = books.subscriptions.stream(order_by=["original_id", "version"])
    for original_id, group in groupby(stream, key=lambda one: one.original_id):
        versions = list(group)
        yield from check_versions(versions)
        while known is not None and known[0] < original_id:
            known = next(segments, None)
        flagged = known[1] if known is not None and known[0] == original_id else []
        latest = next((one for one in versions if one.is_latest), None)
        charges = books.charges.list(subscription_id=latest.id) if latest else ()
        yield from check_segments(latest, charges, flagged)
    # A cursor is closed when it has given all.
    deque(segments, maxlen=0)


def _segments(books: Books) -> Iterator[tuple[str, list[RatePlanCharge]]]:
    """Yield the latest segments of the charges of each subscription."""
    order = ["original_subscription_id", "original_id", "segment"]
    stream = books.charges.stream(is_latest=True, order_by=order)
    for original_id, group in groupby(stream, key=lambda one: one.original_subscription_id):
        yield original_id, list(group)
