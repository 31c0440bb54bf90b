"""What billing owes a customer a document for: what is due, less what was billed (U 2.2, 2.16).

A *source* is what is billed over time: a fund, a recurring or one-time charge, a rating result.
What it asks for is compared with what documents in force have billed of it, so that billing again
adds nothing, and a change since is billed as its difference, a credit where it is negative.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from earned.domain.calendar import Days
from earned.domain.exact import ZERO, subtract


@dataclass(frozen=True, slots=True)
class Asked:
    """What a source asks for in one of its billing periods, and the day that it is due.

    Of a billing period that is cut short, `whole` has all of its days: what was billed of it counts
    for what is left.
    """

    service: Days
    due: date
    amount_minor: int
    whole: Days | None = None

    def is_of(self, bill: "Billed") -> bool:
        """Say whether an item billed, or credited, this billing period."""
        return bill.start in (self.whole or self.service)


@dataclass(frozen=True, slots=True)
class Billed:
    """What an item that billing made has billed, of which days; less than nothing: credited."""

    start: date
    amount_minor: int
    quantity: Decimal = ZERO
    end: date | None = None


@dataclass(slots=True)
class ByHand:
    """What a document that somebody made bills of a charge, and how much of it is not used yet."""

    service: Days
    left_minor: int


@dataclass(slots=True)
class Hands:
    """What was billed of one charge by hand: it counts for what is asked on its days."""

    items: list[ByHand] = field(default_factory=list)

    def take(self, service: Days, most_minor: int) -> int:
        """Use up to `most_minor` of what overlaps a service period; return how much it was."""
        taken = 0
        for one in self.items:
            if one.service.start < service.end and service.start < one.service.end:
                amount = min(one.left_minor, most_minor - taken)
                one.left_minor -= amount
                taken += amount
        return taken


@dataclass(frozen=True, slots=True)
class Difference:
    """What is to be billed for a service period: more, or less (a credit)."""

    service: Days
    amount_minor: int
    quantity: Decimal | None = None


def differences(
    asked: Sequence[Asked],
    billed: Sequence[Billed],
    target: date,
    hands: Hands,
    most_minor: int | None = None,
) -> list[Difference]:
    """Return what is to be billed of a source, period by period.

    What is due by the `target` is, and what was billed before that still holds. All of it together
    is at most `most_minor`: what goes beyond is taken off the last periods first, as from a fund
    that was credited. A period that is billed and not asked for any more is credited in full.
    """
    counted = [
        (one, sum(bill.amount_minor for bill in billed if one.is_of(bill)))
        for one in asked
        if one.due <= target or any(one.is_of(bill) for bill in billed)
    ]
    kept = _kept([one.amount_minor for one, _ in counted], most_minor)
    found = []
    for (one, net), amount in zip(counted, kept, strict=True):
        by_hand = hands.take(one.service, max(one.amount_minor - max(net, 0), 0))
        difference = amount - net - by_hand
        service = (_regained if difference > 0 else _given_up)(one, billed, difference)
        found.append(Difference(service, difference))
    return [one for one in (*found, *_strays(asked, billed)) if one.amount_minor]


def rated_difference(
    service: Days,
    quantity: Decimal,
    amount_minor: int,
    billed: Sequence[Billed],
    hands: Hands,
    *,
    is_nothing_billed: bool = False,
) -> Difference | None:
    """Return what a service period of usage was rated beyond what was billed of it.

    Late usage is billed as the difference of two totals: 90 units for 900.00 and then 110 for
    990.00 are 20 units for 90.00 (U 2.16). Units below zero wait for more usage. Nothing is billed
    only where that is wanted, and once.
    """
    quantity = max(quantity, ZERO)
    net = 0
    for bill in billed:
        quantity = subtract(quantity, bill.quantity)
        net += bill.amount_minor
    net += hands.take(service, max(amount_minor - max(net, 0), 0))
    if not quantity and amount_minor == net and (billed or not is_nothing_billed):
        return None
    return Difference(service, amount_minor - net, quantity)


def _given_up(asked: Asked, billed: Sequence[Billed], difference: int) -> Days:
    """Return the days that were billed and are not asked for any more; all, if there are none."""
    del difference
    ends = [bill.end for bill in billed if bill.end and asked.is_of(bill)]
    end = max([asked.service.end, *ends])
    return Days(asked.service.end, end) if end > asked.service.end else asked.service


def _regained(asked: Asked, billed: Sequence[Billed], difference: int) -> Days:
    """Return the days that were credited, if just that is billed again; else all of the period."""
    credited = [bill for bill in billed if bill.amount_minor < 0 and asked.is_of(bill)]
    ends = [bill.end for bill in credited if bill.end]
    if not ends or sum(bill.amount_minor for bill in credited) != -difference:
        return asked.service
    return Days(min(bill.start for bill in credited), max(ends))


def _kept(amounts: Sequence[int], most_minor: int | None) -> list[int]:
    """Return what is left of the amounts when they may add up to at most `most_minor`."""
    kept = list(amounts)
    cut = 0 if most_minor is None else max(sum(amounts) - most_minor, 0)
    for place in reversed(range(len(kept))):
        taken = min(cut, max(kept[place], 0))
        kept[place] -= taken
        cut -= taken
    return kept


def _strays(asked: Sequence[Asked], billed: Sequence[Billed]) -> Iterable[Difference]:
    """Credit what was billed for days that no billing period has any more."""
    net: dict[date, int] = {}
    ends: dict[date, date] = {}
    for bill in billed:
        if not any(one.is_of(bill) for one in asked):
            net[bill.start] = net.get(bill.start, 0) + bill.amount_minor
            ends[bill.start] = max(ends.get(bill.start, bill.start), bill.end or bill.start)
    for start, amount in sorted(net.items()):
        yield Difference(Days(start, ends[start]), -amount)
