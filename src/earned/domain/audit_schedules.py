"""What must always be true of revenue schedules, recomputed from their distributions (R 1)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from earned.domain.accounting import AccountingPeriod, PeriodChange, PeriodStatus
from earned.domain.audit import Break, differ
from earned.domain.prepaid import Fund
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem, RevenueSchedule


@dataclass(frozen=True, slots=True)
class Closure:
    """From when to when a period was closed; `until` is None where it is yet."""

    period_name: str
    since: datetime
    until: datetime | None


Closures = Mapping[str, Sequence[Closure]]
"""When periods were closed, by their ids."""


@dataclass(frozen=True, slots=True)
class Change:
    """A distribution and the amounts it moved."""

    distribution: Distribution
    items: Sequence[DistributionItem]

    @property
    def amount_minor(self) -> int:
        """What it added to the schedule in all."""
        return sum(item.amount_minor for item in self.items)


def closures_of(period: AccountingPeriod, changes: Sequence[PeriodChange]) -> Sequence[Closure]:
    """Return when a period was closed, from its changes in their order."""
    ends = [*(change.at for change in changes[1:]), None]
    return [
        Closure(period.name, change.at, until)
        for change, until in zip(changes, ends, strict=False)
        if change.status is PeriodStatus.CLOSED
    ]


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


def check_closed(changes: Iterable[Change], closures: Closures) -> Iterator[Break]:
    """A period got nothing while it was closed (R9), whether or not it was reopened since."""
    for change in changes:
        made_at = change.distribution.created_at
        for item in change.items:
            for closure in closures.get(item.period_id, ()):
                if closure.since < made_at and (closure.until is None or made_at < closure.until):
                    yield Break(
                        "closed period does not change",
                        "Distribution",
                        change.distribution.id,
                        f"nothing in {closure.period_name} after {closure.since.isoformat()}",
                        f"{item.amount_minor} minor at {made_at.isoformat()}",
                    )


def check_status(period: AccountingPeriod, changes: Sequence[PeriodChange]) -> Iterator[Break]:
    """A period has the status that it was given last; before that it is open."""
    expected = changes[-1].status if changes else PeriodStatus.OPEN
    yield from differ(
        "accounting period has the status it was given last",
        expected.value,
        period.status.value,
        object_type="AccountingPeriod",
        object_id=period.id,
    )


def check_numbers(kind: str, given: int, found: int) -> Iterator[Break]:
    """What is numbered stays in the books: there are as many as numbers were given."""
    check = "schedules and distributions are as many as their numbers"
    yield from differ(check, given, found, object_type=kind, object_id=f"number {given}")


def check_fund_schedule(
    fund: Fund, schedule: RevenueSchedule | None, further: Iterable[RevenueSchedule]
) -> Iterator[Break]:
    """Every fund has a schedule of its price: what is left of it is the contract liability.

    What its price has changed by since, and what was credited of it, has `further` schedules.
    """
    amount = sum(one.amount_minor for one in further)
    found = f"{schedule.amount_minor + amount} minor" if schedule else "no schedule"
    expected = f"{fund.funding_price_minor - fund.credited_minor} minor"
    if found != expected:
        yield Break("fund has a schedule of its price", "Fund", fund.id, expected, found)


def check_rolled_price(fund: Fund, schedules: Iterable[RevenueSchedule]) -> Iterator[Break]:
    """What rolled out of a fund is taken from what is deferred, by schedules of its own."""
    amount = -sum(schedule.amount_minor for schedule in schedules)
    if amount != fund.rolled_minor:
        check = "price that rolled out of a fund is taken from its liability"
        yield Break(check, "Fund", fund.id, f"{fund.rolled_minor} minor", f"{amount} minor")


def _differ(
    check: str, schedule: RevenueSchedule, expected: int, found: int, where: str = ""
) -> Iterator[Break]:
    if expected != found:
        texts = f"{expected} minor{where}", f"{found} minor{where}"
        yield Break(check, "RevenueSchedule", schedule.id, *texts)
