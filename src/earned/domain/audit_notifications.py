"""What must always be true of notifications, recomputed from what they tell (U 2.18)."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial

from earned.domain.audit import Break, differ
from earned.domain.exact import plain
from earned.domain.notifying import Mode, Notification, State


def check_notification(one: Notification) -> Iterator[Break]:
    """A notification tells of less than its threshold, and waits, was taken or was given up."""
    told = partial(differ, object_type="Notification", object_id=one.id)
    left, all_of_it = Fraction(one.remaining_balance), Fraction(one.total_balance)
    if one.mode is Mode.PERCENTAGE:
        is_less = left < all_of_it and left * 100 < Fraction(one.value) * all_of_it
    else:
        is_less = left < Fraction(one.value)
    expected = f"less than {plain(one.value)} {one.mode}"
    found = f"{plain(one.remaining_balance)} of {plain(one.total_balance)}"
    yield from told(
        "notification tells of less than its threshold", expected, expected if is_less else found
    )
    state = State.FAILED if one.next_attempt_at is None else State.PENDING
    state = State.DELIVERED if one.delivered_at else state
    yield from told("notification waits, was taken or was given up", state, one.state)
