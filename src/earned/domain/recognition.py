"""Recognition: how an amount comes to lie in accounting periods by a formula (R 3.2).

A formula says what each slot of time (`slots`) is to hold, in minor units. Its unit, an amount of a
day or month, is truncated toward zero, so that a credit mirrors its charge, to a multiple of the
currency's rounding increment; what truncating leaves goes to the last slot with a share (trailing)
or the first (leading), so that the sum is the amount. A rule may have each period rounded half up
instead, with what that leaves or lacks in the last one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from earned.domain.accounting import AccountingPeriod
from earned.domain.calendar import DAY, Days
from earned.domain.money import Currency
from earned.domain.months import days_in_month, lasts_three_months, months_of, whole_months
from earned.domain.slots import Slot, days_within, slot_at, slots_around, slots_of

Amounts = Mapping[str, int]
"""Minor units by period id."""


class Method(StrEnum):
    """How an amount is spread over a term, in the words of the wire (R 2.3)."""

    DAILY = "Daily Distribution"
    BACK_LOAD = "Monthly Distribution (Back Load)"
    FRONT_LOAD = "Monthly Distribution (Front Load)"
    BY_DAYS = "Monthly Distribution (Proration by Days)"


class Rounding(StrEnum):
    """Where what truncating leaves goes; or each period is rounded half up (R 3.2 F3)."""

    TRAILING = "Trailing"
    LEADING = "Leading"
    HALF_UP = "HalfUpPerPeriod"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Over which days an amount is recognised, both ends included, and by which formula.

    With `not_before`, the day of the transaction, nothing is recognised earlier than it occurred
    (R 3.2 F7). Recognising on one day is a spread over that day. Units are multiples of
    `increment_minor`, which is no choice of whoever spreads but the currency's (R 7).
    """

    start: date
    end: date
    method: Method = Method.DAILY
    rounding: Rounding = Rounding.TRAILING
    not_before: date | None = None
    increment_minor: int = 1

    def in_currency(self, currency: Currency) -> "Spread":
        """Return the spread in the increments of a currency."""
        if self.increment_minor == currency.increment_minor:
            return self
        return replace(self, increment_minor=currency.increment_minor)

    @property
    def term(self) -> Days:
        """Its days, half-open."""
        return Days(self.start, self.end + DAY)


def on_day(day: date) -> Spread:
    """Recognise all of an amount on one day: that of the invoice (F1) or that of a rule (F2)."""
    return Spread(start=day, end=day)


def amounts_by_formula(
    amount_minor: int, spread: Spread, periods: Sequence[AccountingPeriod], held: Amounts
) -> Amounts:
    """Return what each accounting period is to hold, by id, Open-Ended last.

    `held` is what the periods hold now, nothing for a new schedule: what is in closed ones stays
    (R9), and what the formula would put there goes to the next open one (F8, F9).
    """
    slots = slots_of(periods)
    return carried(targets(amount_minor, spread, slots), slots, held)


def slots_for_new_period(
    rounding: Rounding, period: AccountingPeriod, periods: Sequence[AccountingPeriod]
) -> Sequence[Slot]:
    """Return the slots that decide what a new period, the latest of `periods`, takes (F10).

    Where units are truncated it does not matter how the days before it are divided.
    """
    return slots_of(periods) if rounding is Rounding.HALF_UP else slots_around(period, "")


def share_of_new_period(
    amount_minor: int, spread: Spread, slots: Sequence[Slot], undistributed_minor: int
) -> int:
    """Return what a new period takes of what a schedule has in Open-Ended (F10).

    The period has the last of the `slots` before Open-Ended. Its share is what the formula says up
    to its end, less what the earlier periods hold. It never changes the sign of Open-Ended, nor
    adds to it.
    """
    *known, _ = targets(amount_minor, spread, slots)
    share = sum(known) - (amount_minor - undistributed_minor)
    if undistributed_minor < 0:
        return min(max(share, undistributed_minor), 0)
    return max(min(share, undistributed_minor), 0)


def targets(amount_minor: int, spread: Spread, slots: Sequence[Slot]) -> Sequence[int]:
    """Return what a formula puts into each slot (F3 to F5, F7), whether it is closed or not."""
    if spread.method is Method.DAILY or not lasts_three_months(spread.term):
        amounts = by_day(amount_minor, spread, slots)
    else:
        amounts = by_month(amount_minor, spread, slots)
    return amounts if spread.not_before is None else caught_up(amounts, slots, spread.not_before)


def by_day(amount_minor: int, spread: Spread, slots: Sequence[Slot]) -> Sequence[int]:
    """Return what each slot gets for its days of the term (F3).

    It is the same unit for every day, or with half-up rounding the part that the days are.
    """
    term = spread.term
    length = len(term)
    days = [days_within(term, slot.days) for slot in slots]
    if spread.rounding is Rounding.HALF_UP:
        amounts = [_part(amount_minor, count, length, spread) for count in days]
    else:
        unit = _part(amount_minor, 1, length, spread)
        amounts = [unit * count for count in days]
    return _completed(amount_minor, amounts, days, spread.rounding)


def by_month(amount_minor: int, spread: Spread, slots: Sequence[Slot]) -> Sequence[int]:
    """Return what each slot gets for the months whose last day in the term is in it (F4, F5).

    The term has at least three months; a shorter one is recognised daily. Where accounting periods
    begin and end with months, as they do with the monthly model, every month lies in one slot.
    """
    months = months_of(spread.term)
    shares = _monthly_shares(amount_minor, spread, months)
    amounts = [share or 0 for share in shares]
    has_share = [share is not None for share in shares]
    totals = [0] * len(slots)
    for month, minor in zip(
        months, _completed(amount_minor, amounts, has_share, spread.rounding), strict=True
    ):
        totals[slot_at(slots, month.end - DAY)] += minor
    return totals


def caught_up(amounts: Sequence[int], slots: Sequence[Slot], day: date) -> Sequence[int]:
    """Move what lies before the slot of the transaction's day into that slot (F7)."""
    at = slot_at(slots, day)
    return [*([0] * at), sum(amounts[: at + 1]), *amounts[at + 1 :]]


def carried(amounts: Sequence[int], slots: Sequence[Slot], held: Amounts) -> Amounts:
    """Return what each period is to hold where closed ones keep what they hold (F9).

    What a closed period should get and does not is carried to the next open one, also if that is
    negative; Open-Ended is the last, and always open.
    """
    new: dict[str, int] = {}
    carry = 0
    for minor, slot in zip(amounts, slots, strict=True):
        carry += minor
        if slot.period_id is None:
            continue
        new[slot.period_id] = held.get(slot.period_id, 0) if slot.is_closed else carry
        carry -= new[slot.period_id]
    assert not carry, "Open-Ended takes what is left"
    return new


def changes(new: Amounts, held: Amounts) -> Amounts:
    """Return what is to be added to each period; what does not change is left out."""
    differences = {period_id: minor - held.get(period_id, 0) for period_id, minor in new.items()}
    return {period_id: minor for period_id, minor in differences.items() if minor}


def truncated(dividend: int, divisor: int, increment: int = 1) -> int:
    """Divide by a positive number, toward zero, to a multiple of the increment."""
    quotient = abs(dividend) // (divisor * increment) * increment
    return -quotient if dividend < 0 else quotient


def half_up(dividend: int, divisor: int, increment: int = 1) -> int:
    """Divide by a positive number, to the nearest multiple of the increment, halves from zero."""
    step = divisor * increment
    quotient = (2 * abs(dividend) + step) // (2 * step) * increment
    return -quotient if dividend < 0 else quotient


def _part(amount_minor: int, weight: int, total: int, spread: Spread) -> int:
    """Return so much of an amount as a weight is of a total, as the spread rounds."""
    divide = half_up if spread.rounding is Rounding.HALF_UP else truncated
    return divide(amount_minor * weight, total, spread.increment_minor)


def _completed(
    amount_minor: int, amounts: Sequence[int], shares: Sequence[int], rounding: Rounding
) -> Sequence[int]:
    """Add what is missing of the amount to the last with a share, or the first."""
    if rounding is Rounding.HALF_UP:
        amounts = _no_more_than(amount_minor, amounts)
    places = [place for place, share in enumerate(shares) if share]
    at = places[0 if rounding is Rounding.LEADING else -1]
    missing = amount_minor - sum(amounts)
    return [minor + missing if place == at else minor for place, minor in enumerate(amounts)]


def _no_more_than(amount_minor: int, amounts: Sequence[int]) -> Sequence[int]:
    """Cut amounts of one sign, in their order, where all that was rounded up is more than there is.

    Five cents over ten periods are half a cent each: the first five have one, the others none.
    """
    left, kept = amount_minor, []
    for minor in amounts:
        kept.append(minor if abs(minor) <= abs(left) else left)
        left -= kept[-1]
    return kept


def _monthly_shares(
    amount_minor: int, spread: Spread, months: Sequence[Days]
) -> Sequence[int | None]:
    """Return the share of each month, None where it has none."""
    count = whole_months(spread.term)
    if count is None:
        return _uneven_shares(amount_minor, spread, months)
    unit = _part(amount_minor, 1, count, spread)
    if count == len(months):
        return [unit] * count
    first, last = _shared(amount_minor, unit, spread, months)
    return [first, *([unit] * (count - 1)), last]


def _shared(
    amount_minor: int, unit: int, spread: Spread, months: Sequence[Days]
) -> tuple[int | None, int | None]:
    """Divide the unit that the first and the last month share by the days that they have (F4)."""
    if spread.method is Method.FRONT_LOAD:
        return unit, None
    if spread.method is Method.BACK_LOAD:
        return None, unit
    first, last = len(months[0]), len(months[-1])
    if spread.rounding is Rounding.HALF_UP:
        total = (first + last) * (len(months) - 1)
        return _part(amount_minor, first, total, spread), _part(amount_minor, last, total, spread)
    of_a_day = _part(unit, 1, first + last, spread)
    return of_a_day * first, of_a_day * last


def _uneven_shares(
    amount_minor: int, spread: Spread, months: Sequence[Days]
) -> Sequence[int | None]:
    """Return shares by the part of each month that is in a term of no whole months (F5).

    Loading moves the share of one partial month into the other. Where only one month is partial
    there is none to move it to, and all keep theirs.
    """
    first, last = days_in_month(months[0].start), days_in_month(months[-1].start)
    whole = first * last
    weights = [whole] * len(months)
    weights[0], weights[-1] = len(months[0]) * last, len(months[-1]) * first
    total = sum(weights)
    shares = [_part(amount_minor, weight, total, spread) for weight in weights]
    if spread.method is Method.BY_DAYS or whole in {weights[0], weights[-1]}:
        return shares
    loaded = shares[0] + shares[-1]
    if spread.method is Method.FRONT_LOAD:
        return [loaded, *shares[1:-1], None]
    return [None, *shares[1:-1], loaded]
