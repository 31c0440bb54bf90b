"""Move revenue of many schedules at once, each by one distribution, as `move_revenue` does for one.

A statement serves hundreds of them: what takes a query for each would take hours at a close.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from earned.domain.schedule import Distribution, DistributionItem, RevenueItem
from earned.domain.scheduling import DistributionType
from earned.services.ports import Books, NumberKind

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Move:
    """What to add to the periods of one schedule, by id, and the range that asked for it."""

    amounts_minor: Mapping[str, int]
    recognition_start: date | None = None
    recognition_end: date | None = None


Moves = Mapping[str, Move]
"""Moves by schedule id."""


def move_together(books: Books, moves: Moves, kind: DistributionType) -> Sequence[str]:
    """Store one distribution for each schedule; return their numbers, in the order given.

    The amounts of each add up to zero and none is for a closed period. The caller has the whole
    books.
    """
    made: list[str] = []
    for chunk in _chunks(moves):
        made += _distribute(books, chunk, kind)
    return made


def _chunks(moves: Moves) -> Iterator[Moves]:
    """Divide into parts that fit into one statement."""
    rest = iter(moves.items())
    while chunk := dict(islice(rest, _CHUNK)):
        yield chunk


def _distribute(books: Books, moves: Moves, kind: DistributionType) -> Sequence[str]:
    numbers = books.next_numbers(NumberKind.DISTRIBUTION, len(moves))
    distributions = [
        Distribution(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            number=number,
            schedule_id=schedule_id,
            event_type=kind.label,
            event_type_system_id=kind.system_id,
            recognition_start=move.recognition_start,
            recognition_end=move.recognition_end,
            **books.stamp(),
        )
        for number, (schedule_id, move) in zip(numbers, moves.items(), strict=True)
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
            for period_id, minor in moves[distribution.schedule_id].amounts_minor.items()
        ]
    )
    _add_to_items(books, moves)
    books.touch_schedules(list(moves))
    return numbers


def _add_to_items(books: Books, moves: Moves) -> None:
    """Add to what the schedules hold in the periods concerned; make the items that are new."""
    held = {(i.schedule_id, i.period_id): i for i in books.items.list(schedule_id=list(moves))}
    changed = []
    for schedule_id, move in moves.items():
        for period_id, minor in move.amounts_minor.items():
            item = held.get((schedule_id, period_id)) or RevenueItem(
                schedule_id=schedule_id,
                period_id=period_id,
                entity_id=books.scope.entity_id,
                amount_minor=0,
            )
            changed.append(replace(item, amount_minor=item.amount_minor + minor))
    books.items.save_all(changed)
