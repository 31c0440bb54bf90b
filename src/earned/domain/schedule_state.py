"""A revenue schedule with all it holds: its totals, and the invariants R1 to R10 of R 1."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from earned.domain.accounting import AccountingPeriod
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem, RevenueSchedule


class Amount(Protocol):
    """An amount that lies in an accounting period."""

    @property
    def period_id(self) -> str:
        """The period it lies in."""

    @property
    def amount_minor(self) -> int:
        """How much it is, in minor units."""


Item = TypeVar("Item", bound=Amount)

Periods = Mapping[str, AccountingPeriod]
"""Accounting periods by id."""


@dataclass(frozen=True, slots=True)
class Totals:
    """How much of a schedule is recognised, is not, and is not even distributed (R2 to R4)."""

    recognized_minor: int
    unrecognized_minor: int
    undistributed_minor: int

    @property
    def distributed_minor(self) -> int:
        """What is distributed and not recognised yet (R5)."""
        return self.unrecognized_minor - self.undistributed_minor


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """A schedule, its items, and the distributions that made them."""

    schedule: RevenueSchedule
    items: Sequence[RevenueItem]
    distributions: Sequence[tuple[Distribution, Sequence[DistributionItem]]] = ()


def totals_of(items: Iterable[Amount], periods: Periods) -> Totals:
    """Add up what a schedule holds. Revenue is recognised while its period is closed, no longer."""
    recognized = unrecognized = undistributed = 0
    for item in items:
        period = periods[item.period_id]
        if period.is_closed:
            recognized += item.amount_minor
        else:
            unrecognized += item.amount_minor
        if period.is_open_ended:
            undistributed += item.amount_minor
    return Totals(recognized, unrecognized, undistributed)


def in_order(items: Iterable[Item], periods: Periods) -> Sequence[Item]:
    """Return items by the start of their period, Open-Ended last (R 1.1)."""
    return sorted(items, key=lambda item: periods[item.period_id].start_date or date.max)


def broken_rules(state: ScheduleState, periods: Periods) -> Iterator[str]:
    """Name the invariants R1 and R6 to R8 that a schedule breaks; none, if the books are right.

    R2 to R5 define the totals, so R6 checks them.
    """
    amount = state.schedule.amount_minor
    totals = totals_of(state.items, periods)
    if sum(item.amount_minor for item in state.items) != amount:
        yield "R1: the items do not add up to the amount"
    if totals.recognized_minor + totals.unrecognized_minor != amount:
        yield "R6: recognised and unrecognised do not add up to the amount"
    if _non_zero(state.items) != _non_zero(i for _, items in state.distributions for i in items):
        yield "R7: the items are not the sums of the distributions' items"
    for at, (one, items) in enumerate(state.distributions):
        if sum(item.amount_minor for item in items) != (amount if at == 0 else 0):
            yield f"R8: {one.number} does not add up to {'the amount' if at == 0 else 'zero'}"


def broken_by_change(
    before: ScheduleState, after: ScheduleState, periods: Periods
) -> Iterator[str]:
    """Name the invariants R9 and R10 that a change broke; `periods` as they stood during it."""
    old, new = _non_zero(before.items), _non_zero(after.items)
    for period_id, period in periods.items():
        if period.is_closed and old.get(period_id) != new.get(period_id):
            yield f"R9: closed period {period.name} changed"
    if before.schedule.amount_minor != after.schedule.amount_minor:
        yield "R10: the amount changed"


def _non_zero(items: Iterable[Amount]) -> Mapping[str, int]:
    """Add up amounts by period id, leaving out what comes to nothing."""
    totals: dict[str, int] = defaultdict(int)
    for item in items:
        totals[item.period_id] += item.amount_minor
    return {period_id: minor for period_id, minor in totals.items() if minor}
