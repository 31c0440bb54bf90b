"""The company: its customers and what they have signed, generated from a seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tests.year.money import CURRENCIES, Money
from tests.year.months import first_day, later
from tests.year.rules import CATCH_UP_RULE, RULES

Code = tuple[str, str]
"""The name and the type of an accounting code."""

RECEIVABLE = ("Receivable", "AccountsReceivable")
UNBILLED = ("Unbilled", "UnbilledReceivables")
PREPAYMENTS, USAGE = ("Prepayments", "DeferredRevenue"), ("Usage", "SalesRevenue")
SUBSCRIPTIONS = ("Subscriptions", "DeferredRevenue")
SUBSCRIPTION_REVENUE = ("Subscription Revenue", "SalesRevenue")
PROJECTS, SERVICES = ("Projects", "DeferredRevenue"), ("Services", "OtherRevenue")
CODES = (
    *(RECEIVABLE, UNBILLED, PREPAYMENTS, USAGE, SUBSCRIPTIONS, SUBSCRIPTION_REVENUE),
    *(PROJECTS, SERVICES),
)

NORTH, SOUTH = "North", "South"
AT_EXPIRY, PROPORTIONAL, NONE = "AtExpiry", "Proportional", "None"


@dataclass(frozen=True)
class Customer:
    """Who buys, in one currency, from one part of the company."""

    number: str
    money: Money
    organization: str


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What a customer has signed in the month `signed`, for `months` from `start` on."""

    customer: Customer
    signed: int
    start: date
    months: int
    deferred: Code
    revenue: Code

    @property
    def end(self) -> date:
        """The first day after it."""
        return later(self.start, self.months)

    @property
    def money(self) -> Money:
        return self.customer.money


@dataclass(frozen=True)
class Usage:
    """What is used: its unit, how many prepaid units one takes, and tiers of what costs extra.

    A tier is up to how many units it reaches, None for the last, and its price in major units.
    """

    unit: str
    rate: str
    tiers: tuple[tuple[int | None, str], ...]


@dataclass(frozen=True)
class Prepayment:
    """Units for every so many months, at a price, and what becomes of those nobody uses."""

    every: int
    units: int
    price: int
    breakage: str
    expected: str | None


@dataclass(frozen=True, kw_only=True)
class Metered(Contract):
    """Usage, most often prepaid; `monthly` is about how much is used in a month."""

    usages: tuple[Usage, ...]
    prepayment: Prepayment | None
    monthly: int


@dataclass(frozen=True, kw_only=True)
class Recurring(Contract):
    """A fee billed for every so many months, in advance or when they are over."""

    every: int
    price: int
    rule: str
    in_arrears: bool


@dataclass(frozen=True, kw_only=True)
class Project(Contract):
    """Work whose revenue people distribute by hand."""


STARTS = (
    *((0, 0, 1), (0, 0, 1), (0, 0, 1), (0, 0, 15), (1, 1, 10), (2, 1, 20), (3, 2, 1)),
    *((4, 4, 1), (6, 6, 15), (8, 7, 10)),
)
"""When contracts are signed, and the month and day they start: some after that day is closed."""

UNITS = (("Token", "1"), ("Call", "2"), ("Image", "2.5"))
KINDS = "PPRPRPPRJPRMPRPRPJ"
"""Prepaid, recurring, project, metered: three rounds of these make 54 customers."""


def generate(random: Random, customers: int = 54) -> Sequence[Contract]:
    """Return the contracts of a company, one for each customer."""
    codes = list(CURRENCIES)
    made: list[Contract] = []
    for at in range(customers):
        organization = NORTH if random.random() < 0.6 else SOUTH
        money = CURRENCIES[codes[(at + at // len(KINDS)) % len(codes)]]
        customer = Customer(f"A-{at + 1:03}", money, organization)
        make = {"P": _prepaid, "R": _recurring, "J": _project, "M": _metered}
        made.append(make[KINDS[at % len(KINDS)]](random, customer, at))
    return made


def _signed(random: Random) -> tuple[int, date]:
    signed, month, day = random.choice(STARTS)
    return signed, first_day(month) + timedelta(day - 1)


def _usages(random: Random, money: Money, at: int) -> tuple[Usage, ...]:
    """One unit, or two; prices have more decimals than the currency."""
    chosen = UNITS[:1] if at % 3 else UNITS[:: 1 + at % 2]
    price = random.randrange(30, 900)
    found = []
    for unit, rate in chosen:
        low, high = (f"{p}e-{money.scale + 1}" for p in (price, price * 2))
        tiers: tuple[tuple[int | None, str], ...] = ((None, low),)
        if at % 4 == 1:
            tiers = ((random.randrange(20, 90), high), (None, low))
        found.append(Usage(unit, rate, tiers))
    return tuple(found)


def _prepaid(random: Random, customer: Customer, at: int) -> Contract:
    signed, start = _signed(random)
    money = customer.money
    every = (1, 3, 12, 1, 3)[at % 5]
    monthly = random.randrange(60, 900)
    breakage = (AT_EXPIRY, AT_EXPIRY, PROPORTIONAL, NONE)[at // 2 % 4]
    prepayment = Prepayment(
        every=every,
        units=monthly * every,
        price=random.randrange(2_000, 90_000) * money.step * every,
        breakage=breakage,
        expected=random.choice(("0.1", "0.25")) if breakage == PROPORTIONAL else None,
    )
    return Metered(
        customer=customer,
        months=12 if every == 12 or at % 2 else 6,
        deferred=PREPAYMENTS,
        revenue=USAGE,
        usages=_usages(random, money, at),
        prepayment=prepayment,
        monthly=monthly,
        signed=signed,
        start=start,
    )


def _metered(random: Random, customer: Customer, at: int) -> Contract:
    signed, start = _signed(random)
    return Metered(
        customer=customer,
        months=12,
        deferred=PREPAYMENTS,
        revenue=USAGE,
        usages=_usages(random, customer.money, at),
        prepayment=None,
        monthly=random.randrange(60, 900),
        signed=signed,
        start=start,
    )


def _recurring(random: Random, customer: Customer, at: int) -> Contract:
    signed, start = _signed(random)
    rounds, place = divmod(at, len(KINDS))
    count = rounds * KINDS.count("R") + KINDS[:place].count("R")
    every, rule = (1, 3, 12, 6)[count % 4], RULES[count % len(RULES)]
    return Recurring(
        customer=customer,
        months=12,
        deferred=SUBSCRIPTIONS,
        revenue=SUBSCRIPTION_REVENUE,
        every=every,
        price=random.randrange(3_000, 300_000) * customer.money.step,
        rule=rule,
        in_arrears=count % 5 == 2 or rule == CATCH_UP_RULE,
        signed=signed,
        start=start,
    )


def _project(random: Random, customer: Customer, at: int) -> Contract:
    signed, start = _signed(random)
    return Project(
        customer=customer,
        months=12,
        deferred=PROJECTS,
        revenue=SERVICES,
        signed=signed,
        start=start,
    )
