"""What usage earns, reckoned from the rules: funds by running totals, the rest by tiers (U 2, U 4).

Units flow as in the model of the drawdown property; what they are worth is reckoned here, by month:
the value of all units up to the end of a month, less that of all up to the end of the one before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from tests.property.model import EXPIRY, Model, Part
from tests.year.company import NONE, Metered, Prepayment, Usage
from tests.year.months import OPEN_ENDED, day_of, later, month_of, number_of
from tests.year.reckoner import BREAKAGE, DRAWDOWN, Reckoner, Schedule

ZERO = Fraction(0)
Caused = tuple[int, str]
"""A month, and why something is earned in it."""


@dataclass
class Fund:
    """What is known of a fund besides its units: its schedule, its end, what was collected."""

    at: int
    prepayment: Prepayment
    start: date
    last_day: date
    schedule: Schedule
    collected: Counter[Caused]
    credit: tuple[date, int] | None = None

    def value(self, units: Fraction) -> int:
        """Return what so many units are worth: all of the price once all are used that will be."""
        enough = self.prepayment.units * (1 - Fraction(self.prepayment.expected or 0))
        if units >= enough:
            return self.prepayment.price
        return self.schedule.contract.money.rounded(self.prepayment.price * units / enough)


class Meter:
    """The usage of one contract."""

    def __init__(self, contract: Metered, reckoner: Reckoner) -> None:
        self.contract = contract
        self.reckoner = reckoner
        self.model = Model({one.unit: Fraction(one.rate) for one in contract.usages})
        self.funds: list[Fund] = []
        for start in self._starts():
            assert contract.prepayment
            self._fund(start, later(start, contract.prepayment.every), contract.prepayment)
        self.rated: dict[tuple[str, date], Counter[int]] = defaultdict(Counter)
        self.billed: Counter[str] = Counter()
        self.is_over = False

    def _starts(self) -> Iterator[date]:
        if self.contract.prepayment:
            for count in range(0, self.contract.months, self.contract.prepayment.every):
                yield later(self.contract.start, count)

    def _fund(self, start: date, end: date, prepayment: Prepayment) -> None:
        self.model.fund(
            number_of(start), number_of(end), Fraction(prepayment.units), prepayment.price
        )
        price = prepayment.price
        schedule = self.reckoner.open(self.contract, start, price, {OPEN_ENDED: price})
        last_day = day_of(number_of(end) - 1)
        fund = Fund(len(self.funds), prepayment, start, last_day, schedule, Counter())
        self.funds.append(fund)

    def fund_on(self, day: date) -> Fund | None:
        """Return the fund that a contract was signed for, of a day on which it still is."""
        plain = (one for one in self.funds if one.prepayment is self.contract.prepayment)
        covering = (one for one in plain if one.start <= day <= one.last_day)
        return None if self.is_over else next(covering, None)

    def top_up(self, day: date, units: int, price: int) -> None:
        """Prepay for more units, good from a day to the end of what it falls into."""
        fund = self.fund_on(day)
        assert fund
        more = replace(fund.prepayment, units=units, price=price)
        self._fund(day, day_of(number_of(fund.last_day) + 1), more)

    def use(self, unit: str, day: date, quantity: int) -> Part:
        return self.model.use(unit, number_of(day), Fraction(quantity))

    def undo(self, part: Part) -> None:
        self.model.undo(part)

    def expire(self, day: date) -> None:
        """Take what is left out of funds whose last day is not later, where the policy does."""
        if self.contract.prepayment and self.contract.prepayment.breakage != NONE:
            self.model.expire(number_of(day))

    def credit(self, fund: Fund, day: date, amount: int) -> None:
        """End a fund early: its units go, and an amount is given back that is never earned."""
        self.model.funds[fund.at].balance = ZERO
        fund.credit = (day, amount)
        self.is_over = True
        self.reckoner.open(self.contract, day, -amount, {OPEN_ENDED: -amount})

    # What is earned.

    def earned(self, fund: Fund) -> Mapping[Caused, int]:
        """Return what a fund earns in each month, by use and by what nobody used."""
        used: dict[int, Fraction] = defaultdict(Fraction)
        expired = False
        for (number, charge), units in self.model.rows[fund.at].items():
            if charge == EXPIRY:
                expired = True
            else:
                used[month_of(day_of(number))] += units
        found: dict[Caused, int] = {}
        running, worth = ZERO, 0
        for month in sorted(used):
            running += used[month]
            found[month, DRAWDOWN] = fund.value(running) - worth
            worth = fund.value(running)
        if expired:
            found[month_of(fund.last_day), BREAKAGE] = fund.prepayment.price - worth
        if fund.credit:
            day, amount = fund.credit
            found[month_of(day), BREAKAGE] = fund.prepayment.price - amount - worth
        return found

    def overage(self, usage: Usage) -> Mapping[date, Mapping[int, int]]:
        """Return what usage beyond the funds costs in each month, by service period."""
        periods: dict[date, dict[int, Fraction]] = defaultdict(dict)
        for (unit, number), quantity in self.model.overage.items():
            if unit == usage.unit:
                day = day_of(number)
                months = periods[self._service_start(day)]
                months[month_of(day)] = months.get(month_of(day), ZERO) + quantity
        return {start: self._rate(usage, months) for start, months in periods.items()}

    def _service_start(self, day: date) -> date:
        """Return the first day of the service month that a day is in, from the contract's start."""
        start = later(self.contract.start, month_of(day) - month_of(self.contract.start))
        return start if start <= day else later(start, -1)

    def _rate(self, usage: Usage, months: Mapping[int, Fraction]) -> Mapping[int, int]:
        found, running, worth = {}, ZERO, 0
        for month in sorted(months):
            running += months[month]
            price = self.contract.money.rounded(price_of(usage, running) * self._factor)
            found[month], worth = price - worth, price
        return found

    @property
    def _factor(self) -> int:
        return int(10**self.contract.money.scale)

    # What is collected.

    def collect(self) -> None:
        """Move what is earned and was not collected; closed months give it to the next open one."""
        for fund in self.funds:
            self._collect_fund(fund)
        for usage in self.contract.usages:
            for start, months in self.overage(usage).items():
                self._collect_overage(self.rated[usage.unit, start], start, months)

    def _collect_fund(self, fund: Fund) -> None:
        earned = self.earned(fund)
        deltas: Counter[int] = Counter()
        for key in sorted(earned.keys() | fund.collected.keys()):
            month, cause = key
            due = earned.get(key, 0) - fund.collected[key]
            if not due or month >= self.reckoner.defined:
                continue
            home = self.reckoner.lands(month)
            deltas[home] += due
            deltas[OPEN_ENDED] -= due
            fund.collected[key] += due
            self.reckoner.note(fund.schedule, home, cause, due)
        self.reckoner.shift(fund.schedule, deltas)

    def _collect_overage(self, rated: Counter[int], start: date, months: Mapping[int, int]) -> None:
        """Make a schedule of the difference, if there is one in any month."""
        held: Counter[int] = Counter()
        for month in sorted(months.keys() | rated.keys()):
            due = months.get(month, 0) - rated[month]
            if due and month < self.reckoner.defined:
                held[self.reckoner.lands(month)] += due
                rated[month] += due
        if any(held.values()):
            amount = sum(held.values())
            self.reckoner.open(self.contract, start, amount, held, is_overage=True)


def price_of(usage: Usage, quantity: Fraction) -> Fraction:
    """Return what a quantity costs in one service period, in major units, tier by tier."""
    price, floor = ZERO, ZERO
    for top, of_a_unit in usage.tiers:
        reached = quantity if top is None else min(quantity, Fraction(top))
        if reached > floor:
            price += (reached - floor) * Fraction(of_a_unit)
            floor = reached
    return price
