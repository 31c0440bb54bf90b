"""What the books should say, by the rules of the dossier and nothing else (U 2.5 to 2.15, U 4.3).

Plain fractions and dictionaries; shares no code with the program. Days are days of January and
February 2026 counted from 1, money is cents.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

ZERO = Fraction(0)
CREDIT, EXPIRY = "}", "~"
"""What units are counted under that nobody used, after all usage of the day."""


FIRST, ORDINARY, LAST = range(3)


@dataclass
class Fund:
    """Units of some days, `end` not among them, and what they cost.

    `moved` units rolled on, or back to the `origin`, for `moved_cents` of the price. Since a fund
    has `ended`, what comes back to it leaves it again. What was `depleted` by hand never comes
    back, and nothing at all of a fund that is `done`. `charge` is 0 for what recurs, and counts
    top-ups. A fund that was credited, `credited` cents on a day, is done. Orders may have made it
    `dearer` than it was at first.
    """

    start: int
    end: int
    size: Fraction
    cents: int
    balance: Fraction = ZERO
    group: int = ORDINARY
    origin: int | None = None
    moved: Fraction = ZERO
    moved_cents: int = 0
    ended: bool = False
    depleted: Fraction = ZERO
    done: bool = False
    charge: int = 0
    credited_on: int | None = None
    credited: int = 0
    dearer: int = 0

    @property
    def leaving(self) -> tuple[int, str] | None:
        """Where units are counted that come back to a fund that is over."""
        if self.credited_on is not None:
            return self.credited_on, CREDIT
        return self.expiry if self.ended else None

    @property
    def expiry(self) -> tuple[int, str]:
        """Where units are counted that nobody used: after all usage of the last day."""
        return self.end - 1, EXPIRY

    def credited_by(self, day: int) -> int:
        return self.credited if self.credited_on is not None and self.credited_on <= day else 0

    def covers(self, day: int) -> bool:
        return self.start <= day < self.end

    def worth(self, units: Fraction) -> int:
        return half_up(self.cents * units / self.size)

    def worth_of_rest(self) -> int:
        """What the units that are left cost and have not earned."""
        own = self.size - self.moved
        return self.worth(own) - self.worth(own - self.balance)


@dataclass(eq=False)
class Part:
    """A record on one charge: what it took from funds (negative: gave back), and the rest.

    What was `billed` is not drawn again, unless it `waits` since an order reversed its draws.
    """

    charge: str
    day: int
    quantity: Fraction
    taken: dict[int, Fraction] = field(default_factory=dict)
    rest: Fraction = ZERO
    billed: bool = False
    waits: bool = False

    @property
    def drawn(self) -> Fraction:
        """The units it has of all funds."""
        return sum(self.taken.values(), ZERO)


@dataclass
class Model:
    """Funds in the order of their use, and what was used of them.

    Charges, or segments of them, have units that they draw as `rates`, and cents as `prices`.
    """

    rates: dict[str, Fraction]
    prices: dict[str, Fraction] = field(default_factory=dict)
    funds: list[Fund] = field(default_factory=list)
    rows: dict[int, dict[tuple[int, str], Fraction]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    overage: dict[tuple[str, int], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    live: list[Part] = field(default_factory=list)
    owing: list[Part] = field(default_factory=list)
    billed: dict[tuple[str, int], tuple[Fraction, int]] = field(default_factory=dict)

    def fund(self, start: int, end: int, size: Fraction, cents: int, charge: int = 0) -> None:
        """Add a fund: it is used after those that start earlier or were there before."""
        self.funds.append(Fund(start, end, size, cents, size, charge=charge))

    def may(self, part: Part, at: int) -> bool:
        """Say whether a part may draw from a fund."""
        return self.funds[at].covers(part.day)

    def order(self) -> list[int]:
        """The order of use: what rolled and applies first, ordinary funds, what applies last."""
        return sorted(range(len(self.funds)), key=self._place)

    def _place(self, at: int) -> tuple[int, int, int]:
        return self.funds[at].group, self.funds[at].start, at

    def expire(self, day: int) -> None:
        """Take what is left out of funds whose last day is not later."""
        for fund in self.funds:
            if fund.end - 1 <= day and fund.balance:
                fund.ended = True
        self._expire_again()

    def deplete(self, at: int, units: Fraction) -> None:
        """Take units out of a fund for good, on its last day."""
        fund = self.funds[at]
        fund.ended = fund.done = units == fund.balance
        self.rows[at][fund.expiry] = self.rows[at].get(fund.expiry, ZERO) + units
        fund.balance -= units
        fund.depleted += units

    def roll(
        self, source: tuple[int, int], into: tuple[int, int], group: int, *, once: bool = False
    ) -> int:
        """Roll what is left of a validity period into another; return how many funds that made.

        Where funds roll `once`, not what has rolled before.
        """
        funds = self.funds
        rolling = [at for at in self._within(source) if funds[at].balance]
        rolling = [at for at in rolling if not (once and funds[at].origin is not None)]
        for at in rolling:
            fund = self.funds[at]
            cents, units = fund.worth_of_rest(), fund.balance
            made = Fund(*into, units, cents, units, group, origin=at, charge=fund.charge)
            self.funds.append(made)
            self._leave(fund, units, cents)
        return len(rolling)

    def roll_back(self, source: tuple[int, int], into: tuple[int, int]) -> int | None:
        """Take all of a rollover back; None if something has become of it."""
        origins = self._within(into)
        made = [at for at in self._within(source) if self.funds[at].origin in origins]
        made = [at for at in made if self.funds[at].moved < self.funds[at].size]
        for at in made:
            fund = self.funds[at]
            if fund.balance != fund.size or self._origin(fund).done:
                return None
        for at in made:
            fund = self.funds[at]
            self._leave(self._origin(fund), -fund.size, -fund.cents)
            self._leave(fund, fund.size, fund.cents)
        self._expire_again()
        return len(made)

    def _within(self, period: tuple[int, int]) -> list[int]:
        start, end = period
        return [at for at, fund in enumerate(self.funds) if start <= fund.start < end]

    def _origin(self, fund: Fund) -> Fund:
        assert fund.origin is not None
        return self.funds[fund.origin]

    def _leave(self, fund: Fund, units: Fraction, cents: int) -> None:
        fund.balance -= units
        fund.moved += units
        fund.moved_cents += cents

    def redraw(self, most: Mapping[Part, Fraction | None] | None = None) -> None:
        """Draw what waits from funds that cover it now, the first recorded first.

        All of it, or only these parts, and at `most` so many units of each in all.
        """
        for part in self.live if most is None else [one for one in self.live if one in most]:
            rate = self.rates[part.charge]
            waits = min(part.rest, max(self.overage[part.charge, part.day], ZERO))
            if waits > 0 and (part.waits or not part.billed):
                need, limit = waits * rate, None if most is None else most[part]
                if limit is not None:
                    need = min(need, max(limit - part.drawn, ZERO))
                self._rest(part, (self._take(part, need) - need) / rate)
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

    def bill(self, months: Iterable[tuple[int, int]]) -> None:
        """Bill overage of months that are over, as totals; draw what waits once more before."""
        self.redraw()
        for (start, end), charge in product(months, self.rates):
            days = [self.overage[charge, day] for day in range(start, end)]
            quantity = hundredths_up(max(sum(days, ZERO), ZERO))
            total = quantity, half_up(quantity * self.prices[charge])
            if total != self.billed.get((charge, start), (ZERO, 0)):
                self.billed[charge, start] = total
                for part in self.live:
                    is_here = part.charge == charge and start <= part.day < end
                    if is_here and part.rest:
                        part.billed, part.waits = True, False

    def _expire_again(self) -> None:
        """What is left in a fund that has expired expires; what it lacks comes back from there."""
        for at, fund in enumerate(self.funds):
            if fund.leaving:
                row = self.rows[at].get(fund.leaving, ZERO)
                self.rows[at][fund.leaving] = row + fund.balance
                fund.balance = ZERO

    def _there(self, at: int) -> Fraction:
        """Return what a fund can give: what is left, and what has expired."""
        fund = self.funds[at]
        expired = self.rows[at].get(fund.expiry, ZERO) - fund.depleted
        return fund.balance + (ZERO if fund.done else expired)

    def _undo(self, part: Part) -> None:
        self.live.remove(part)
        if part.quantity < 0:
            # What others have used meanwhile cannot be taken again: it is overage.
            lacking = -part.quantity - self._take_again(part)
            self.overage[part.charge, part.day] += lacking
            self.owing += [part] if lacking else []
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
            self._settle(part)

    def _settle(self, gone: Part) -> None:
        """Units that came back twice are taken again by the deleted reversals that owe them."""
        key = gone.day, gone.charge
        for at in gone.taken:
            for one in (one for one in self.owing if (one.day, one.charge) == key):
                units = min(-one.taken.get(at, ZERO), -self.rows[at][key], self.funds[at].balance)
                if units > 0:
                    self._move(one, at, units)
                    self.overage[one.charge, one.day] -= units / self.rates[one.charge]

    def _draw(self, part: Part) -> None:
        rate = self.rates[part.charge]
        self._rest(part, self._take(part, part.quantity * rate) / rate)

    def _take(self, part: Part, need: Fraction) -> Fraction:
        """Take what is needed from the funds of the day; return what they lack."""
        for at in self.order():
            units = min(need, self._there(at))
            if units > 0 and self.may(part, at):
                self._move(part, at, units)
                need -= units
        return need

    def _reverse(self, part: Part, quantity: Fraction) -> None:
        """Take back overage of the day first, then units of its funds, the last used first."""
        rate = self.rates[part.charge]
        cancelled = min(max(self.overage[part.charge, part.day], ZERO), -quantity)
        back = (-quantity - cancelled) * rate
        for at in reversed(self.order()):
            given = self.rows[at].get((part.day, part.charge), ZERO)
            units = min(back, given)
            if units > 0 and self.may(part, at):
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

    def overage_amounts(self, months: Iterable[tuple[int, int]]) -> dict[tuple[str, int], int]:
        """Return the cents of each day's overage: of the month to date, less what came before."""
        found = {}
        for (start, end), charge in product(months, self.rates):
            days = sorted(day for one, day in self.overage if one == charge and start <= day < end)
            running, before = ZERO, 0
            for day in days:
                running += self.overage[charge, day]
                after = half_up(hundredths_up(max(running, ZERO)) * self.prices[charge])
                found[charge, day] = after - before
                before = after
        return found

    def amounts(self, at: int) -> dict[tuple[int, str], int]:
        """Return the cents of each row: the running total rounded, less what came before."""
        fund, running, before, found = self.funds[at], ZERO, 0, {}
        for key, units in sorted(self.rows[at].items()):
            running += units
            after = fund.worth(running)
            found[key] = after - before
            before = after
        if fund.credited_on is not None:
            found[fund.credited_on, CREDIT] -= fund.credited
        return found


def hundredths_up(quantity: Fraction) -> Fraction:
    """Round up to what the units of usage have: two decimals, after all is added up (U 1.3)."""
    return Fraction(-(-quantity * 100 // 1), 100)


def half_up(value: Fraction) -> int:
    """Round to the nearest whole number, halves away from zero."""
    whole, rest = divmod(abs(value), 1)
    rounded = int(whole) + (rest >= Fraction(1, 2))
    return rounded if value >= 0 else -rounded
