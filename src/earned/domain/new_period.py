"""What a new accounting period takes of revenue that waits in Open-Ended for it (R 3.2 F10)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from earned.domain.accounting import AccountingPeriod
from earned.domain.recognition import (
    Rounding,
    Spread,
    share_of_new_period,
    slots_for_new_period,
)
from earned.domain.scheduling import DistributionType

PERIODS_CREATED = DistributionType("Accounting Period(s) Created", "AccountingPeriodsCreated__z")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A schedule that was spread by a formula, and what it has in Open-Ended."""

    schedule_id: str
    amount_minor: int
    undistributed_minor: int
    spread: Spread


def shares_of(
    waiting: Iterable[Waiting], period: AccountingPeriod, periods: Sequence[AccountingPeriod]
) -> Mapping[str, int]:
    """Return what a period takes from each schedule by its id; zeros are left out.

    It is the latest of all `periods`.
    """
    slots = {rounding: slots_for_new_period(rounding, period, periods) for rounding in Rounding}
    shares = {
        one.schedule_id: share_of_new_period(
            one.amount_minor, one.spread, slots[one.spread.rounding], one.undistributed_minor
        )
        for one in waiting
    }
    return {schedule_id: minor for schedule_id, minor in shares.items() if minor}
