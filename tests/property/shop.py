"""Books to experiment on: SQLite files copied from one that holds a sale, worked on in-process."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from earned.bootstrap.application import Application
from earned.bootstrap.settings import ServerSettings
from earned.domain.billing import DocumentKind
from earned.domain.errors import RuleBroken
from earned.domain.tenancy import Entity, Scope
from earned.domain.terms import Length, TriggerDates
from earned.services.add_product import AddProduct, add_product
from earned.services.add_rate_plans import ChosenPlan
from earned.services.audit_books import audit_books
from earned.services.bill_account import BillAccount, bill_account
from earned.services.close_period import close_period
from earned.services.deplete_funds import DepleteFunds, deplete_funds
from earned.services.expire_funds import expire_through
from earned.services.ports import Books
from earned.services.record_usage import RECORD_USAGE, RecordUsage
from earned.services.redraw import redraw
from earned.services.regenerate_consumption import (
    RegenerateConsumption,
    rebuild_consumption,
    restore_consumption,
)
from earned.services.roll_by_hand import RollByHand, reverse_rollover, roll_by_hand
from earned.storage.clients import Clients
from earned.storage.database import Database
from earned.storage.engine import open_engine
from tests import builders
from tests.api import Ids, keeping
from tests.periods import define_months

Period = tuple[int, int]
"""The first day, and the day after the last."""

JANUARY = date(2026, 1, 1)
DAYS = 59
UNITS, CENTS = Fraction(25), 9999
# Half a cent for a hundredth: every other amount is one to round.
MORE_UNITS, MORE_CENTS = Fraction("7.5"), 375
RATES = {
    "C-00000002": Fraction(1),
    "C-00000003": Fraction(3),
    "C-00000004": Fraction(1),
}
CENTS_OF = {"C-00000002": Fraction("33.3"), "C-00000003": Fraction(100), "C-00000004": Fraction(7)}
UNITS_OF = {"C-00000002": "Token", "C-00000003": "Call", "C-00000004": "Token"}


def make_template(template: Path, path: Path) -> Path:
    """Sell two months of 25 tokens for 99.99 USD, with three ways to draw them."""
    shutil.copy(template, path)
    stock(f"sqlite:///{path}")
    return path


def stock(url: str) -> None:
    """Sell in books that are there, with nothing in them yet."""
    with keeping(url, Ids("e")) as keeper, builders.writing(keeper) as books:
        plan = builders.prepaid_plan(books, units="25", price="99.99", overage="0.333")
        builders.drawdown_charge(
            books, plan, uom="Call", rate=3, drawn="Token", name="Calls", price=1
        )
        builders.drawdown_charge(books, plan, name="More tokens", price="0.07")
        customer = builders.account(books)
        builders.sell(books, customer, plan, months=2, renewal_term=Length(1))
        more = builders.rate_plan(books, "More")
        builders.prepayment_charge(
            books, more, name="More", charge_type="OneTime", units="7.5", price="3.75"
        )
        define_months(books, 2026, 1, 2)


@dataclass
class Clock:
    """A clock that moves on with every look."""

    now: datetime = datetime(2026, 1, 15, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@cache
def _engine(url: str) -> Engine:
    """Return the engine for a file: one that was closed opens again, and knows its statements."""
    return open_engine(url)


class Shop:
    """A copy of the template, and its books."""

    def __init__(self, template: Path, path: Path) -> None:
        for left in path.parent.glob(f"{path.name}-*"):
            # A log that a killed story left would be read as one of the new file.
            left.unlink()
        shutil.copy(template, path)
        self._begin(f"sqlite:///{path}")

    @classmethod
    def at(cls, url: str) -> "Shop":
        """Return the shop in a database that is stocked."""
        shop = cls.__new__(cls)
        shop._begin(url)
        return shop

    def _begin(self, url: str) -> None:
        self._url = url
        self._clock, self._ids = Clock(), Ids("f")
        self.application = self._open()
        entity = self.application.clients.list(Entity)[0]
        self.scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")

    def _open(self) -> Application:
        engine = _engine(self._url)
        database = Database(engine, self._clock, self._ids)
        return Application(ServerSettings(self._url), database, Clients(engine), self._clock)

    def restart(self) -> None:
        """Forget all that is only remembered."""
        self.application.close()
        self.application = self._open()

    @contextmanager
    def writing(self, *, structural: bool = False) -> Iterator[Books]:
        with self.application.database.writing(structural=structural) as transaction:
            yield transaction.books(self.scope)

    @contextmanager
    def reading(self) -> Iterator[Books]:
        with self.application.database.reading(self.scope) as books:
            yield books

    def record(self, commands: Sequence[RecordUsage]) -> list[Any]:
        """Record a group in one transaction; return records and refusals."""
        with self.writing() as books:
            return list(RECORD_USAGE.run(books, commands))

    def top_up(self, day: int) -> None:
        """Add 7.5 tokens for 3.75 USD, good from `day` to the end of its month."""
        with self.writing(structural=True) as books:
            subscription = books.subscriptions.find(is_latest=True)
            plan = books.product_rate_plans.find(name="More")
            assert subscription
            assert plan
            triggers = TriggerDates.of(day_of(day))
            chosen = ChosenPlan(product_rate_plan_id=plan.id)
            add_product(books, subscription, AddProduct(triggers=triggers, rate_plan=chosen))

    def roll_over(self, source: Period, into: Period, priority: str) -> int:
        """Roll a validity period into the next; return how many funds that made."""
        with self.writing(structural=True) as books:
            return roll_by_hand(books, _rollover(source, into, priority))

    def roll_back(self, source: Period, into: Period) -> int | None:
        """Take a rollover back; None where that is refused."""
        try:
            with self.writing(structural=True) as books:
                return reverse_rollover(books, _rollover(source, into))
        except RuleBroken:
            return None

    def deplete(self, at: int, units: Fraction | None) -> bool:
        """Deplete the fund that was made as number `at`; say whether that was done."""
        with self.writing(structural=True) as books:
            fund = books.funds.list(order_by=["created_at", "id"])[at]
            option: dict[str, object] = {"fundId": fund.id}
            if units is not None:
                option["depleteQuantity"] = Decimal(written(units))
            (result,) = deplete_funds(books, DepleteFunds(payload={"depleteOptions": [option]}))
            return result.day is not None

    def redraw(self) -> int:
        """Draw what waits from funds that cover it now; return how much of it was drawn."""
        with self.writing(structural=True) as books:
            return redraw(books, [row.id for row in books.balances.list()])

    def expire(self, through: int) -> None:
        """Expire the funds that are over with a day."""
        with self.writing(structural=True) as books:
            expire_through(books, day_of(through))

    def close(self, name: str) -> None:
        """Close an accounting period."""
        with self.writing(structural=True) as books:
            period = books.periods.find(name=name)
            assert period
            close_period(books, period.id)

    def bill(self, target: int) -> None:
        """Bill everything through a day."""
        with self.writing(structural=True) as books:
            account = books.accounts.find(number="A00000001")
            assert account
            dated = date(2026, 3, 15)
            bill_account(
                books, BillAccount(account=account, target=day_of(target), document_date=dated)
            )

    def billed(self) -> tuple[dict[tuple[str, int], tuple[Fraction, int]], dict[str, int]]:
        """Return what was billed of usage, by charge and month, and of funds by their ids."""
        usage: dict[tuple[str, int], tuple[Fraction, int]] = {}
        funds: dict[str, int] = defaultdict(int)
        with self.reading() as books:
            kinds = {row.id: row.kind for row in books.documents.list()}
            numbers = {row.original_id: row.number for row in books.charges.list()}
            for item in books.document_items.list():
                sign = -1 if kinds[item.document_id] is DocumentKind.CREDIT_MEMO else 1
                if item.fund_id:
                    funds[item.fund_id] += sign * item.amount_minor
                    continue
                assert item.charge_id
                name = segment_name(numbers[item.charge_id], item.charge_segment)
                key = name, number_of(item.service_start)
                quantity, cents = usage.get(key, (Fraction(0), 0))
                quantity += sign * Fraction(item.quantity or 0)
                usage[key] = quantity, cents + sign * item.amount_minor
        return usage, funds

    def regenerate(self, *, recollect: bool = False) -> None:
        """Regenerate every prepayment charge."""
        with self.reading() as books:
            charges = {fund.source_id for fund in books.funds.list()}
        for charge in sorted(charges):
            command = RegenerateConsumption(
                original_charge_id=charge, for_revenue_recollect=recollect
            )
            with self.reading() as books:
                rebuilt = rebuild_consumption(books, command)
            with self.writing() as books:
                restore_consumption(books, rebuilt)

    def execute(self, statement: str) -> None:
        """Do something to the database that no operation does."""
        with self.application.database.engine.begin() as connection:
            connection.execute(text(statement))

    def rows(self, *tables: str) -> dict[str, list[Any]]:
        """Return rows as the database holds them."""
        with self.application.database.engine.connect() as connection:
            return {
                table: list(connection.execute(text(f"SELECT * FROM {table} ORDER BY id")).all())  # noqa: S608 - Names of ours.
                for table in tables
            }

    def audit(self) -> None:
        """Find nothing broken."""
        with self.reading() as books:
            breaks = list(audit_books(books, Counter()))
        assert not breaks, breaks


def _rollover(source: Period, into: Period, priority: str | None = None) -> RollByHand:
    first, second = (
        {"startDate": str(day_of(start)), "endDate": str(day_of(end))}
        for start, end in (source, into)
    )
    return RollByHand(
        subscription_number="A-S00000001",
        uom="Token",
        source=first,
        destination=second,
        priority=priority,
    )


def segment_name(number: str, segment: int | None) -> str:
    """Return what the model calls a segment of a charge: the first goes by the charge's number."""
    return f"{number}/{segment}" if segment and segment > 1 else number


def day_of(number: int) -> date:
    return JANUARY + timedelta(number - 1)


def number_of(day: date) -> int:
    return (day - JANUARY).days + 1


def usage(charge: str | None, day: int, quantity: Fraction | str, **more: object) -> RecordUsage:
    """Return the command to record usage; without a charge, of tokens on every charge of theirs."""
    fields: dict[str, object] = {
        "AccountNumber": "A00000001",
        "UOM": UNITS_OF[charge] if charge else "Token",
        "Quantity": written(quantity) if isinstance(quantity, Fraction) else quantity,
        "StartDateTime": day_of(day).isoformat(),
        **({"ChargeNumber": charge} if charge else {}),
        **more,
    }
    return RecordUsage(fields=fields)


def written(quantity: Fraction) -> str:
    """Write a fraction of hundredths."""
    cents = int(quantity * 100)
    assert cents == quantity * 100
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"
