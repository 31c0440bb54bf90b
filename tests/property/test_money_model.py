"""Random stories of a plan that prepays money, against a model written from the rules (U 2.8)."""

import shutil
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
)

from earned.domain.charge import Tier
from earned.domain.errors import RuleBroken
from earned.services.change_usage import ChangeUsage, change_usage
from earned.services.delete_usage import DeleteUsage, delete_usage
from earned.services.ports import Books
from tests import builders
from tests.api import Ids, keeping
from tests.http.test_currency_funds import CURRENCY, money_plan
from tests.periods import define_months
from tests.property.agreed import FEBRUARY, MARCH, PERIODS
from tests.property.model import EXPIRY, Part
from tests.property.money_model import Money
from tests.property.shop import DAYS, Shop, number_of, usage
from tests.property.story import few_days, loads
from tests.property.telling import Told, tell
from tests.property.ties import MONTHS, drawn_by_usage

JANUARY, AFTER = PERIODS[:2]
CHARGE = "C-00000002"
TOP_UPS_MAX = BILLS_MAX = 3

# The first thirty cost more each: with one more, all of them cost less.
VOLUME = (
    Tier(currency="USD", tier=1, ending_unit=Decimal(30), price=Decimal("0.5")),
    Tier(currency="USD", tier=2, starting_unit=Decimal(31), price=Decimal("0.4")),
)
THIRDS = (Tier(currency="USD", price=Decimal("0.333")),)
Price = Callable[[Fraction], Fraction]
KINDS: dict[str, tuple[tuple[Tier, ...], Price, bool]] = {
    "thirds": (THIRDS, lambda units: units * Fraction("33.3"), True),
    "volume": (VOLUME, lambda units: units * (50 if units <= 30 else 40), False),
}


class Till(Told):
    """Usage and its corrections, money that comes and goes, bills and closes, in any order."""

    template: ClassVar[Path]
    directory: ClassVar[Path]
    price: ClassVar[Price]
    may_reverse: ClassVar[bool]

    @initialize()
    def begin(self) -> None:
        self.shop = Shop(self.template, self.directory / "till.db")
        self.model = Money({CHARGE: Fraction(1)}, months=PERIODS, price=type(self).price)
        for month in JANUARY, AFTER:
            self.model.fund(*month, Fraction(2000), 1999)
        self.known: list[tuple[str, Part]] = []
        self.top_ups = self.bills = self.closed = 0

    @rule(day=few_days, quantity=loads, back=st.booleans())
    def use(self, day: int, quantity: Fraction, *, back: bool) -> None:
        quantity = -quantity / 2 if back and self.may_reverse else quantity
        (row,) = self.shop.record([_calls(day, Fraction(int(quantity * 100), 100))])
        part = self.model.use(CHARGE, day, Fraction(int(quantity * 100), 100))
        self.known.append((row.id, part))

    @precondition(lambda self: self.known)
    @rule(pick=st.integers(0, 7), day=few_days, quantity=loads)
    def change(self, pick: int, day: int, quantity: Fraction) -> None:
        identity, part = self.known[pick % len(self.known)]
        fields = _calls(day, quantity).fields
        changes = {name: fields[name] for name in ("Quantity", "StartDateTime")}
        if (part.day, part.quantity) == (day, quantity):
            return
        command = ChangeUsage(id=identity, fields=changes)
        if self._try(part, lambda books: change_usage(books, command)):
            self.model.undo(part)
            self.known.remove((identity, part))
            self.known.append((identity, self.model.use(CHARGE, day, quantity)))

    @precondition(lambda self: self.known)
    @rule(pick=st.integers(0, 7))
    def delete(self, pick: int) -> None:
        identity, part = self.known[pick % len(self.known)]
        if self._try(part, lambda books: delete_usage(books, DeleteUsage(id=identity))):
            self.model.undo(part)
            self.known.remove((identity, part))

    @precondition(lambda self: self.top_ups < TOP_UPS_MAX)
    @rule(day=few_days)
    def top_up(self, day: int) -> None:
        self.top_ups += 1
        self.shop.top_up(day)
        end = FEBRUARY if day < FEBRUARY else MARCH
        self.model.fund(day, end, Fraction(500), 375, self.top_ups)

    @rule()
    def redraw(self) -> None:
        self.shop.redraw()
        self.model.redraw_all()

    @precondition(lambda self: self.bills < BILLS_MAX)
    @rule(through=st.sampled_from([FEBRUARY, MARCH]))
    def bill(self, through: int) -> None:
        """Bill what no money paid for, as totals."""
        self.bills += 1
        self.shop.bill(through)
        self.model.invoice([one for one in (JANUARY, AFTER) if one[1] <= through], CHARGE)
        usage, _ = self.shop.billed()
        billed = {key: cents for key, (_, cents) in self.model.billed.items() if cents}
        assert {key: cents for key, (_, cents) in usage.items() if cents} == billed

    @rule(month=st.sampled_from([FEBRUARY - 1, DAYS]))
    def expire(self, month: int) -> None:
        self.shop.expire(month)
        self.model.expire(month)

    @precondition(lambda self: self.closed < len(MONTHS))
    @rule()
    def close(self) -> None:
        self.shop.close(MONTHS[self.closed])
        self.closed += 1

    @invariant()
    def tie_out(self) -> None:
        """Funds, their daily rows, what is open of each day and what each record costs."""
        if not hasattr(self, "shop"):
            return
        model = self.model
        with self.shop.reading() as books:
            funds = books.funds.list(order_by=["created_at", "id"])
            days = books.consumption.list()
            guided = books.guided_usage.list(deleted=False, order_by=["id"])
            drawn = drawn_by_usage(books.transactions.list())
        assert [Fraction(fund.balance) * 100 for fund in funds] == [f.balance for f in model.funds]
        for at, fund in enumerate(funds):
            rows = {
                (number_of(row.transaction_date), row.usage_charge_number or EXPIRY): row
                for row in days
                if row.fund_id == fund.id
            }
            assert {k: Fraction(row.quantity) * 100 for k, row in rows.items()} == model.rows[at]
            assert {k: row.amount_minor for k, row in rows.items()} == model.amounts(at)
        rated = {number_of(row.transaction_date): row for row in days if row.rating_result_id}
        assert {day: Fraction(row.quantity) for day, row in rated.items() if row.quantity} == {
            day: model.used(day) for day in rated if model.used(day)
        }
        assert {day: row.amount_minor for day, row in rated.items() if row.amount_minor} == {
            day: cents for (_, day), cents in model.overage.items() if cents
        }
        assert [row.amount_minor for row in guided] == [model.cost[one] for one in model.live]
        assert [drawn[row.id] * 100 for row in guided] == [one.drawn for one in model.live]

    def _try(self, part: Part, act: Callable[[Books], object]) -> bool:
        """Do something that is refused once a record was billed; say whether it was done."""
        if part.billed:
            with pytest.raises(RuleBroken), self.shop.writing() as books:
                act(books)
            return False
        with self.shop.writing() as books:
            act(books)
        return True


def _calls(day: int, quantity: Fraction) -> Any:
    return usage(None, day, quantity, UOM="Call")


def _make_template(template: Path, path: Path, tiers: tuple[Tier, ...]) -> Path:
    """Sell two months of 20.00 USD to spend, for 19.99, and offer 5.00 more for 3.75."""
    shutil.copy(template, path)
    with keeping(f"sqlite:///{path}", Ids("e")) as keeper, builders.writing(keeper) as books:
        model = "Volume" if len(tiers) > 1 else "PerUnit"
        plan = money_plan(books, "20", "19.99", tiers)
        charge = books.product_charges.find(product_rate_plan_id=plan.id, name="Drawdown")
        assert charge
        books.product_charges.change(charge, charge_model=model)
        builders.sell(books, builders.account(books), plan, months=2)
        facts: dict[str, Any] = {**CURRENCY, "prepaid_uom": None, "charge_type": "OneTime"}
        more = builders.rate_plan(books, "More")
        builders.prepayment_charge(books, more, name="More", units=5, price="3.75", **facts)
        define_months(books, 2026, 1, 2)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_money_pays_for_usage_as_the_model_says(
    sqlite_template: Path, tmp_path: Path, kind: str
) -> None:
    tiers, price, Till.may_reverse = KINDS[kind]
    Till.price = staticmethod(price)
    Till.template = _make_template(sqlite_template, tmp_path / "template.db", tiers)
    Till.directory = tmp_path

    tell(Till, 4)
