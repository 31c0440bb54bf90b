"""Add distributions: they put revenue into periods and move it between them; nothing else does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from earned.domain.schedule import Distribution, DistributionItem, RevenueSchedule
from earned.domain.scheduling import DistributionType
from earned.domain.tenancy import CustomFields
from earned.services.ports import Books, NumberKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDistribution:
    """What it adds, minor units by period id, and what to call that.

    The two dates are the range over which a formula spread the amount, if one did.
    """

    amounts_minor: Mapping[str, int]
    type: DistributionType
    notes: str | None = None
    recognition_start: date | None = None
    recognition_end: date | None = None
    custom_fields: CustomFields = field(default_factory=dict)


def add_distributions(
    books: Books, new: Sequence[tuple[RevenueSchedule, NewDistribution]]
) -> Sequence[Distribution]:
    """Number and store distributions with their items, a few statements for all of them.

    A period to which nothing is added gets no item. What the schedules hold is for the caller.
    """
    numbers = books.next_numbers(NumberKind.DISTRIBUTION, len(new))
    made = [
        Distribution(
            id=books.new_id(),
            entity_id=schedule.entity_id,
            number=number,
            schedule_id=schedule.id,
            event_type=one.type.label,
            event_type_system_id=one.type.system_id,
            notes=one.notes,
            recognition_start=one.recognition_start,
            recognition_end=one.recognition_end,
            custom_fields=one.custom_fields,
            **books.stamp(),
        )
        for (schedule, one), number in zip(new, numbers, strict=True)
    ]
    books.distributions.add_all(made)
    books.distribution_items.add_all(
        [
            DistributionItem(
                distribution_id=distribution.id,
                period_id=period_id,
                entity_id=distribution.entity_id,
                amount_minor=minor,
            )
            for distribution, (_, one) in zip(made, new, strict=True)
            for period_id, minor in one.amounts_minor.items()
            if minor
        ]
    )
    return made
