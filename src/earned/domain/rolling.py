"""Rolling units that are left over into the next validity period (U 2.12, 2.13).

What is left of a fund goes to a new one, and so does what it cost and has not earned. Both funds
together are worth what the one was: a fund's daily rows add up to the value of the units that stay
its own, and what rolls on costs the rest. So nothing that was earned moves, and rolling earns
nothing.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType

from earned.domain.accrual import Valuation
from earned.domain.breakage import BreakagePolicy
from earned.domain.calendar import Days, add_months
from earned.domain.charge import ChargeTerms
from earned.domain.errors import RuleBroken
from earned.domain.exact import divide_down, multiply, subtract
from earned.domain.prepaid import Fund, ValidityPeriodSummary
from earned.domain.subscription import RatePlanCharge

APPLY_FIRST, APPLY_LAST = "ApplyFirst", "ApplyLast"

PRIORITIES = MappingProxyType({APPLY_FIRST: 10, APPLY_LAST: 100})
"""The priorities of rolled funds; an ordinary one has 50 (U 1.7)."""

_MONTHS = MappingProxyType({"Month": 1, "Quarter": 3, "Annual": 12})


def ending_periods(
    periods: Sequence[ValidityPeriodSummary], target: date
) -> Iterator[tuple[ValidityPeriodSummary, ValidityPeriodSummary]]:
    """Yield the validity periods that roll over when a bill run reaches `target`, with the next.

    The end of one is reached, and not that of the one that follows it: so of several in a row only
    the latest rolls, and the last one there is never does.
    """
    for period, following in in_turn(periods):
        if following is not None and period.end_date <= target < following.end_date:
            yield period, following


def in_force(
    periods: Iterable[ValidityPeriodSummary], funds: Iterable[Fund]
) -> list[ValidityPeriodSummary]:
    """Return the validity periods that have days: not where all funds were credited in full time.

    Nothing rolls into a period that a subscription was canceled before, or whose order was deleted.
    """
    there = {
        fund.validity_period_summary_id
        for fund in funds
        if fund.credited_on is None or fund.credited_on > fund.start_date
    }
    return [period for period in periods if period.id in there]


def by_balance(
    periods: Iterable[ValidityPeriodSummary],
) -> Iterator[Sequence[ValidityPeriodSummary]]:
    """Yield the validity periods of each prepaid balance."""
    balance_id = attrgetter("prepaid_balance_id")
    for _, mine in groupby(sorted(periods, key=balance_id), key=balance_id):
        yield list(mine)


def in_turn(
    periods: Sequence[ValidityPeriodSummary],
) -> Iterator[tuple[ValidityPeriodSummary, ValidityPeriodSummary | None]]:
    """Yield the validity periods of a balance in their order, each with the one that follows it.

    That is the first to begin when it is over: in a pool, those of several charges overlap.
    """
    ordered = sorted(periods, key=lambda period: (period.start_date, period.end_date))
    starts = [period.start_date for period in ordered]
    for period in ordered:
        place = bisect_left(starts, period.end_date)
        yield period, ordered[place] if place < len(ordered) else None


def rolls(fund: Fund, charge: ChargeTerms) -> bool:
    """Say whether what is left of a fund rolls over by itself when its validity period ends."""
    is_left = fund.balance > 0 and not fund.done
    return is_left and fund.rollover_count < charge.rollover_times


def is_spent(fund: Fund, charge: ChargeTerms, target: date) -> bool:
    """Say whether a fund that rolled as often as it may is depleted by a bill run up to `target`.

    Not where what is unused is never the seller's by itself (`domain.breakage`).
    """
    times = charge.rollover_times
    has_rolled = times and fund.rollover_count >= times
    is_left = fund.balance > 0 and not fund.done
    never = fund.breakage_policy is BreakagePolicy.NONE
    return bool(has_rolled and is_left and not never and target > fund.end_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where units roll to: a validity period, the days of it they live on, and in which order."""

    period: ValidityPeriodSummary
    valid: Days
    apply: str
    priority: int


def destination(
    charge: RatePlanCharge, into: ValidityPeriodSummary, last: date, apply: str
) -> Destination | None:
    """Return where units of a charge's fund roll to; None where no day is left for them.

    They live as long as the validity period or, where the charge gives rolled funds a length of
    their own, that long from its start; until `last`, the end of the balance, and until the day
    from which on the charge keeps nothing that rolled (U 1.5).
    """
    start = into.start_date
    end = min(_end_of_length(charge, into), last, _cut_off(charge, last))
    if end <= start:
        return None
    own = charge.rollover_fund_priority
    return Destination(
        period=into,
        valid=Days(start, end),
        apply=apply,
        priority=PRIORITIES[apply] if own is None else own,
    )


def _end_of_length(charge: ChargeTerms, into: ValidityPeriodSummary) -> date:
    length, start = charge.rollover_period_length, into.start_date
    if not length:
        return into.end_date
    if charge.rollover_period_type is None:
        return min(into.end_date, add_months(start, length))
    if charge.rollover_period_type == "Day":
        return start + timedelta(length)
    return add_months(start, length * _MONTHS[charge.rollover_period_type])


def _cut_off(charge: RatePlanCharge, last: date) -> date:
    if charge.rollover_end_date_type == "SpecificDate" and charge.rollover_end_date:
        return charge.rollover_end_date
    if charge.rollover_end_date_type == "ChargeEndDate" and charge.effective_end_date:
        return charge.effective_end_date
    return last


def price_of_rest(fund: Fund, value: Valuation) -> int:
    """Return what the units that are left of a fund cost and have not earned, in minor units."""
    own = fund.own_units
    return value(own) - value(subtract(own, fund.balance))


def breakage_of_rest(fund: Fund) -> Decimal | None:
    """Return the part of the units left that is expected to stay unused: all that was of the fund.

    None where nothing is expected, or more than is left: then the rest has no price any more.
    """
    if fund.expected_breakage_rate is None:
        return None
    unused = multiply(fund.funded_balance, fund.expected_breakage_rate)
    return divide_down(unused, fund.balance) if unused < fund.balance else None


def check_adjacent(earlier: Days, later: Days) -> None:
    """Refuse to roll into another validity period than the one that follows (U 2.13)."""
    if earlier.end != later.start:
        raise RuleBroken("The source and destination validity periods should be adjacent.")


def check_untouched(rolled: Fund, origin: Fund) -> None:
    """Refuse to take back what rolled into a fund once something has become of it.

    Where the documents are silent: all of it goes back, or nothing.
    """
    if rolled.balance != rolled.funded_balance:
        raise RuleBroken("What rolled over has been used, has rolled on or has expired.")
    if origin.done:
        raise RuleBroken("The fund that it rolled out of was depleted or credited.")
