"""Open many revenue schedules at once, as `open_schedule` does for one."""

from collections.abc import Sequence
from dataclasses import replace

from earned.domain.periods import open_ended
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem, RevenueSchedule
from earned.services.open_schedule import FirstDistribution
from earned.services.ports import Books, NumberKind

Opening = tuple[RevenueSchedule, FirstDistribution]
"""A schedule, yet without a number, and how its amount lies."""


def open_together(books: Books, openings: Sequence[Opening]) -> Sequence[str]:
    """Number and store schedules, each with its first distribution; return their numbers.

    A period without an amount gets no item; Open-Ended always has one. A statement serves them all.
    """
    if not openings:
        return ()
    numbers = books.next_numbers(NumberKind.REVENUE_SCHEDULE, len(openings))
    books.schedules.add_all(
        [
            replace(schedule, number=number)
            for (schedule, _), number in zip(openings, numbers, strict=True)
        ]
    )
    _distribute(books, openings)
    rest = open_ended(books.periods.list()).id
    books.items.add_all(
        [
            RevenueItem(
                schedule_id=schedule.id,
                period_id=period_id,
                entity_id=schedule.entity_id,
                amount_minor=minor,
            )
            for schedule, first in openings
            for period_id, minor in {rest: 0, **first.amounts_minor}.items()
            if minor or period_id == rest
        ]
    )
    return numbers


def _distribute(books: Books, openings: Sequence[Opening]) -> None:
    numbers = books.next_numbers(NumberKind.DISTRIBUTION, len(openings))
    distributions = [
        Distribution(
            id=books.new_id(),
            entity_id=schedule.entity_id,
            number=number,
            schedule_id=schedule.id,
            event_type=first.type.label,
            event_type_system_id=first.type.system_id,
            notes=first.notes,
            recognition_start=schedule.recognition_start,
            recognition_end=schedule.recognition_end,
            custom_fields=first.custom_fields,
            **books.stamp(),
        )
        for (schedule, first), number in zip(openings, numbers, strict=True)
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
            for distribution, (_, first) in zip(distributions, openings, strict=True)
            for period_id, minor in first.amounts_minor.items()
            if minor
        ]
    )
