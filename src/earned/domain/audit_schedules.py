"""What must always be true of revenue schedules, recomputed from their distributions (R 1)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from earned.domain.accounting import AccountingPeriod
from earned.domain.audit import Break
from earned.domain.consumption import RatingResult, RevenueEvent
from earned.domain.prepaid import Fund
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem, RevenueSchedule
from earned.domain.scheduling import USAGE_COLLECTED


@dataclass(frozen=True, slots=True)
class Change:
    """A distribution and the amounts it moved."""

    distribution: Distribution
    items: Sequence[DistributionItem]

    @property
    def amount_minor(self) -> int:
        """What it added to the schedule in all."""
        return sum(item.amount_minor for item in self.items)


def check_schedule(
    schedule: RevenueSchedule, items: Collection[RevenueItem], changes: Sequence[Change]
) -> Iterator[Break]:
    """A schedule is the sum of its items (R1), and each item of what distributions moved (R7).

    `changes` come in the order of their numbers: the first gives the schedule its amount, the
    others only move it (R8, R10).
    """
    held = {item.period_id: item.amount_minor for item in items}
    yield from _differ(
        "schedule is the sum of its items", schedule, schedule.amount_minor, sum(held.values())
    )
    moved = dict.fromkeys(held, 0)
    for change in changes:
        for item in change.items:
            moved[item.period_id] = moved.get(item.period_id, 0) + item.amount_minor
    for period_id, amount in moved.items():
        found = held.get(period_id, 0)
        check = "schedule item is the sum of its distribution items"
        where = f" in period {period_id}"
        yield from _differ(check, schedule, amount, found, where)
    for place, change in enumerate(changes):
        expected = 0 if place else schedule.amount_minor
        if change.amount_minor != expected:
            yield Break(
                "distribution only moves a schedule's amount",
                "Distribution",
                change.distribution.id,
                f"{expected} minor",
                f"{change.amount_minor} minor",
            )


def check_closed(
    changes: Iterable[Change], periods: Mapping[str, AccountingPeriod]
) -> Iterator[Break]:
    """A closed period got nothing since it was closed (R9)."""
    for change in changes:
        made_at = change.distribution.created_at
        for item in change.items:
            period = periods[item.period_id]
            if period.is_closed and made_at > period.updated_at:
                yield Break(
                    "closed period does not change",
                    "Distribution",
                    change.distribution.id,
                    f"nothing in {period.name} after {period.updated_at.isoformat()}",
                    f"{item.amount_minor} minor at {made_at.isoformat()}",
                )


def check_fund_schedule(fund: Fund, schedule: RevenueSchedule | None) -> Iterator[Break]:
    """Every fund has a schedule of its price: what is left of it is the contract liability."""
    found = f"{schedule.amount_minor} minor" if schedule else "no schedule"
    expected = f"{fund.funding_price_minor} minor"
    if found != expected:
        yield Break("fund has a schedule of its price", "Fund", fund.id, expected, found)


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
        if change.distribution.event_type_system_id == USAGE_COLLECTED.system_id
        for item in change.items
        if item.period_id == open_ended_id
    )
    check = "schedule has what was collected of its events"
    yield from _differ(check, schedule, collected, taken)


def check_overage_schedules(
    rating: RatingResult, events: Iterable[RevenueEvent], schedules: Iterable[RevenueSchedule]
) -> Iterator[Break]:
    """What was collected of a rating result's events is what its schedules amount to."""
    collected = sum(event.collected_minor for event in events)
    amount = sum(schedule.amount_minor for schedule in schedules)
    if collected != amount:
        check = "schedules of overage have what was collected of its events"
        texts = f"{collected} minor", f"{amount} minor"
        yield Break(check, "RatingResult", rating.id, *texts)


def check_credit(fund: Fund, schedules: Iterable[RevenueSchedule]) -> Iterator[Break]:
    """What was credited of a fund is taken from what is deferred, by schedules of its own."""
    amount = -sum(schedule.amount_minor for schedule in schedules)
    if amount != fund.credited_minor:
        check = "credit of a fund is taken from its liability"
        yield Break(check, "Fund", fund.id, f"{fund.credited_minor} minor", f"{amount} minor")


def _differ(
    check: str, schedule: RevenueSchedule, expected: int, found: int, where: str = ""
) -> Iterator[Break]:
    if expected != found:
        texts = f"{expected} minor{where}", f"{found} minor{where}"
        yield Break(check, "RevenueSchedule", schedule.id, *texts)
