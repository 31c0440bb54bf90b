"""How an amount lies in months by the formulas of the dossier (R 3.2), in fractions and ints."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from tests.year.money import Money
from tests.year.months import OPEN_ENDED, first_day, last_day, later, length, month_of

DAILY = "Daily Distribution"
FRONT = "Monthly Distribution (Front Load)"
BACK = "Monthly Distribution (Back Load)"
BY_DAYS = "Monthly Distribution (Proration by Days)"

Months = dict[int, int]
"""Minor units by month."""


@dataclass(frozen=True)
class Spread:
    """The days that an amount is spread over, both included, and how."""

    start: date
    end: date
    method: str = DAILY
    leading: bool = False
    half_up: bool = False
    not_before: date | None = None

    @property
    def months(self) -> range:
        return range(month_of(self.start), month_of(self.end) + 1)

    def days_in(self, month: int) -> int:
        first, last = max(self.start, first_day(month)), min(self.end, last_day(month))
        return max((last - first).days + 1, 0)

    @property
    def whole_months(self) -> int | None:
        """How many months it is, None where it is no whole number of them."""
        after = self.end + timedelta(1)
        count = month_of(after) - month_of(self.start)
        return count if after.day == self.start.day else None


def targets(amount: int, spread: Spread, money: Money) -> Months:
    """Return what each month is to hold, closed or not (F1 to F5, F7)."""
    found = _shares(amount, spread, money)
    if spread.not_before is None:
        return found
    # Not before the transaction: earlier months are caught up in its month (F7).
    month = month_of(spread.not_before)
    late = {at: minor for at, minor in found.items() if at > month}
    caught_up = amount - sum(late.values())
    return {month: caught_up, **late}


def _shares(amount: int, spread: Spread, money: Money) -> Months:
    if spread.half_up:
        return _half_up(amount, spread, money)
    if spread.method == DAILY or later(spread.start, 3) > spread.end + timedelta(1):
        days = (spread.end - spread.start).days + 1
        unit = money.cut(Fraction(amount, days))
        found: Months = {month: unit * spread.days_in(month) for month in spread.months}
    elif spread.whole_months is not None:
        found = _whole_months(amount, spread, money, spread.whole_months)
    else:
        found = _uneven_months(amount, spread, money)
    at = min(found) if spread.leading else max(found)
    found[at] += amount - sum(found.values())
    return found


def _half_up(amount: int, spread: Spread, money: Money) -> Months:
    """Each month by its days, rounded by itself; no more than is left, and the last gets that."""
    nearest = replace(money, mode="Half Up")
    days = (spread.end - spread.start).days + 1
    found: Months = {}
    for month in spread.months:
        wanted = nearest.rounded(Fraction(amount * spread.days_in(month), days))
        left = amount - sum(found.values())
        found[month] = min(wanted, left) if amount > 0 else max(wanted, left)
    found[spread.months[-1]] = amount - sum(found.values()) + found[spread.months[-1]]
    return found


def _whole_months(amount: int, spread: Spread, money: Money, count: int) -> Months:
    """A unit for each month; two partial ones share one (F4)."""
    unit = money.cut(Fraction(amount, count))
    found = dict.fromkeys(spread.months, unit)
    first, last = spread.months[0], spread.months[-1]
    if len(found) == count:
        return found
    if spread.method == FRONT:
        del found[last]
    elif spread.method == BACK:
        del found[first]
    else:
        days = spread.days_in(first), spread.days_in(last)
        of_a_day = money.cut(Fraction(unit, sum(days)))
        found[first], found[last] = of_a_day * days[0], of_a_day * days[1]
    return found


def _uneven_months(amount: int, spread: Spread, money: Money) -> Months:
    """Each month by the part of its days that is in the term (F5)."""
    parts = {month: Fraction(spread.days_in(month), length(month)) for month in spread.months}
    count = sum(parts.values(), Fraction(0))
    found = {month: money.cut(amount / count * part) for month, part in parts.items()}
    first, last = spread.months[0], spread.months[-1]
    if spread.method == BY_DAYS or parts[first] == 1 or parts[last] == 1:
        return found
    if spread.method == FRONT:
        found[first] += found.pop(last)
    else:
        found[last] += found.pop(first)
    return found


def carried(
    wanted: Mapping[int, int], closed: int, defined: int, held: Mapping[int, int]
) -> Months:
    """Return what each month holds where the first `closed` months keep what they hold (F9).

    What is meant for them goes to the next one, and what is after the `defined` ones to Open-Ended.
    """
    carry = sum(minor for month, minor in wanted.items() if month < 0)
    found: Months = {}
    for month in range(defined):
        carry += wanted.get(month, 0)
        found[month] = held.get(month, 0) if month < closed else carry
        carry -= found[month]
    found[OPEN_ENDED] = carry + sum(m for month, m in wanted.items() if month >= defined)
    return found
