"""What revenue schedules obey: kinds of distribution, items as the sum of distributions (R 1)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from earned.domain.schedule import DistributionItem

BY_DRAWDOWN = "Recognize by drawdown"
"""The rule of a fund's schedule where the prepayment charge names none."""


@dataclass(frozen=True, slots=True)
class DistributionType:
    """Why a schedule changed: a label for people and the system id for programs (R 2.7)."""

    label: str
    system_id: str


FUND_ACTIVATED = DistributionType("Fund Activated", "FundActivated__z")
"""A prepaid fund opened: its price is deferred, all of it in Open-Ended. Ours, after R 2.7."""

USAGE_COLLECTED = DistributionType("Usage Collected", "UsageCollected__z")
"""Revenue events of a fund were collected: Open-Ended gave what periods got. Ours, after R 2.7."""


def total_by_period(items: Iterable[DistributionItem]) -> Mapping[str, int]:
    """Add up distribution items by period id: what the schedule's items must be (R7)."""
    totals: dict[str, int] = defaultdict(int)
    for item in items:
        totals[item.period_id] += item.amount_minor
    return dict(totals)
