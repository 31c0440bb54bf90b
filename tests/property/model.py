"""What the books should say, by the rules of the dossier and nothing else (U 2.5 to 2.15, U 4.3).

Plain fractions and dictionaries; shares no code with the program. Days are days of January and
February 2026 counted from 1, money is cents.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

ZERO = Fraction(0)
EXPIRY = "~"


@dataclass
class Fund:
    """Units of some days, `end` not among them, and what they cost."""

    start: int
    end: int
    size: Fraction
    cents: int
    balance: Fraction = ZERO

    @property
    def expiry(self) -> tuple[int, str]:
        """Where units are counted that nobody used: after all usage of the last day."""
        return self.end - 1, EXPIRY

    def covers(self, day: int) -> bool:
        return self.start <= day < self.end


@dataclass(eq=False)
class Part:
    """A record on one charge: what it took from funds (negative: gave back), and the rest."""

    charge: str
    day: int
    quantity: Fraction
    taken: dict[int, Fraction] = field(default_factory=dict)
    rest: Fraction = ZERO


@dataclass
class Model:
    """Funds in the order of their use, and what was used of them."""

    rates: dict[str, Fraction]
    funds: list[Fund] = field(default_factory=list)
    rows: dict[int, dict[tuple[int, str], Fraction]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    overage: dict[tuple[str, int], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    live: list[Part] = field(default_factory=list)

    def fund(self, start: int, end: int, size: Fraction, cents: int) -> None:
        """Add a fund: it is used after those that start earlier or were there before."""
        self.funds.append(Fund(start, end, size, cents, size))

    def order(self) -> list[int]:
        return sorted(range(len(self.funds)), key=lambda at: (self.funds[at].start, at))

    def expire(self, day: int) -> None:
        """Take what is left out of funds whose last day is not later."""
        for at, fund in enumerate(self.funds):
            if fund.end - 1 <= day and fund.balance:
                self.rows[at].setdefault(fund.expiry, ZERO)
        self._expire_again()

    def use(self, charge: str, day: int, quantity: Fraction) -> Part:
        """Use a quantity, or take usage back."""
        part = Part(charge, day, quantity)
        self.live.append(part)
        if quantity >= 0:
            self._draw(part)
        else:
            self._reverse(part, quantity)
        self._expire_again()
        return part

    def undo(self, part: Part) -> None:
        """Undo a part as if it had never been; later reversals take from what is left."""
        self._undo(part)
        self._expire_again()

    def _expire_again(self) -> None:
        """What is left in a fund that has expired expires; what it lacks comes back from there."""
        for at, fund in enumerate(self.funds):
            if fund.expiry in self.rows[at]:
                self.rows[at][fund.expiry] += fund.balance
                fund.balance = ZERO

    def _there(self, at: int) -> Fraction:
        """Return what a fund can give: what is left, and what has expired."""
        fund = self.funds[at]
        return fund.balance + self.rows[at].get(fund.expiry, ZERO)

    def _undo(self, part: Part) -> None:
        self.live.remove(part)
        if part.quantity < 0:
            # What others have used meanwhile cannot be taken again: it is overage.
            lacking = -part.quantity - self._take_again(part)
            self.overage[part.charge, part.day] += lacking
            return
        is_reversed = self._is_reversed(part)
        self._give_up(part)
        if is_reversed:
            reversals = [
                one
                for one in self.live
                if one.quantity < 0 and (one.charge, one.day) == (part.charge, part.day)
            ]
            undone = [self._take_again(one) for one in reversed(reversals)]
            for one, quantity in zip(reversals, reversed(undone), strict=True):
                self._reverse(one, -quantity)

    def _draw(self, part: Part) -> None:
        need = part.quantity * self.rates[part.charge]
        for at in self.order():
            fund = self.funds[at]
            units = min(need, self._there(at))
            if units > 0 and fund.covers(part.day):
                self._move(part, at, units)
                need -= units
        self._rest(part, need / self.rates[part.charge])

    def _reverse(self, part: Part, quantity: Fraction) -> None:
        """Take back overage of the day first, then units of its funds, the last used first."""
        rate = self.rates[part.charge]
        cancelled = min(max(self.overage[part.charge, part.day], ZERO), -quantity)
        back = (-quantity - cancelled) * rate
        for at in reversed(self.order()):
            given = self.rows[at].get((part.day, part.charge), ZERO)
            units = min(back, given)
            if units > 0 and self.funds[at].covers(part.day):
                self._move(part, at, -units)
                back -= units
        self._rest(part, -cancelled - back / rate)

    def _give_up(self, part: Part) -> None:
        for at, units in list(part.taken.items()):
            self._move(part, at, -units)
        self._rest(part, -part.rest)

    def _take_again(self, part: Part) -> Fraction:
        """Take what a reversal gave back, as far as it is there; return how much that undid."""
        undone = -part.rest
        for at, units in list(part.taken.items()):
            again = min(-units, self._there(at))
            self._move(part, at, again)
            undone += again / self.rates[part.charge]
        self._rest(part, -part.rest)
        return undone

    def _is_reversed(self, part: Part) -> bool:
        key = part.day, part.charge
        return any(self.rows[at][key] < units for at, units in part.taken.items()) or (
            bool(part.rest) and self.overage[part.charge, part.day] < part.rest
        )

    def _move(self, part: Part, at: int, units: Fraction) -> None:
        if not units:
            return
        self.funds[at].balance -= units
        key = part.day, part.charge
        self.rows[at][key] = self.rows[at].get(key, ZERO) + units
        part.taken[at] = part.taken.get(at, ZERO) + units

    def _rest(self, part: Part, quantity: Fraction) -> None:
        part.rest += quantity
        self.overage[part.charge, part.day] += quantity

    def need(self, charge: str, day: int) -> Fraction:
        """Return what all records together need of a day, in units of the funds."""
        parts = [one for one in self.live if (one.charge, one.day) == (charge, day)]
        return sum((one.quantity for one in parts), ZERO) * self.rates[charge]

    def amounts(self, at: int) -> dict[tuple[int, str], int]:
        """Return the cents of each row: the running total rounded, less what came before."""
        fund, running, before, found = self.funds[at], ZERO, 0, {}
        for key, units in sorted(self.rows[at].items()):
            running += units
            after = half_up(fund.cents * running / fund.size)
            found[key] = after - before
            before = after
        return found


def half_up(value: Fraction) -> int:
    """Round to the nearest whole number, halves away from zero."""
    whole, rest = divmod(abs(value), 1)
    rounded = int(whole) + (rest >= Fraction(1, 2))
    return rounded if value >= 0 else -rounded
