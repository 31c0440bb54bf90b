"""Prepaid balances at a glance: what funds held, and what became of it (U 1.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from earned.domain.calendar import Days
from earned.domain.exact import ZERO, subtract
from earned.domain.prepaid import Fund, PrepaidBalance, ValidityPeriodSummary


@dataclass(frozen=True, slots=True)
class FundGlance:
    """A fund with the units that usage drew and that were credited, and its state on a day."""

    fund: Fund
    drawn: Decimal
    credited: Decimal
    state: str


@dataclass(frozen=True, slots=True)
class PeriodGlance:
    """A validity period with its funds, in the order they are drawn from."""

    period: ValidityPeriodSummary
    funds: Sequence[FundGlance]


@dataclass(frozen=True, slots=True)
class BalanceGlance:
    """A prepaid balance with its validity periods, the first one first."""

    balance: PrepaidBalance
    periods: Sequence[PeriodGlance]


@dataclass(frozen=True, slots=True)
class OverageGlance:
    """What a charge has beyond all funds in a service period; no quantity where money is drawn."""

    charge_number: str
    uom: str | None
    service: Days
    quantity: Decimal | None
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Glance:
    """All prepaid balances of an account on a day, and the overage of its charges."""

    account_number: str
    day: date
    balances: Sequence[BalanceGlance]
    overage: Sequence[OverageGlance]


def glance_at(fund: Fund, credited: Decimal, day: date) -> FundGlance:
    """Say what became of a fund's units: what is not left, and did not leave otherwise, was drawn.

    Funded = drawn + left + expired + rolled over and back + credited (`domain.audit`).
    """
    drawn = fund.funded_balance
    for units in (fund.balance, fund.expired, fund.rolled_over, fund.rolled_back, credited):
        drawn = subtract(drawn, units)
    return FundGlance(fund, drawn, credited, state_of(fund, day))


def state_of(fund: Fund, day: date) -> str:
    """Name the state of a fund on a day (U 2.19)."""
    ends = (
        ("Credited", fund.credited_on is not None),
        ("Depleted", fund.done),
        ("Expired", fund.expired_on is not None),
        ("Rolled over", fund.rolled_over > ZERO and not fund.balance),
        ("Exhausted", not fund.balance),
        ("Ended", day >= fund.end_date),
        ("Future", day < fund.start_date),
    )
    return next((name for name, is_so in ends if is_so), "Active")
