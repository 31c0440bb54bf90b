"""Distributing the amount of a schedule anew: over periods, or out of Open-Ended on a day (R 2.4).

Whatever a request says, it comes to a *delta* for each period. The deltas of a schedule add up to
zero (R8, R10), and a closed period has none (R9).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from earned.domain.accounting import AccountingPeriod
from earned.domain.calendar import parse_day
from earned.domain.errors import Invalid, Missing, RuleBroken
from earned.domain.exact import fits, parse_decimal
from earned.domain.money import Currency, round_to_minor
from earned.domain.periods import next_defined_open, open_ended
from earned.domain.scheduling import (
    PERIODS_MAX,
    TOO_MANY_PERIODS,
    Asked,
    OpenEndedRules,
    check_open_ended,
    open_periods_of,
    required_amount,
    required_text,
)

WRONG_TOTAL = (
    "The new amounts and those of the other accounting periods must add up to the amount of the "
    "revenue schedule."
)
PERCENT_MAX = 100

Amounts = Mapping[str, int]
"""Minor units by period id."""


@dataclass(frozen=True, slots=True)
class Holding:
    """The amount of a schedule, and what it holds in each period."""

    amount_minor: int
    items: Amounts
    currency: Currency


def spread_anew(
    holding: Holding,
    asked: Sequence[Asked],
    periods: Sequence[AccountingPeriod],
    rules: OpenEndedRules,
) -> Amounts:
    """Return the deltas that give the periods asked for their new amounts.

    A new amount is no delta; periods not asked for keep theirs, and all of them together must be
    the amount of the schedule. With a plug, Open-Ended is what the others leave of it.
    """
    found = open_periods_of(asked, periods)
    new = dict(holding.items)
    for period, one in zip(found, asked, strict=True):
        new[period.id] = required_amount(one.amount, holding.currency, one.field)
    rest = open_ended(periods).id
    missing = holding.amount_minor - sum(new.values())
    if rules.plug:
        new[rest] = new.get(rest, 0) + missing
    elif missing:
        raise RuleBroken(WRONG_TOTAL, field="revenueDistributions")
    deltas = {
        period_id: minor - holding.items.get(period_id, 0) for period_id, minor in new.items()
    }
    return checked(holding, deltas, rest, rules)


class DeltaType(StrEnum):
    """How much a distribution on a specific date moves."""

    FIXED = "specific date (delta fixed amount)"
    PERCENT_TOTAL = "specific date (delta percent total)"
    PERCENT_UNDISTRIBUTED = "specific date (delta percent undistributed)"


@dataclass(frozen=True, slots=True)
class Delta:
    """What to move out of Open-Ended, and the day that decides into which period.

    `number` is minor units where the type is fixed, else percent.
    """

    day: date
    type: DeltaType
    number: int | Fraction


def read_delta(fields: Mapping[str, object], currency: Currency) -> Delta:
    """Read `distributeOn`, `distributionType` and the amount or percentage that goes with it."""
    name = "distributeOn"
    if fields.get(name) is None:
        raise Missing(f"'{name}' may not be null", field=name)
    day, kind = parse_day(fields[name], name), _read_type(fields)
    if kind is DeltaType.FIXED:
        return Delta(day, kind, required_amount(fields.get("amount"), currency, "amount"))
    return Delta(day, kind, _read_percentage(fields))


def move_on_date(
    holding: Holding, delta: Delta, periods: Sequence[AccountingPeriod], rules: OpenEndedRules
) -> Amounts:
    """Return the deltas that move an amount out of Open-Ended into the period of a day.

    If that is closed, it is the next open one. A negative amount moves back.
    """
    target = next_defined_open(periods, delta.day)
    if target is None:
        message = f"There is no open accounting period on or after {delta.day}."
        raise RuleBroken(message, field="distributeOn")
    rest = open_ended(periods).id
    minor = _moved_minor(holding, delta, holding.items.get(rest, 0))
    return checked(holding, {target.id: minor, rest: -minor}, rest, rules)


def checked(holding: Holding, deltas: Amounts, rest: str, rules: OpenEndedRules) -> Amounts:
    """Return the deltas, zeros left out, if the schedule may become what they make of it.

    It may hold an amount in 250 periods at most, and Open-Ended (`rest`) may not oppose its sign.
    """
    kept = {period_id: minor for period_id, minor in deltas.items() if minor}
    new = {**holding.items}
    for period_id, minor in kept.items():
        new[period_id] = new.get(period_id, 0) + minor
    was, becomes = holding.items.get(rest, 0), new.get(rest, 0)
    check_open_ended(becomes, holding.amount_minor, rules, was)
    if kept and sum(1 for minor in new.values() if minor) > PERIODS_MAX:
        raise RuleBroken(TOO_MANY_PERIODS)
    return kept


def _moved_minor(holding: Holding, delta: Delta, undistributed_minor: int) -> int:
    """Return what to move: a fixed amount, or percent of a whole, rounded to the currency.

    Never more than the whole, which need not be a multiple of the currency's increment.
    """
    if isinstance(delta.number, int):
        return delta.number
    total = delta.type is DeltaType.PERCENT_TOTAL
    whole = holding.amount_minor if total else undistributed_minor
    if delta.number == PERCENT_MAX:
        return whole
    share = whole * delta.number / PERCENT_MAX
    rounded = round_to_minor(share / holding.currency.factor, holding.currency)
    return min(rounded, whole) if whole > 0 else max(rounded, whole)


def _read_type(fields: Mapping[str, object]) -> DeltaType:
    name = "distributionType"
    text = " ".join(required_text(fields.get(name), name).lower().split())
    try:
        return DeltaType(text)
    except ValueError:
        message = f"'{name}' value should be one of: {', '.join(DeltaType)}"
        raise Invalid(message, field=name) from None


def _read_percentage(fields: Mapping[str, object]) -> Fraction:
    name = "percentage"
    if fields.get(name) is None:
        raise Missing(f"'{name}' may not be null", field=name)
    parsed = parse_decimal(fields[name], name)
    if not all(fits(parsed)) or not 0 <= parsed <= PERCENT_MAX:
        raise Invalid(f"'{name}' value should be between 0 and {PERCENT_MAX}", field=name)
    return Fraction(parsed)
