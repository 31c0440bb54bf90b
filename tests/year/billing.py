"""What the company bills in a month, and what it takes back; in the books and in the reckoning."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from earned.services.ports import Books
from tests.year.company import (
    PREPAYMENTS,
    SERVICES,
    UNBILLED,
    Contract,
    Metered,
    Recurring,
)
from tests.year.meter import Meter
from tests.year.months import first_day, later, month_of
from tests.year.office import FEE, PREPAYMENT, TOP_UP, Office
from tests.year.reckoner import ADJUSTMENT, CREDIT, DEBIT, INVOICE, Bill, Reckoner

MEMOS = ((CREDIT, -1), (CREDIT, -1), (DEBIT, 1), (ADJUSTMENT, -1), (ADJUSTMENT, 1))


class Billing:
    """Bills that are planned, bills that were made, and what was made of those."""

    def __init__(self, office: Office, reckoner: Reckoner, random: Random) -> None:
        self.office = office
        self.reckoner = reckoner
        self.random = random
        self.planned: dict[int, list[tuple[Bill, str | None]]] = defaultdict(list)
        self.made: list[Bill] = []
        self.memos: dict[Bill, Bill] = {}
        self.canceled: set[Bill] = set()

    def plan(self, contract: Contract) -> None:
        """Plan the bills of a contract; some come a month late."""
        if isinstance(contract, Recurring):
            for start, end in _services(contract, contract.every):
                due = end + timedelta(1) if contract.in_arrears else start
                month = month_of(end if contract.in_arrears else start)
                self._plan(contract, month, due, (start, end))
        elif isinstance(contract, Metered) and contract.prepayment:
            for start, end in _services(contract, contract.prepayment.every):
                self._plan(contract, month_of(start), start, (start, end))

    def _plan(self, contract: Contract, month: int, due: date, service: tuple[date, date]) -> None:
        random, step = self.random, contract.money.step
        when = max(month, contract.signed) + (random.random() < 0.15)
        day = due if when == month else first_day(when) + timedelta(random.randrange(27))
        if isinstance(contract, Recurring):
            amount = random.randrange(contract.price // 2, contract.price * 2) // step * step
            rule, contra, name = contract.rule, contract.deferred, FEE
        else:
            assert isinstance(contract, Metered)
            assert contract.prepayment
            amount, rule, contra, name = contract.prepayment.price, None, PREPAYMENTS, PREPAYMENT
        bill = Bill(contract, INVOICE, day, amount, contra, service, rule)
        self.planned[when].append((bill, name))

    def bill(self, books: Books, month: int) -> None:
        """Post what is planned for a month, and a thing or two that nobody has planned."""
        for bill, name in self.planned[month]:
            self._bill(books, bill, name)
        recurring = [one for one in self.made if one.contract.deferred[0] == "Subscriptions"]
        if recurring:
            contract = self.random.choice(recurring).contract
            day = first_day(month) + timedelta(self.random.randrange(27))
            amount = self.random.randrange(1, 5_000) * contract.money.step
            self._bill(
                books, Bill(contract, INVOICE, day, amount, SERVICES, (day, day), None), None
            )

    def bill_top_up(self, books: Books, contract: Metered, day: date, price: int) -> None:
        """Bill more units that were prepaid for."""
        bill = Bill(contract, INVOICE, day, price, PREPAYMENTS, (day, day), None)
        self._bill(books, bill, TOP_UP)

    def bill_usage(self, books: Books, month: int, meter: Meter) -> None:
        """Bill what usage beyond the funds has cost and was not billed."""
        day = first_day(month) + timedelta(9)
        for usage in meter.contract.usages:
            rated = (sum(m.values()) for (unit, _), m in meter.rated.items() if unit == usage.unit)
            due = sum(rated) - meter.billed[usage.unit]
            if due > 0:
                meter.billed[usage.unit] += due
                bill = Bill(meter.contract, INVOICE, day, due, UNBILLED, (day, day), None)
                self._bill(books, bill, usage.unit)

    def _bill(self, books: Books, bill: Bill, name: str | None) -> None:
        self.reckoner.bill(bill)
        self.office.bill(books, bill, name)
        self.made.append(bill)

    def take_back(self, books: Books, month: int, count: int) -> None:
        """Credit and charge parts of invoices, by memos and adjustments of days of the month."""
        for _ in range(count):
            of = self.random.choice([one for one in self.made if one not in self.canceled])
            kind, sign = self.random.choice(MEMOS)
            left = of.amount - of.credited
            step = of.contract.money.step
            amount = self.random.randrange(1, left // 2) // step * step if left > 3 else 0
            if not amount:
                continue
            of.credited += amount if sign < 0 else 0
            day = first_day(month) + timedelta(self.random.randrange(27))
            memo = Bill(of.contract, kind, day, sign * amount, of.contra, of.service, of.rule)
            self.reckoner.bill(memo)
            self.office.memo(books, memo, of)
            self.memos[memo] = of

    def cancel(self, books: Books) -> None:
        """Cancel an invoice nothing was made of, and a memo, of open months, if there are."""
        depended_on = {of for memo, of in self.memos.items() if memo not in self.canceled}
        invoices = [one for one in self.made if self._is_open(one) and one not in depended_on]
        # What a charge has added may have been credited since; such a one stays.
        memos = [one for one in self.memos if self._is_open(one) and one.amount < 0]
        deferred = [one for one in invoices if one.schedule and one.schedule.undistributed]
        for found in (deferred or invoices, memos):
            if found:
                bill = self.random.choice(found)
                self.canceled.add(bill)
                self.office.cancel(books, bill)
                self.reckoner.cancel(bill)
                if bill in self.memos:
                    self.memos[bill].credited += bill.amount

    def _is_open(self, bill: Bill) -> bool:
        return bill not in self.canceled and month_of(bill.day) >= self.reckoner.closed


def _services(contract: Contract, every: int) -> Iterator[tuple[date, date]]:
    """Yield the first and last days of what is billed together."""
    for count in range(0, contract.months, every):
        start = later(contract.start, count)
        yield start, later(start, every) - timedelta(1)
