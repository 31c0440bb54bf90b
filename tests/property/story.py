"""Random stories of usage and its corrections, against a model written from the rules."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from earned.domain.errors import EarnedError, RuleBroken
from earned.services.change_usage import ChangeUsage, change_usage
from earned.services.delete_usage import DeleteUsage, delete_usage
from earned.services.ports import Books
from earned.services.reopen_period import reopen_period
from tests.property.agreed import FEBRUARY, MARCH, PERIODS, Agreed
from tests.property.model import Part
from tests.property.order_model import Orders
from tests.property.shop import (
    CENTS,
    CENTS_OF,
    DAYS,
    MORE_CENTS,
    MORE_UNITS,
    RATES,
    UNITS,
    Shop,
    usage,
)
from tests.property.telling import Told
from tests.property.ties import MONTHS, books_are_those_of, schedules_hold

OPENINGS = (
    "nothing", "ordered", "changed", "depleted", "ApplyFirst", "ApplyLast",
    "taken back: ApplyFirst", "automatic: ApplyFirst", "automatic: ApplyLast",
)  # fmt: skip
OPTIONS = ("TimeBased", "ConsumptionBased", "FullCreditBack")
TOKENS = "C-00000002", "C-00000004"
TOP_UPS_MAX = 4
REBUILT_MAX = 3  # Each costs as much as ten other steps.
DAMAGES = (
    "UPDATE daily_consumption SET amount_minor = amount_minor + 1",
    "UPDATE daily_consumption SET quantity = '1', updated_at = created_at",
    "UPDATE revenue_event SET amount_minor = 7, quantity = '3'",
    "UPDATE revenue_event SET usage_charge_name = 'wrong', unit_price = NULL",
    "DELETE FROM daily_consumption",
)
LOSS = "DELETE FROM revenue_event"
OF_FUNDS = " WHERE fund_id IS NOT NULL"
SOME = ("", " AND id < '8'", " AND id >= '8'")

charges = st.sampled_from([None, *RATES])
few_days = st.sampled_from([1, 15, 20, 31, FEBRUARY, DAYS])
# Crumbs leave something to the rules for what is left, loads leave overage.
crumbs, loads = (
    st.integers(1, most).map(lambda cents: Fraction(cents, 100)) for most in (300, 2500)
)
amounts = st.one_of(crumbs, loads)
signed = st.one_of(amounts, amounts, amounts.map(lambda amount: -amount))
records = st.tuples(charges, few_days, signed, st.booleans())
Record = tuple[str | None, int, Fraction, bool]
"""A charge, or all of tokens; a day, a quantity, and whether it has a key."""


class Story(Told):
    """Usage, corrections, top-ups, expiry, regenerations, damage and closes, in any order."""

    template: ClassVar[Path]
    directory: ClassVar[Path]
    opening: ClassVar[str]

    known = Bundle("known")

    @initialize(option=st.sampled_from(OPTIONS))
    def begin(self, option: str) -> None:
        self.shop = Shop(self.template, self.directory / "story.db")
        self.model = Orders(dict(RATES), prices=dict(CENTS_OF), periods=PERIODS)
        self.agreed = Agreed()
        for period in PERIODS[:2]:
            self.model.fund(*period, UNITS, CENTS)
        self.option = option
        self.agree(self.opening)
        self.parts: dict[str, list[Part]] = {}
        self.charge_of: dict[str, str | None] = {}
        self.sent: dict[str, tuple[int, Fraction]] = {}
        self.top_ups = self.rebuilt = self.buried = 0
        self.stamped = False
        self.keys = 0
        self.closed = 0
        self.collected: dict[tuple[int, int], int] = defaultdict(int)
        self.held: dict[tuple[int, str], int] = defaultdict(int)
        # The later fund first: what counts is where they start.
        self.top_up(15)
        self.top_up(1)
        self.open(self.opening)

    def agree(self, opening: str) -> None:
        """Agree on terms, where a story has others."""

    def open(self, opening: str) -> None:
        """Begin with more than funds, where a story has more."""

    # What may happen.

    @rule(target=known, group=st.lists(records, min_size=1, max_size=6), bad=st.booleans())
    def use(self, group: list[Record], *, bad: bool) -> Any:
        """Record a group; where `bad`, with a record in the middle that is refused."""
        commands, keys = [], []
        for charge, day, quantity, keyed in group:
            self.keys += keyed
            key = f"key-{self.keys}" if keyed else None
            commands.append(usage(charge, day, quantity, UniqueKey=key))
            keys.append(key)
        if bad:
            commands.insert(len(group) // 2, usage(None, 1, "1", UOM="Parsec"))
        outcomes = self.shop.record(commands)
        refused = [one for one in outcomes if isinstance(one, EarnedError)]
        assert len(refused) == bad
        made = [one for one in outcomes if not isinstance(one, EarnedError)]
        for row, (charge, day, quantity, _) in zip(made, group, strict=True):
            self._know(row.id, charge, day, quantity)
        return [(row.id, key) for row, key in zip(made, keys, strict=True)]

    @rule(group=known, pick=st.integers(0, 5), day=few_days, quantity=signed, twice=st.booleans())
    def send_again(
        self, group: Any, pick: int, day: int, quantity: Fraction, *, twice: bool
    ) -> None:
        """Send a record again under its key, changed or deleted meanwhile."""
        identity, key = group[pick % len(group)]
        if key is None:
            return
        command = usage(self.charge_of[identity], day, quantity, UniqueKey=key)
        outcomes = self.shop.record([command] * (1 + twice))
        is_same = self.sent.get(identity) == (day, quantity)
        if not is_same and self._is_billed(identity):
            assert {type(one) for one in outcomes} == {RuleBroken}
            return
        assert {one.id for one in outcomes} == {identity}
        if not is_same:
            self._undo(identity)
            self._know(identity, self.charge_of[identity], day, quantity)

    @rule(target=known, group=known, pick=st.integers(0, 5), part=st.sampled_from([1, 2, 4]))
    def reverse(self, group: Any, pick: int, part: int) -> Any:
        """Take a record back, or a part of it, by a negative one: overage first."""
        identity, _ = group[pick % len(group)]
        used = self.parts[identity]
        if not used or used[0].quantity <= 0:
            return multiple()
        charge, day = self.charge_of[identity], used[0].day
        quantity = -Fraction(int(used[0].quantity * 100) // part, 100)
        (row,) = self.shop.record([usage(charge, day, quantity)])
        self._know(row.id, charge, day, quantity)
        return [(row.id, None)]

    @rule(group=known, pick=st.integers(0, 5), day=few_days, quantity=signed)
    def change(self, group: Any, pick: int, day: int, quantity: Fraction) -> None:
        identity, _ = group[pick % len(group)]
        if identity not in self.sent:
            return
        is_same = self.sent[identity] == (day, quantity)
        fields = usage(None, day, quantity).fields
        changes = {name: fields[name] for name in ("Quantity", "StartDateTime")}
        is_refused = self._is_billed(identity) and not is_same
        with self._writing(is_refused=is_refused) as books:
            change_usage(books, ChangeUsage(id=identity, fields=changes))
        if not (is_same or is_refused):
            self._undo(identity)
            self._know(identity, self.charge_of[identity], day, quantity)

    @rule(group=known, pick=st.integers(0, 5))
    def delete(self, group: Any, pick: int) -> None:
        identity, _ = group[pick % len(group)]
        if identity in self.sent:
            is_refused = self._is_billed(identity)
            with self._writing(is_refused=is_refused) as books:
                delete_usage(books, DeleteUsage(id=identity))
            if not is_refused:
                self._undo(identity)
                del self.sent[identity]

    @precondition(lambda self: self.top_ups < TOP_UPS_MAX)
    @rule(day=few_days)
    def top_up(self, day: int) -> None:
        """Buy more; from then on orders have a later version after them, and are not undone."""
        if self.agreed.is_canceled or day >= self.agreed.end:
            return
        self.top_ups += 1
        self.shop.top_up(day)
        end = FEBRUARY if day < FEBRUARY else MARCH
        self.model.fund(day, end, MORE_UNITS, MORE_CENTS, self.top_ups)
        self.buried = len(self.model.orders)

    @rule()
    def restart(self) -> None:
        self.shop.restart()

    @precondition(lambda self: self.rebuilt < REBUILT_MAX)
    @rule(recollect=st.booleans())
    def regenerate(self, *, recollect: bool) -> None:
        """Regenerating what is right changes nothing, but for the stamps that are asked for."""
        before = self.rows()
        self.rebuilt += 1
        self.stamped |= recollect
        self.shop.regenerate(recollect=recollect)
        if not recollect:
            assert self.rows() == before
        again = self.rows()
        self.shop.regenerate()
        assert self.rows() == again

    @precondition(lambda self: self.rebuilt < REBUILT_MAX)
    @rule(
        damage=st.sampled_from(DAMAGES),
        some=st.sampled_from(SOME),
        later=records,
        restarted=st.booleans(),
    )
    def break_and_regenerate(
        self,
        damage: str,
        some: str,
        later: Record,
        *,
        restarted: bool,
    ) -> None:
        """What was damaged comes back byte for byte, but for the stamps that were asked for.

        Usage may come before it does, and is not led astray; but what is taken back then is taken
        from what the damaged rows say was used.
        """
        before = self.rows()
        self.rebuilt += 1
        self.shop.execute(damage + OF_FUNDS + some)
        if restarted:
            self.shop.restart()
            if later[2] > 0:
                self._use_one(later)
        self.shop.regenerate()
        if restarted:
            self._use_one(later)
        elif not self.stamped:
            assert self.rows() == before

    def _use_one(self, record: Record) -> None:
        charge, day, quantity, _ = record
        (row,) = self.shop.record([usage(charge, day, quantity)])
        self._know(row.id, charge, day, quantity)

    @precondition(lambda self: not self.stamped and not any(self.collected.values()))
    @rule(some=st.sampled_from(SOME))
    def lose_and_regenerate(self, some: str) -> None:
        before = self.rows()
        self.shop.execute(LOSS + OF_FUNDS + some)
        self.shop.regenerate()
        assert self.rows() == before

    @rule(month=st.sampled_from([FEBRUARY - 1, DAYS]))
    def expire(self, month: int) -> None:
        """Expire the funds whose month is over."""
        self.shop.expire(month)
        self.model.expire(month)

    @precondition(lambda self: self.closed < len(MONTHS))
    @rule()
    def close(self) -> None:
        self.shop.close(MONTHS[self.closed])
        self._collect()
        self.closed += 1

    @precondition(lambda self: self.closed)
    @rule()
    def reopen(self) -> None:
        self.closed -= 1
        with self.shop.writing(structural=True) as books:
            period = books.periods.find(name=MONTHS[self.closed])
            assert period
            reopen_period(books, period.id)

    # What the model makes of it.

    def _know(self, identity: str, charge: str | None, day: int, quantity: Fraction) -> None:
        """Use what there are charges for: after a subscription has ended, there are none."""
        self.charge_of[identity], self.sent[identity] = charge, (day, quantity)
        self.parts[identity] = [
            self.model.use(name, day, quantity)
            for one in ([charge] if charge else TOKENS)
            for name in self.agreed.names_on(day, one)
        ]

    def _undo(self, identity: str) -> None:
        for part in self.parts[identity]:
            self.model.undo(part)
        self.parts[identity] = []

    def _is_billed(self, identity: str) -> bool:
        return any(part.billed for part in self.parts[identity])

    @contextmanager
    def _writing(self, *, is_refused: bool) -> Iterator[Books]:
        """Lend the books for something that may be refused: what was billed stays as it is."""
        refusal = pytest.raises(RuleBroken) if is_refused else nullcontext()
        with refusal, self.shop.writing() as books:
            yield books

    def _collect(self) -> None:
        """Move what was not collected yet into the first open month that is not over by its day."""
        ends = (31, DAYS)
        for at in range(len(self.model.funds)):
            days: dict[int, int] = defaultdict(int)
            for (day, _), cents in self.model.amounts(at).items():
                days[day] += cents
            for day, cents in days.items():
                for home in [m for m in range(self.closed, 2) if ends[m] >= day][:1]:
                    self.held[at, MONTHS[home]] += cents - self.collected[at, day]
                    self.collected[at, day] = cents

    # What must be true after every step, and before a step is taken back.

    @invariant()
    def tie_out(self) -> None:
        """Check that the books are those of the model, and what schedules hold is what it says."""
        if hasattr(self, "shop"):
            books_are_those_of(self.shop, self.model)
            schedules_hold(self.shop, self.model, self.held)
