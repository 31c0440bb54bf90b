"""Collect revenue events into the schedules of their funds (design 2)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from earned.domain.collecting import Amounts, collectable_through, movements
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem
from earned.domain.scheduling import USAGE_COLLECTED
from earned.services.ports import Books, NumberKind

_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one run collected: how many events, and the distributions it made, by number."""

    events: int = 0
    distributions: Sequence[str] = ()


def collect_revenue(books: Books) -> Collected:
    """Move what revenue events say beyond what was collected, out of Open-Ended, into periods.

    The day of an event decides the period, or the next open one where that is closed; one
    distribution a schedule and run. Events later than every open period wait for theirs. Only what
    changed since the last run moves, so running it again moves nothing. Must have the entity's
    books to itself (a structural use case): usage may not change events meanwhile.

    Events of overage (`Unbilled Usage`) belong to a rating result and no fund. They have no
    schedule to go to and stay uncollected.
    """
    periods = books.periods.list()
    through = collectable_through(periods)
    if through is None:
        return Collected()
    moved = movements(books.due_revenue(through), periods)
    made: list[str] = []
    first_id = books.new_id()
    for chunk in _chunks(moved):
        made += _distribute(books, chunk)
    books.note_collected(through, first_id)
    return Collected(events=books.mark_collected(through), distributions=tuple(made))


def _chunks(moved: Mapping[str, Amounts]) -> Iterator[Mapping[str, Amounts]]:
    """Divide into parts that fit into one statement."""
    rest = iter(moved.items())
    while chunk := dict(islice(rest, _CHUNK)):
        yield chunk


def _distribute(books: Books, moved: Mapping[str, Amounts]) -> Sequence[str]:
    """Store one distribution for each schedule, and bring its items up to date."""
    numbers = books.next_numbers(NumberKind.DISTRIBUTION, len(moved))
    distributions = [
        Distribution(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            number=number,
            schedule_id=schedule_id,
            event_type=USAGE_COLLECTED.label,
            event_type_system_id=USAGE_COLLECTED.system_id,
            **books.stamp(),
        )
        for number, schedule_id in zip(numbers, moved, strict=True)
    ]
    books.distributions.add_all(distributions)
    books.distribution_items.add_all(
        [
            DistributionItem(
                distribution_id=distribution.id,
                period_id=period_id,
                entity_id=distribution.entity_id,
                amount_minor=minor,
            )
            for distribution in distributions
            for period_id, minor in moved[distribution.schedule_id].items()
        ]
    )
    _add_to_items(books, moved)
    books.touch_schedules(list(moved))
    return numbers


def _add_to_items(books: Books, moved: Mapping[str, Amounts]) -> None:
    """Add to what the schedules hold in the periods concerned; make the items that are new."""
    held = {(i.schedule_id, i.period_id): i for i in books.items.list(schedule_id=list(moved))}
    changed = []
    for schedule_id, amounts in moved.items():
        for period_id, minor in amounts.items():
            item = held.get((schedule_id, period_id)) or RevenueItem(
                schedule_id=schedule_id,
                period_id=period_id,
                entity_id=books.scope.entity_id,
                amount_minor=0,
            )
            changed.append(replace(item, amount_minor=item.amount_minor + minor))
    books.items.save_all(changed)
