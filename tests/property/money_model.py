"""What the books should say where funds hold money, by the rules of the dossier (U 2.8).

Usage is rated first: a record costs what it adds to the total of its month, rounded once. Funds pay
that; what they have not is open. Units of funds are cents here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from tests.property.model import ZERO, Model, Part, half_up

Month = tuple[int, int]


@dataclass
class Money(Model):
    """Usage of one charge, which cents pay for; `overage` is the cents that are open of a day."""

    months: tuple[Month, ...] = ()
    price: Callable[[Fraction], Fraction] = Fraction
    cost: dict[Part, int] = field(default_factory=lambda: defaultdict(int))

    def use(self, charge: str, day: int, quantity: Fraction) -> Part:
        """Use a quantity: what the month costs more by it, is what it costs."""
        part, before = Part(charge, day, quantity), self._total(day)
        self.live.append(part)
        self._owe(part, self._total(day) - before)
        self._expire_again()
        return part

    def undo(self, part: Part) -> None:
        """Undo a part; the last one of its month costs what the month then costs more by it."""
        before, key = self._total(part.day), (part.day, part.charge)
        self.live.remove(part)
        back = ZERO
        for at, units in list(part.taken.items()):
            held = max(self.rows[at][key], ZERO)
            moved = -min(units, held) if units > 0 else min(-units, self._there(at))
            self._move(part, at, moved)
            back -= moved
        self.overage[part.charge, part.day] += back - self.cost[part]
        more = self._total(part.day) - (before - self.cost[part])
        others = [one for one in self.live if self._month(one.day) == self._month(part.day)]
        if more and others:
            self._owe(others[-1], more)
        self._expire_again()

    def redraw_all(self) -> None:
        """Have funds pay what is open and not billed, the first recorded first."""
        for part in self.live:
            key = part.charge, part.day
            needed = min(self._rest_of(part), self.overage[key])
            if needed > 0 and self.cost[part] > 0 and not part.billed:
                self.overage[key] -= needed - self._take(part, needed)
        self._expire_again()

    def invoice(self, months: Iterable[Month], charge: str) -> None:
        """Bill what is open of months that are over, as totals."""
        self.redraw_all()
        for month in months:
            still = int(sum((self.overage[charge, day] for day in range(*month)), ZERO))
            total = self._billed_quantity(month, still), still
            if total != self.billed.get((charge, month[0]), (ZERO, 0)):
                self.billed[charge, month[0]] = total
                for part in self.live:
                    is_here = self._month(part.day) == month
                    part.billed |= is_here and bool(self.cost[part] and self._rest_of(part))

    def used(self, day: int) -> Fraction:
        """Return all usage of a day."""
        return sum((part.quantity for part in self.live if part.day == day), ZERO)

    def _owe(self, part: Part, cents: int) -> None:
        """Have a part cost more, or less: what is open of its day goes first, then its funds."""
        key, self.cost[part] = (part.charge, part.day), self.cost[part] + cents
        more, waits = Fraction(cents), -self.overage[key]
        rest = more - (max(min(waits, more), ZERO) if more > 0 else min(max(waits, more), ZERO))
        drawn = rest - self._take(part, rest) if rest > 0 else -self._give(part, -rest)
        self.overage[key] += more - drawn

    def _give(self, part: Part, cents: Fraction) -> Fraction:
        """Give cents back to the funds of the day, the last drawn first; return how many."""
        back = cents
        for at in reversed(self.order()):
            units = min(back, self.rows[at].get((part.day, part.charge), ZERO))
            if units > 0 and self.may(part, at):
                self._move(part, at, -units)
                back -= units
        return cents - back

    def _billed_quantity(self, month: Month, still: int) -> Fraction:
        """Return the share of the month's usage that is open."""
        used = max(sum((self.used(day) for day in range(*month)), ZERO), ZERO)
        total = half_up(self.price(used))
        return used * still / total if total and still else ZERO

    def _rest_of(self, part: Part) -> Fraction:
        return self.cost[part] - part.drawn

    def _total(self, day: int) -> int:
        used = sum((self.used(one) for one in range(*self._month(day))), ZERO)
        return half_up(self.price(max(used, ZERO)))

    def _month(self, day: int) -> Month:
        return next(month for month in self.months if day in range(*month))
