"""A year of the company, told month by month to the books and to the reckoner alike."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from earned.bootstrap.first_run import add_client
from earned.domain.tenancy import Entity, Organization, Scope
from earned.services.ports import Books
from tests import builders
from tests.api import CLIENT_ID, CLIENT_SECRET, QUICK, Api, sign_in
from tests.http.billing import RULES as RULES_PATH
from tests.http.billing import START_DATE
from tests.http.journal import ENTRIES, PERIODS
from tests.year.billing import Billing
from tests.year.by_hand import HandDesk
from tests.year.company import (
    AT_EXPIRY,
    CODES,
    NORTH,
    PREPAYMENTS,
    SERVICES,
    SOUTH,
    Code,
    Contract,
    Metered,
    Project,
    generate,
)
from tests.year.meter import Meter
from tests.year.money import CURRENCIES
from tests.year.months import first_day, last_day, period_name
from tests.year.office import Office
from tests.year.reckoner import Reckoner, Schedule
from tests.year.rules import MANUAL_RULE, NEW_RULES
from tests.year.usage import UsageDesk

QUARTER = 3
ENDED_EARLY = 6
"""The month in which a prepayment is credited."""
REGENERATE = "/v1/uno-regenerate/rev-rec-events/daily-consumption?forRevenueRecollect=true"


class Story:
    """The books, the reckoning, and whoever works on both."""

    def __init__(self, api: Api, customers: int, seed: int) -> None:
        self.api = api
        self.random = Random(seed)  # noqa: S311 - The same company whenever it is asked for.
        self.contracts: Sequence[Contract] = generate(self.random, customers)
        self.reckoner = Reckoner()
        self.office = Office()
        self.billing = Billing(self.office, self.reckoner, self.random)
        self.usage = UsageDesk(self.office, self.random)
        self.hands = HandDesk(self.office, self.reckoner, self.random)
        self.periods: dict[int, str] = {}
        self.organizations: dict[str, str] = {}
        self.north: dict[str, str] = {}
        self._north_client = ""

    # The clock and the doors.

    def at(self, month: int, day: int) -> None:
        """Go to noon of a day, counted from the first of a month, and sign in."""
        then = first_day(month) + timedelta(day - 1)
        self.api.clock.now = datetime.combine(then, time(12), UTC)
        self.api.headers |= sign_in(self.api.http, CLIENT_ID, CLIENT_SECRET)
        self.north = sign_in(self.api.http, self._north_client, "secret")

    @contextmanager
    def writing(self) -> Iterator[Books]:
        """Lend the books for a transaction that changes nothing of their structure."""
        entity = self.api.application.clients.list(Entity)[0]
        scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
        with self.api.application.database.writing(structural=False) as transaction:
            yield transaction.books(scope)

    def put(self, path: str, body: Any = None) -> None:
        answer = self.api.put(path, body).json()
        assert answer["success"] is True, answer

    # What there is before the first month.

    def begin(self) -> None:
        """Decide how to round, name codes and rules, and let billing make schedules."""
        self._organize()
        self.at(0, 1)
        self.api.settings(monthly_recognition=True)
        for money in CURRENCIES.values():
            body = {"roundingMode": money.mode, "roundingIncrement": money.text(money.step)}
            self.put(f"/v1/settings/finance/currencies/{money.code}", body)
        for name, code_type in CODES:
            self.api.made("/v1/accounting-codes", {"name": name, "type": code_type})
        self.define(QUARTER)
        self.put(START_DATE, {"startDate": first_day(0).isoformat()})
        for name, options in NEW_RULES.items():
            self.api.made(RULES_PATH, {"name": name, **options})

    def _organize(self) -> None:
        """Tell two organisations apart, and let somebody see only what is North's."""
        clients = self.api.application.clients
        entity = clients.list(Entity)[0]
        for name in (NORTH, SOUTH):
            identity = self.api.application.database.new_id()
            clients.add(Organization(id=identity, entity_id=entity.id, name=name))
            self.organizations[name] = identity
        mine = (self.organizations[NORTH],)
        self._north_client = add_client(
            self.api.application,
            entity.tenant_id,
            (entity.id,),
            "secret",
            organization_ids=mine,
            secret_cost=QUICK,
        ).id

    def define(self, months: int) -> None:
        """Define accounting periods over the wire."""
        for month in range(self.reckoner.defined, self.reckoner.defined + months):
            body = {
                "name": period_name(month),
                "startDate": first_day(month).isoformat(),
                "endDate": last_day(month).isoformat(),
                "fiscalYear": first_day(month).year,
            }
            self.periods[month] = str(self.api.made(PERIODS, body)["id"])
        self.reckoner.define(months)

    # A month.

    def work(self, month: int) -> None:
        """Do all that happens in a month."""
        self.at(month, 24)
        if self.reckoner.defined - month == 1:
            self.define(QUARTER)
        with builders.writing(self.api) as books:
            self._sell(books, month)
            self._top_up(books, month)
        with self.writing() as books:
            self.billing.bill(books, month)
            for meter in self.usage.meters:
                self.billing.bill_usage(books, month, meter)
        with self.writing() as books:
            self.usage.use(books, month)
            self.usage.reverse(books, month, len(self.contracts) // 9)
        with self.writing() as books:
            self.usage.change(books, month, len(self.contracts) // 9)
            self.usage.delete(books, month, 2)
        with self.writing() as books:
            self.billing.take_back(books, month, len(self.contracts) // 9)
            self.billing.cancel(books)
        with self.writing() as books:
            self._distribute(books, month)
        if month == ENDED_EARLY:
            self._end_early(month)
        self._enter(month)

    def work_again(self, month: int) -> None:
        """Do what makes somebody reopen a month."""
        with self.writing() as books:
            self.usage.use(books, month)
            self.usage.reverse(books, month, 5)
            self.usage.change(books, month, 5)
            self.billing.take_back(books, month, 4)
            self.billing.cancel(books)
            self.hands.distribute(books, month, self._distributable(), 6)
        self._regenerate()

    def _sell(self, books: Books, month: int) -> None:
        for contract in self.contracts:
            if contract.signed != month:
                continue
            organization = self.organizations[contract.customer.organization]
            self.office.sell(books, contract, organization)
            self.billing.plan(contract)
            if isinstance(contract, Metered):
                self.usage.meters.append(Meter(contract, self.reckoner))
            elif isinstance(contract, Project):
                self.hands.projects.append(contract)

    def _top_up(self, books: Books, month: int) -> None:
        """Sell more units to some who have prepaid; they are used after those that were there."""
        day = first_day(month) + timedelta(self.random.randrange(12))
        found = [meter for meter in self.usage.meters if meter.fund_on(day)]
        for meter in self.random.sample(found, min(3, len(found))):
            units, step = max(meter.contract.monthly // 4, 1), meter.contract.money.step
            price = self.random.randrange(500, 9_000) * step
            meter.top_up(day, units, price)
            self.office.top_up(books, meter.contract, day, (units, price))
            self.billing.bill_top_up(books, meter.contract, day, price)

    def _distribute(self, books: Books, month: int) -> None:
        self.hands.delete(books)
        for project in self.hands.projects:
            if project.signed == month or self.random.random() < 0.2:
                self.hands.make(books, month, project)
        found = self._distributable()
        self.hands.distribute(books, month, found, len(found) // 3)

    def _distributable(self) -> list[Schedule]:
        """Return schedules that people distribute: of projects, and of fees with a manual rule."""
        canceled = {one.schedule for one in self.billing.canceled}
        of_fees = [one.schedule for one in self.billing.made if one.rule == MANUAL_RULE]
        kept = [one for one in of_fees if one and one not in canceled]
        return kept + [one for one in self.reckoner.schedules if isinstance(one.contract, Project)]

    def _end_early(self, month: int) -> None:
        """Credit a quarter of what somebody has prepaid for a year, and end it."""
        for meter in self.usage.meters:
            prepayment = meter.contract.prepayment
            if prepayment and prepayment.breakage == AT_EXPIRY and prepayment.every == 12:
                step = meter.contract.money.step
                amount = prepayment.price // 4 // step * step
                with builders.writing(self.api) as books:
                    self.office.credit(books, meter.contract, last_day(month), amount)
                meter.credit(meter.funds[0], last_day(month), amount)
                return

    def _regenerate(self) -> None:
        """Ask for some prepayments to be rebuilt and collected again, which moves nothing."""
        for meter in self.usage.meters[:3]:
            if meter.contract.prepayment:
                charge = self.office.charge(meter.contract, "Prepayment")
                self.api.made(REGENERATE, {"originalChargeId": charge})

    def _enter(self, month: int) -> None:
        """Make a journal entry by hand, over the wire."""
        money = self.random.choice(list(CURRENCIES.values()))
        amount = self.random.randrange(1, 90_000)
        sides: Sequence[tuple[str, Code]] = (("Debit", PREPAYMENTS), ("Credit", SERVICES))
        body = {
            "accountingPeriodName": period_name(month),
            "currency": money.code,
            "journalEntryDate": last_day(month).isoformat(),
            "journalEntryItems": [
                {"type": side, "accountingCodeName": code[0], "amount": money.text(amount)}
                for side, code in sides
            ],
        }
        self.api.made(ENTRIES, body)
        self.reckoner.post_by_hand(money.code, month, PREPAYMENTS, SERVICES, amount)
