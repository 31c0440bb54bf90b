"""What orders do to funds, by the rules of the dossier and nothing else (U 1.9, 2.10 to 2.12)."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from tests.property.model import CREDIT, ZERO, Fund, Model, Part, half_up

Period = tuple[int, int]


@dataclass
class Order:
    """What an order did, and what there was before: units drawn, how much was reversed, funds.

    What was `adjusted` held and cost so much; `segments` of usage charges are the order's own.
    `invoiced` are funds that an invoice has billed since.
    """

    drawn: dict[Part, Fraction]
    mark: int
    known: int
    credited: list[int] = field(default_factory=list)
    adjusted: list[tuple[int, Fraction, int]] = field(default_factory=list)
    made: list[int] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    invoiced: set[int] = field(default_factory=set)

    @property
    def changed(self) -> set[int]:
        return {*self.credited, *(at for at, _, _ in self.adjusted)}


@dataclass
class Orders(Model):
    """Funds that orders change; what is left may `roll` over by itself, as a group, once."""

    rolls: int | None = None
    periods: tuple[Period, ...] = ()
    orders: list[Order] = field(default_factory=list)
    reversals: list[tuple[Part, int]] = field(default_factory=list)
    paid: dict[int, int] = field(default_factory=dict)

    def ordered(self) -> Order:
        """Begin an order."""
        drawn = {part: part.drawn for part in self.live}
        self.orders.append(Order(drawn, len(self.reversals), len(self.funds)))
        return self.orders[-1]

    # What orders do.

    def credit(self, order: Order, charges: Collection[int], day: int, option: str) -> None:
        """Credit all funds of charges that have days from `day` on."""
        funds = enumerate(self.funds)
        chosen = [at for at, f in funds if f.charge in charges and f.end > day and not f.done]
        first = {"TimeBased": day, "FullCreditBack": 0, "ConsumptionBased": None}[option]
        again = self._undraw(
            lambda part, at: at in chosen and first is not None and part.day >= first
        )
        for at in chosen:
            self._credit(at, day, self._credit_of(self.funds[at], day, option))
        order.credited += chosen
        self.redraw(dict.fromkeys(again))

    def go_on(self, order: Order, since: int | None, end: int, size: Fraction, cents: int) -> None:
        """Add funds for whole periods up to an end: since a day, or where the last one ends."""
        if since is None:
            since = max(fund.end for _, fund in self._recurring())
        for period in self.periods:
            if since <= period[0] and period[1] <= end:
                order.made.append(len(self.funds))
                self.fund(*period, size, cents)

    def update(self, order: Order, day: int, size: Fraction, cents: int) -> bool:
        """Have the funds of what recurs hold and cost so much from a day on, if none is over."""
        chosen = [(at, fund) for at, fund in self._recurring() if fund.start >= day]
        if day not in {fund.start for _, fund in chosen} or any(
            _is_over(fund) or size < fund.depleted for _, fund in chosen
        ):
            return False
        order.adjusted += [(at, fund.size, fund.cents) for at, fund in chosen]
        again = [part for at, _ in chosen for part in self._adjust(at, size, cents)]
        self.redraw(dict.fromkeys(again))
        return True

    def reprice(self, order: Order, charge: str, name: str, price: Fraction) -> None:
        """Have another segment of a usage charge, that draws as much and has a price of its own."""
        self.rates[name], self.prices[name] = self.rates[charge], price
        order.segments.append(name)

    def _recurring(self) -> list[tuple[int, Fund]]:
        return [
            (at, fund)
            for at, fund in enumerate(self.funds)
            if not fund.charge and fund.origin is None and fund.credited_on is None
        ]

    def undo_order(self, order: Order) -> bool:
        """Undo the latest order: as much is drawn as before; or nothing is undone."""
        again = [part for part, at in self.reversals[order.mark :] if at in order.changed]
        made = [self.funds[at] for at in order.made]
        if (
            order.invoiced & {*order.made, *(at for at, _, _ in order.adjusted)}
            or any(part.charge in order.segments for part in self.live)
            or any(part.billed for part in again)
            or any(
                _is_over(self.funds[at]) or size < self.funds[at].depleted
                for at, size, _ in order.adjusted
            )
            or any(fund.done or fund.moved for fund in made)
        ):
            return False
        theirs = [part for part in self.live if any(part.taken.get(at) for at in order.made)]
        most = self._most([*again, *theirs], order)
        for at in order.credited:
            self._restore(at)
        for at, size, cents in reversed(order.adjusted):
            again += self._adjust(at, size, cents)
        again += self._undraw(lambda _, at: at in order.made)
        # With the funds that it made go those that have rolled out of its funds and back.
        gone = [at for at in range(order.known, len(self.funds)) if self._is_of(order, at)]
        for at in gone:
            fund = self.funds[at]
            self._credit(at, fund.start, fund.cents - fund.moved_cents)
        for at in [at for at, fund in enumerate(self.funds) if not fund.done]:
            for part in [one for one in reversed(self.live) if one in again]:
                self._undraw_left(part, at)
        self.redraw({part: most.get(part) for part in again})
        self.orders.remove(order)
        return True

    def _is_of(self, order: Order, at: int) -> bool:
        origin, adjusted = self.funds[at].origin, [one for one, _, _ in order.adjusted]
        return at in order.made or (origin in adjusted and not self.funds[at].done)

    # What bill runs do.

    def pay(self, target: int) -> None:
        """Bill the prices of funds that have begun, less what is credited of them by then."""
        for at, fund in enumerate(self.funds):
            if fund.origin is None and (fund.start <= target or at in self.paid):
                family = [one for one in self.funds if self._root(one) is fund]
                price = fund.cents - sum(one.credited_by(target) for one in family)
                if price > self.paid.get(at, 0):
                    for order in self.orders:
                        order.invoiced.add(at)
                if price != self.paid.get(at, 0):
                    self.paid[at] = price

    def roll_due(self, target: int) -> None:
        """Deplete what rolled and is over; roll the latest period whose end is reached."""
        if self.rolls is None:
            return
        for at, fund in enumerate(self.funds):
            if fund.origin is not None and fund.balance and target > fund.end:
                self.deplete(at, fund.balance)
        for period in self.periods:
            following = self._following(period)
            if following and period[1] <= target < following[1]:
                self.roll(period, following, self.rolls, once=True)

    def expire(self, day: int) -> None:
        """Take what is left out of funds whose last day is not later, unless it may yet roll."""
        for fund in self.funds:
            if fund.end - 1 <= day and fund.balance and not self._may_roll(fund, day):
                fund.ended = True
        self._expire_again()

    def _root(self, fund: Fund) -> Fund:
        return fund if fund.origin is None else self._root(self._origin(fund))

    def _may_roll(self, fund: Fund, day: int) -> bool:
        following = self._following((0, fund.end))
        may = self.rolls is not None and fund.origin is None
        return may and following is not None and following[1] - 1 > day

    def _following(self, period: Period) -> Period | None:
        """Return the next validity period, unless all of it was credited."""
        there = {
            self._period_of(fund)
            for fund in self.funds
            if fund.credited_on is None or fund.credited_on > fund.start
        }
        return min((one for one in there if one[0] >= period[1]), default=None)

    def _period_of(self, fund: Fund) -> Period:
        return next(one for one in self.periods if one[0] <= fund.start < one[1])

    # One fund.

    def _credit_of(self, fund: Fund, day: int, option: str) -> int:
        """Return what is credited of what a fund costs, without what has rolled."""
        cents = fund.cents - fund.moved_cents
        if option == "FullCreditBack":
            return cents
        if option == "ConsumptionBased":
            return fund.worth_of_rest()
        unused = fund.end - max(day, fund.start)
        return half_up(Fraction(cents * unused, fund.end - fund.start))

    def _credit(self, at: int, day: int, cents: int) -> None:
        fund = self.funds[at]
        fund.credited_on, fund.credited, fund.done = max(day, fund.start), cents, True
        self.rows[at].setdefault((fund.credited_on, CREDIT), ZERO)
        self._expire_again()

    def _restore(self, at: int) -> None:
        fund = self.funds[at]
        assert fund.credited_on is not None
        key = fund.credited_on, CREDIT
        fund.balance += self.rows[at][key]
        self.rows[at][key] = ZERO
        fund.credited_on, fund.credited, fund.done = None, 0, False

    def _adjust(self, at: int, size: Fraction, cents: int) -> list[Part]:
        """Change what a fund holds and costs; what was drawn last makes room. Return who had it."""
        fund, chosen = self.funds[at], list[Part]()
        lacking = fund.size - fund.balance - size
        for part in reversed(self.live):
            back = self._undraw_left(part, at) if lacking > 0 else ZERO
            lacking -= back
            chosen += [part] if back else []
        fund.balance += size - fund.size
        fund.dearer += cents - fund.cents
        fund.size, fund.cents = size, cents
        return chosen

    # What parts have drawn.

    def _undraw(self, is_meant: Callable[[Part, int], bool]) -> list[Part]:
        """Give back what was drawn, take again what was given back; return what waits then."""
        waiting: dict[Part, None] = {}
        for part in sorted([*self.live, *self.owing], key=lambda part: part.quantity < 0):
            for at, units in list(part.taken.items()):
                if units and is_meant(part, at):
                    self._move(part, at, -units)
                    self._rest(part, units / self.rates[part.charge])
                    self.reversals += [(part, at)] if units > 0 else []
                    part.waits = True
                    waiting[part] = None
        self._expire_again()
        return [part for part in waiting if part in self.live]

    def _undraw_left(self, part: Part, at: int) -> Fraction:
        """Give back what was drawn, as far as the day has it yet; return how much."""
        units = min(part.taken.get(at, ZERO), self.rows[at].get((part.day, part.charge), ZERO))
        if units <= 0:
            return ZERO
        self._move(part, at, -units)
        self._rest(part, units / self.rates[part.charge])
        self.reversals.append((part, at))
        part.waits = True
        return units

    def _most(self, parts: Iterable[Part], order: Order) -> dict[Part, Fraction]:
        """Return how many units parts may draw: as many as now, or as before an order."""
        return {part: max(part.drawn, order.drawn.get(part, ZERO)) for part in parts}


def _is_over(fund: Fund) -> bool:
    return fund.done or fund.ended or bool(fund.moved)
