"""What must always be true of collecting, recomputed from what each run collected of each event."""

from collections import Counter
from collections.abc import Iterable, Iterator

from earned.domain.audit import Break, differ
from earned.domain.audit_schedules import Change
from earned.domain.collecting import CollectedAmount
from earned.domain.consumption import RatingResult, RevenueEvent
from earned.domain.schedule import RevenueSchedule
from earned.domain.scheduling import USAGE_COLLECTED


def check_collected(
    schedule: RevenueSchedule,
    events: Iterable[RevenueEvent],
    changes: Iterable[Change],
    open_ended_id: str,
) -> Iterator[Break]:
    """What events say was collected is what collecting took out of Open-Ended."""
    collected = sum(event.collected_minor for event in events)
    taken = -sum(
        item.amount_minor
        for change in changes
        if _is_collected(change)
        for item in change.items
        if item.period_id == open_ended_id
    )
    check = "schedule has what was collected of its events"
    told = f"{collected} minor", f"{taken} minor"
    yield from differ(check, *told, object_type="RevenueSchedule", object_id=schedule.id)


def check_overage_schedules(
    rating: RatingResult, events: Iterable[RevenueEvent], schedules: Iterable[RevenueSchedule]
) -> Iterator[Break]:
    """What was collected of a rating result's events is what its schedules amount to."""
    collected = sum(event.collected_minor for event in events)
    amount = sum(schedule.amount_minor for schedule in schedules)
    check = "schedules of overage have what was collected of its events"
    told = f"{collected} minor", f"{amount} minor"
    yield from differ(check, *told, object_type="RatingResult", object_id=rating.id)


def check_given(
    changes: Iterable[Change], given: Iterable[CollectedAmount], open_ended_id: str
) -> Iterator[Break]:
    """What collecting added to a period is what events gave to it, each by itself.

    Events that cancelled one another out in a run come to nothing.
    """
    moved: Counter[tuple[str | None, str]] = Counter()
    for change in changes:
        if _is_collected(change):
            for item in change.items:
                if item.period_id != open_ended_id:
                    moved[change.distribution.id, item.period_id] += item.amount_minor
    gave: Counter[tuple[str | None, str]] = Counter()
    for one in given:
        gave[one.distribution_id, one.period_id] += one.amount_minor
    for place in sorted(moved.keys() | gave.keys(), key=str):
        distribution_id, period_id = place
        yield from differ(
            "distribution has what its events gave",
            f"{gave[place]} minor in period {period_id}",
            f"{moved[place]} minor in period {period_id}",
            object_type="Distribution",
            object_id=distribution_id or "none",
        )


def check_gave(events: Iterable[RevenueEvent], given: Iterable[CollectedAmount]) -> Iterator[Break]:
    """What an event says was collected of it is what runs collected of it."""
    collected = {event.id: event.collected_minor for event in events}
    gave: Counter[str] = Counter()
    for one in given:
        gave[one.event_id] += one.amount_minor
    for event_id in sorted(collected.keys() | gave.keys()):
        yield from differ(
            "revenue event was collected for what it gave",
            f"{gave[event_id]} minor",
            f"{collected[event_id]} minor" if event_id in collected else "no event",
            object_type="RevenueEvent",
            object_id=event_id,
        )


def _is_collected(change: Change) -> bool:
    return change.distribution.event_type_system_id == USAGE_COLLECTED.system_id
