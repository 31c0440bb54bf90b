"""What the books must say, reckoned from the rules alone: no code of the program is used.

It holds revenue schedules as amounts by month, and everything that is ever posted, one amount at a
time. Months close in their order, so `closed` and `defined` count them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from tests.year.company import RECEIVABLE, UNBILLED, Code, Contract
from tests.year.formulas import Months, Spread, carried, targets
from tests.year.months import OPEN_ENDED, first_day, month_of
from tests.year.rules import spread_by

REVENUE, INVOICE = "Revenue Event Item", "Invoice Item"
CREDIT, DEBIT = "Credit Memo Item (Charge)", "Debit Memo Item (Charge)"
ADJUSTMENT, BY_HAND = "Invoice Item Adjustment (Invoice)", "by hand"
PICKED_UP = (INVOICE, ADJUSTMENT, REVENUE, DEBIT, CREDIT)

DRAWDOWN, SCHEDULE, BREAKAGE = "drawdown", "schedule", "breakage"
CAUSES = (DRAWDOWN, SCHEDULE, BREAKAGE)

Entry = tuple[str, str, Code, Code, int]
"""Of a journal: transaction type, currency, what is debited and credited, how much."""


@dataclass(eq=False)
class Schedule:
    """An amount of a contract, and the months it lies in.

    It is added to what is deferred on the day `booked`. A schedule of overage never was deferred.
    """

    contract: Contract
    day: date
    booked: date
    amount: int
    is_overage: bool = False
    spread: Spread | None = None
    held: Months = field(default_factory=dict)

    @property
    def undistributed(self) -> int:
        return self.held.get(OPEN_ENDED, 0)


@dataclass
class Posting:
    """One transaction in the books of a month; negative ones are posted the other way round."""

    type: str
    contract: Contract | None
    currency: str
    month: int
    debit: Code
    credit: Code
    amount: int
    schedule: Schedule | None = None
    in_journal: bool = False


@dataclass
class Moved:
    """What was put into a month of a schedule, or taken out of it, and why."""

    schedule: Schedule
    month: int
    cause: str
    amount: int


@dataclass(eq=False)
class Bill:
    """An item of a billing document, with its schedule if it has one."""

    contract: Contract
    type: str
    day: date
    amount: int
    contra: Code
    service: tuple[date, date]
    rule: str | None
    schedule: Schedule | None = None
    credited: int = 0


class Reckoner:
    """Schedules, postings, and how far the books are defined and closed."""

    def __init__(self) -> None:
        self.defined = 0
        self.closed = 0
        self.schedules: list[Schedule] = []
        self.postings: list[Posting] = []
        self.moved: list[Moved] = []
        self.owed: Counter[tuple[str, int, str]] = Counter()

    @property
    def open_months(self) -> range:
        return range(self.closed, self.defined)

    def lands(self, month: int) -> int:
        """Return where revenue of a month goes: into it, or the next one that is open."""
        return max(month, self.closed)

    # Schedules.

    def define(self, months: int) -> None:
        """Define more months; each takes its share of what was spread over it (F10)."""
        for month in range(self.defined, self.defined + months):
            self.defined += 1
            for one in self.schedules:
                share = self._share(one, month) if one.spread else 0
                self.move(one, {month: share, OPEN_ENDED: -share})

    def _share(self, schedule: Schedule, month: int) -> int:
        """What the formula says up to the month, less what there is; no more than is left."""
        assert schedule.spread
        wanted = targets(schedule.amount, schedule.spread, schedule.contract.money)
        left = schedule.undistributed
        due = sum(minor for at, minor in wanted.items() if at <= month) - (schedule.amount - left)
        return max(min(due, 0), left) if left < 0 else min(max(due, 0), left)

    def open(
        self,
        contract: Contract,
        day: date,
        amount: int,
        held: Mapping[int, int],
        *,
        spread: Spread | None = None,
        is_overage: bool = False,
    ) -> Schedule:
        """Make a schedule that lies so; one dated in a closed month is booked in the first open."""
        booked = max(day, first_day(self.closed))
        made = Schedule(contract, day, booked, amount, is_overage, spread)
        assert sum(held.values()) == amount
        self.schedules.append(made)
        self.move(made, held, DRAWDOWN if is_overage else SCHEDULE)
        return made

    def spread(self, contract: Contract, day: date, amount: int, spread: Spread) -> Schedule:
        """Make a schedule by a formula."""
        held = self.by_formula(amount, spread, contract, {})
        return self.open(contract, day, amount, held, spread=spread)

    def by_formula(
        self, amount: int, spread: Spread, contract: Contract, held: Mapping[int, int]
    ) -> Months:
        wanted = targets(amount, spread, contract.money)
        return carried(wanted, self.closed, self.defined, held)

    def move(self, schedule: Schedule, deltas: Mapping[int, int], cause: str = SCHEDULE) -> None:
        """Put amounts into months and take them out."""
        self.shift(schedule, deltas)
        for month, minor in deltas.items():
            self.note(schedule, month, cause, minor)

    def note(self, schedule: Schedule, month: int, cause: str, minor: int) -> None:
        """Remember why an amount is put into a month."""
        if minor:
            self.moved.append(Moved(schedule, month, cause, minor))

    def shift(self, schedule: Schedule, deltas: Mapping[int, int]) -> None:
        """Do so without saying why; what lies in a month is posted in it."""
        contract = schedule.contract
        deferred = UNBILLED if schedule.is_overage else contract.deferred
        for month, minor in deltas.items():
            assert not minor or month >= self.closed, "a closed month does not change"
            schedule.held[month] = schedule.held.get(month, 0) + minor
            if minor and month != OPEN_ENDED:
                self.post(REVENUE, contract, month, deferred, contract.revenue, minor)
                self.postings[-1].schedule = schedule

    def spread_anew(self, schedule: Schedule, spread: Spread) -> None:
        """Spread all of a schedule over a range of days, but for what is in closed months."""
        new = self.by_formula(schedule.amount, spread, schedule.contract, schedule.held)
        held = schedule.held
        self.move(schedule, {at: minor - held.get(at, 0) for at, minor in new.items()})
        schedule.spread = spread

    def move_by_hand(self, schedule: Schedule, deltas: Mapping[int, int]) -> None:
        """Move amounts; whoever touches Open-Ended ends the range that is remembered."""
        assert not sum(deltas.values())
        self.move(schedule, deltas)
        if deltas.get(OPEN_ENDED):
            schedule.spread = None

    def may_delete(self, schedule: Schedule) -> bool:
        """Say whether nothing of a schedule is in a closed month or a journal (R 2.5)."""
        held = any(schedule.held.get(month, 0) for month in range(self.closed))
        is_open = month_of(schedule.day) >= self.closed
        mine = (one for one in self.postings if one.schedule is schedule)
        return is_open and not held and not any(one.in_journal for one in mine)

    def delete(self, schedule: Schedule) -> None:
        """Forget a schedule."""
        self.schedules.remove(schedule)
        self.postings = [one for one in self.postings if one.schedule is not schedule]
        self.moved = [one for one in self.moved if one.schedule is not schedule]

    # Billing.

    def bill(self, bill: Bill) -> Bill:
        """Post an item of a document, with the schedule that its rule makes."""
        self._post_bill(bill, bill.amount)
        if bill.rule is None:
            return bill
        spread = spread_by(bill.rule, bill.day, *bill.service)
        if spread is None:
            held = {OPEN_ENDED: bill.amount}
            bill.schedule = self.open(bill.contract, bill.day, bill.amount, held)
        else:
            bill.schedule = self.spread(bill.contract, bill.day, bill.amount, spread)
        return bill

    def cancel(self, bill: Bill) -> None:
        """Post an item back in its month; another schedule takes its revenue back (R9, R10)."""
        self._post_bill(bill, -bill.amount)
        if bill.schedule is None:
            return
        wanted = {month: -minor for month, minor in bill.schedule.held.items()}
        held = carried(wanted, self.closed, self.defined, {})
        bill.schedule.spread = None
        self.open(bill.contract, bill.schedule.day, -bill.amount, held)

    def _post_bill(self, bill: Bill, amount: int) -> None:
        month, currency = month_of(bill.day), bill.contract.money.code
        taken = bill.type == CREDIT
        sides = (bill.contra, RECEIVABLE) if taken else (RECEIVABLE, bill.contra)
        self.post(bill.type, bill.contract, month, *sides, -amount if taken else amount)
        self.owed[currency, month, bill.type] += -amount if taken else amount

    # Postings.

    def post(
        self, kind: str, contract: Contract, month: int, debit: Code, credit: Code, amount: int
    ) -> None:
        currency = contract.money.code
        self.postings.append(Posting(kind, contract, currency, month, debit, credit, amount))

    def post_by_hand(
        self, currency: str, month: int, debit: Code, credit: Code, amount: int
    ) -> None:
        """Post an entry made by hand: in a trial balance, and picked up by no run."""
        posting = Posting(BY_HAND, None, currency, month, debit, credit, amount, in_journal=True)
        self.postings.append(posting)

    def journal(self, month: int, organization: str | None = None) -> Counter[Entry]:
        """Return the entries that a run makes: of what is in none yet, by kind and never netted."""
        sums: Counter[tuple[str, str, Code, Code]] = Counter()
        for one in self.postings:
            mine = one.contract and organization in {None, one.contract.customer.organization}
            if one.month == month and mine and not one.in_journal:
                one.in_journal = True
                sides = (one.debit, one.credit) if one.amount > 0 else (one.credit, one.debit)
                sums[one.type, one.currency, *sides] += abs(one.amount)
        return Counter((*kind, amount) for kind, amount in sums.items())

    def in_month(self, month: int) -> Iterator[Posting]:
        return (one for one in self.postings if one.month == month)
