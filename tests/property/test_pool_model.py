"""Random stories of a pool that accounts below draw from, and move away from (U 1.5, 2.17)."""

import shutil
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
)

from earned.services.change_account import ChangeAccount, change_account
from earned.services.delete_usage import DeleteUsage, delete_usage
from tests import builders
from tests.api import Ids, keeping
from tests.http.test_pools import metered, pool_plan
from tests.periods import define_months
from tests.property.agreed import FEBRUARY, MARCH
from tests.property.model import Model, Part
from tests.property.shop import DAYS, Shop, usage
from tests.property.story import amounts, few_days
from tests.property.telling import Told, tell
from tests.property.ties import books_are_those_of

ACCOUNT_OF = {"C-00000002": "Top", "C-00000003": "Below", "C-00000005": "Both"}
"""The charges that draw, and whose they are: the last has funds of its own besides."""
PRICES = {"C-00000002": Fraction(200), "C-00000003": Fraction("33.3"), "C-00000005": Fraction(2)}
POOLS, OWN = {0, 3}, {1, 2}
YEAR = 366


@dataclass
class Pools(Model):
    """Funds that not everybody may draw from: their places by charge."""

    reach: dict[str, set[int]] = field(default_factory=dict)

    def may(self, part: Part, at: int) -> bool:
        return super().may(part, at) and at in self.reach[part.charge]


class Family(Told):
    """What accounts use of a pool and of their own, and take back; and who is below whom."""

    template: ClassVar[Path]
    directory: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        self.shop = Shop(self.template, self.directory / "family.db")
        rates, reach = dict.fromkeys(PRICES, Fraction(1)), dict.fromkeys(PRICES, POOLS)
        self.model = Pools(rates, dict(PRICES), reach=reach | {"C-00000005": POOLS | OWN})
        self.model.fund(1, YEAR, Fraction(25), 2500)
        for month in (1, FEBRUARY), (FEBRUARY, MARCH):
            self.model.fund(*month, Fraction(10), 1000)
        self.model.fund(FEBRUARY, YEAR + FEBRUARY - 1, Fraction(15), 1500)
        self.known: list[tuple[str, Part]] = []

    @rule(charge=st.sampled_from(sorted(PRICES)), day=few_days, quantity=amounts)
    def use(self, charge: str, day: int, quantity: Fraction) -> None:
        named = {"AccountNumber": ACCOUNT_OF[charge], "ChargeNumber": charge}
        (row,) = self.shop.record([usage(None, day, quantity, **named)])
        self.known.append((row.id, self.model.use(charge, day, quantity)))

    @precondition(lambda self: self.known)
    @rule(pick=st.integers(0, 7), part=st.sampled_from([1, 2]))
    def reverse(self, pick: int, part: int) -> None:
        """Take a record back, or a half of it, from what the charge can reach now."""
        _, used = self.known[pick % len(self.known)]
        if used.quantity > 0:
            self.use(used.charge, used.day, -Fraction(int(used.quantity * 100) // part, 100))

    @precondition(lambda self: self.known)
    @rule(pick=st.integers(0, 7))
    def delete(self, pick: int) -> None:
        """Delete a record: its units go back to where they came from, in reach or not."""
        identity, part = self.known.pop(pick % len(self.known))
        with self.shop.writing() as books:
            delete_usage(books, DeleteUsage(id=identity))
        self.model.undo(part)

    @rule(charge=st.sampled_from(["C-00000003", "C-00000005"]), is_below=st.booleans())
    def move(self, charge: str, *, is_below: bool) -> None:
        """Have an account be below that of the pool, or not."""
        with self.shop.writing(structural=True) as books:
            top = books.accounts.find(number="Top")
            assert top
            changes = {"parent_id": top.id if is_below else None}
            change_account(books, ChangeAccount(key=ACCOUNT_OF[charge], changes=changes))
        own = OWN if charge == "C-00000005" else set()
        self.model.reach[charge] = (POOLS if is_below else set()) | own

    @rule()
    def redraw(self) -> None:
        """What waits is drawn from funds in reach that cover it now."""
        self.shop.redraw()
        self.model.redraw()

    @rule(pick=st.integers(0, 3), units=amounts)
    def deplete(self, pick: int, units: Fraction) -> None:
        fund = self.model.funds[pick]
        is_done = self.shop.deplete(pick, units)
        assert is_done == (units <= fund.balance)
        if is_done:
            self.model.deplete(pick, units)

    @rule(month=st.sampled_from([FEBRUARY - 1, DAYS]))
    def expire(self, month: int) -> None:
        """Expire months that are over; the pools' year is not."""
        self.shop.expire(month)
        self.model.expire(month)

    @rule()
    def restart(self) -> None:
        self.shop.restart()

    @invariant()
    def tie_out(self) -> None:
        if hasattr(self, "shop"):
            books_are_those_of(self.shop, self.model)


def _make_template(template: Path, path: Path) -> Path:
    """Sell an account 25 tokens a year for all, and 15 from February; one below has 10 a month."""
    shutil.copy(template, path)
    with keeping(f"sqlite:///{path}", Ids("e")) as keeper, builders.writing(keeper) as books:
        top = builders.account(books, number="Top")
        below, both = (
            builders.account(books, number=name, parent_id=top.id) for name in ("Below", "Both")
        )
        pools = [pool_plan(books, units, fund_support_account_hierarchy=True) for units in (25, 15)]
        builders.sell(books, top, pools[0], metered(books))
        builders.sell(books, below, metered(books, "0.333"))
        builders.sell(books, both, builders.prepaid_plan(books, units=10, price=10), months=2)
        builders.sell(books, top, pools[1], start=date(2026, 2, 1))
        define_months(books, 2026, 1, 2)
    return path


def test_a_pool_is_drawn_by_who_can_reach_it(sqlite_template: Path, tmp_path: Path) -> None:
    Family.template = _make_template(sqlite_template, tmp_path / "template.db")
    Family.directory = tmp_path

    tell(Family, 4)


def test_a_reversal_is_undone_in_a_pool_that_is_out_of_reach_since(
    sqlite_template: Path, tmp_path: Path
) -> None:
    Family.template = _make_template(sqlite_template, tmp_path / "template.db")
    Family.directory, both = tmp_path, "C-00000005"
    story = Family()
    story.begin()
    # The pool gives 25 and the account's own fund 10, which come back with 5 of the pool.
    for quantity in (25, 10, -15):
        story.use(both, 1, Fraction(quantity))
    story.move(both, is_below=False)

    story.delete(1)

    story.tie_out()
    story.teardown()
