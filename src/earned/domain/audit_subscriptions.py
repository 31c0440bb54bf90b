"""What must always be true of versions of subscriptions, and of the segments of their charges."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from earned.domain.audit import Break
from earned.domain.subscription import RatePlanCharge, Subscription


def check_versions(versions: Sequence[Subscription]) -> Iterator[Break]:
    """A subscription's latest version is its last one that is not deleted, and no other.

    `versions` are all of one subscription, in their order.
    """
    check = "subscription has one latest version"
    left = [one.version for one in versions if not one.deleted]
    found = [one.version for one in versions if one.is_latest]
    if found != left[-1:]:
        yield Break(check, "Subscription", versions[0].id, str(left[-1:]), str(found))


def check_segments(
    latest: Subscription | None,
    charges: Sequence[RatePlanCharge],
    flagged: Sequence[RatePlanCharge],
) -> Iterator[Break]:
    """What is latest of charges is what the latest version has; of the others, no day is left.

    `flagged` are the latest segments of the charges of a subscription, in their order: they follow
    one another. `charges` are those of its latest version.
    """
    check = "charge is effective in its latest version"
    known = {one.id for one in flagged}
    for one in charges:
        if one.id not in known:
            yield Break(check, "RatePlanCharge", one.id, "latest", "not the latest")
    for one in flagged:
        if (latest is None or one.subscription_id != latest.id) and len(one.days):
            yield Break(check, "RatePlanCharge", one.id, "effective on no day", _days(one))
    for before, after in pairwise([one for one in flagged if len(one.days)]):
        if before.original_id == after.original_id and after.days.start < before.days.end:
            expected = f"from {before.days.end} on"
            yield Break(check, "RatePlanCharge", after.id, expected, _days(after))


def _days(charge: RatePlanCharge) -> str:
    return f"effective from {charge.effective_start_date} to {charge.effective_end_date}"
