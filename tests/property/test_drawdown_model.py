"""Random stories of a prepaid plan, against a model written from the rules (U 5, invariants)."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from earned.domain.consumption import EventType
from earned.domain.prepaid import TransactionType
from tests.property.agreed import APRIL, FEBRUARY, MARCH, NEVER
from tests.property.model import FIRST
from tests.property.ordering import AFTER, GROUPS, JANUARY, Ordering
from tests.property.shop import DAYS, RATES, make_template
from tests.property.story import OPENINGS, TOP_UPS_MAX, amounts, few_days
from tests.property.telling import tell

ROLLS_MAX = BILLS_MAX = 3
REVERSAL = TransactionType.DRAWDOWN_REVERSAL

parts = st.sampled_from([None, Fraction(1, 4), Fraction(7, 3)])


class Life(Ordering):
    """What sellers do besides: roll over and back, deplete, and draw again what waits."""

    rolls = bills = 0

    def open(self, opening: str) -> None:
        """Begin with what few stories come to by themselves."""
        charge = min(RATES)
        self._use_one((charge, 20, Fraction(7), False))
        if opening == "depleted":
            self._deplete(charge)
        elif opening == "ordered":
            self._order(charge)
        elif opening == "changed":
            self._change(charge)
        elif self.model.rolls is not None:
            self._roll_by_itself(charge)
        elif opening.startswith("taken back"):
            self._take_back(opening.rsplit(maxsplit=1)[-1], charge)
        elif opening != "nothing":
            self.roll_over(opening, Fraction(9), charge, back=False)

    def _roll_by_itself(self, charge: str) -> None:
        """Have bill runs roll, what has rolled stay, and the last of it be depleted."""
        self.bill(FEBRUARY)
        self._use_one((charge, FEBRUARY, Fraction(9), False))
        if self.model.rolls == FIRST:
            # What has rolled once is left, and depleted when its days are over.
            self.renew((charge, DAYS, Fraction(1), False), back=False)
            self.bill(MARCH)
            self.tie_out()
            self.bill(MARCH + 1)
        else:
            # What comes back to January stays there: only the latest period rolls, if any.
            self.delete([(next(iter(self.parts)), None)], 0)
            self.renew((charge, DAYS, Fraction(1), False), back=True)
            self.bill(MARCH)

    def _take_back(self, priority: str, charge: str) -> None:
        """Take a rollover back; not another one, as a fund that it came from is done since."""
        self.roll_over(priority, None, charge, back=True)
        self.tie_out()
        self.roll_over(priority, None, charge, back=False)
        self.delete([(next(iter(self.parts)), None)], 0)
        self.deplete(0, None)
        self.roll_back()

    def _deplete(self, charge: str) -> None:
        """Have less of January, late usage of what is gone, and more of February."""
        # What is there of January is there no more, not even what a correction gives back.
        first = [(next(iter(self.parts)), None)]
        self.deplete(0, None)
        self.change(first, 0, 20, Fraction(5))
        self.tie_out()
        self.delete(first, 0)
        # What has expired comes back for late usage, what was depleted does not.
        self.deplete(2, Fraction(1, 4))
        self.expire(FEBRUARY - 1)
        self._use_one((charge, 20, Fraction(30), False))
        self.cover("C-00000003", 20, Fraction(2))
        # What was used before a fund cost more is worth more since.
        self._use_one((charge, FEBRUARY, Fraction(5), False))
        late = charge, DAYS, Fraction(2), False
        # No fund holds less than was depleted of it.
        self.update(FEBRUARY, Fraction(3), None, late, back=False)
        self.update(FEBRUARY, Fraction(40), 20000, late, back=False)

    def _order(self, charge: str) -> None:
        """Undo orders that reversed draws: some of them or all, as the funds are credited."""
        few = charge, 1, Fraction(2), False
        self._use_one(few)
        self._use_one((charge, FEBRUARY, Fraction(12), False))
        self._use_one((max(RATES), DAYS, Fraction(9), False))
        # Of those two it is the last that makes room, and draws again what there is.
        self.update(FEBRUARY, Fraction("18.5"), None, few, back=True)
        # As much is drawn afterwards as before, and what waited waits, whatever there is now.
        self._use_one((charge, FEBRUARY, Fraction(19), False))
        self.top_up(FEBRUARY)
        chosen = self.option
        for option in ("TimeBased", "FullCreditBack"):
            self.credit_by(option)
            self.cancel(15, (None, 1, Fraction(2), False), back=True)
        self.credit_by(chosen)
        # What a fund that goes had given is drawn from the next one.
        self._use_one((charge, 20, Fraction(22), False))
        self.remove(1, 20, (None, 15, Fraction(3), False), back=False)

    def _change(self, charge: str) -> None:
        """Have what no fund covers cost more, and funds hold more; end sooner, and go on."""
        late = charge, 20, Fraction(30), False
        self._use_one(late)
        self.reprice(charge, 15, Fraction(60), late, back=False)
        february = charge, FEBRUARY, Fraction(30), False
        self.update(FEBRUARY, Fraction(40), 20000, february, back=False)
        self.change_term(FEBRUARY, february, back=False)
        self.tie_out()
        # What was to begin with February never did: it goes on as it was.
        self.change_term(MARCH, february, back=False)
        self.change_term(NEVER, february, back=False)
        self.update(FEBRUARY, Fraction(3), 0, late, back=True)
        self.change_term(20, late, back=True)
        self.change_term(APRIL, late, back=True)

    @precondition(lambda self: self.rolls < ROLLS_MAX and self.model.rolls is None)
    @rule(
        priority=st.sampled_from(sorted(GROUPS)),
        used=st.sampled_from([None, Fraction(1), Fraction(30)]),
        charge=st.sampled_from(sorted(RATES)),
        back=st.booleans(),
    )
    def roll_over(self, priority: str, used: Fraction | None, charge: str, *, back: bool) -> None:
        """Roll January over, use some of February, and take the rollover back."""
        self.rolls += 1
        made = self.shop.roll_over(JANUARY, AFTER, priority)
        assert made == self.model.roll(JANUARY, AFTER, GROUPS[priority])
        if used:
            self._use_one((charge, FEBRUARY, used, False))
        if back:
            self.roll_back()

    @precondition(lambda self: self.rolls)
    @rule()
    def roll_back(self) -> None:
        """All that rolled comes back, or nothing does once some of it was used."""
        expected = self.model.roll_back(AFTER, JANUARY)
        assert self.shop.roll_back(AFTER, JANUARY) == expected

    @rule(pick=st.integers(0, 5), part=parts)
    def deplete(self, pick: int, part: Fraction | None) -> None:
        """Deplete a fund, wholly or some of it, or more than it has: that is refused."""
        at = pick % len(self.model.funds)
        balance = self.model.funds[at].balance
        units = None if part is None else Fraction(int(balance * part * 100), 100)
        if units == 0:
            return
        is_done = self.shop.deplete(at, units)
        assert is_done == (balance > 0 and (units is None or units <= balance))
        if is_done:
            self.model.deplete(at, balance if units is None else units)

    @precondition(lambda self: self.top_ups < TOP_UPS_MAX)
    @rule(charge=st.sampled_from(sorted(RATES)), day=few_days, left=amounts)
    def cover(self, charge: str, day: int, left: Fraction) -> None:
        """Buy more after more was used than there is: only drawing again covers it (U 2.9).

        All but some of it was taken back before.
        """
        self._use_one((charge, day, Fraction(41), False))
        names = self.agreed.names_on(day, charge)
        more = sum((self.model.overage[name, day] for name in names), -left)
        if more > 0:
            self._use_one((charge, day, -Fraction(int(more * 100), 100), False))
        self.top_up(day)
        self.redraw()

    @rule()
    def redraw(self) -> None:
        """What waits is drawn from funds that cover it now; again, and nothing is."""
        self.shop.redraw()
        self.model.redraw()
        before = self.rows()
        assert self.shop.redraw() == 0
        assert self.rows() == before

    @precondition(lambda self: self.bills < BILLS_MAX)
    @rule(through=st.sampled_from([FEBRUARY, MARCH, MARCH + 1]))
    def bill(self, through: int) -> None:
        """Bill what is due: prepayments that began, overage as totals; then units may roll over."""
        self.bills += 1
        self.shop.bill(through)
        self.roll_on(through)
        self.model.bill([one for one in (JANUARY, AFTER) if one[1] <= through])
        self.model.pay(through)
        self.model.roll_due(through)
        usage, prices = self.shop.billed()
        assert {key: one for key, one in usage.items() if any(one)} == {
            key: one for key, one in self.model.billed.items() if any(one)
        }
        with self.shop.reading() as books:
            funds = books.funds.list(order_by=["created_at", "id"])
        paid = {funds[at].id: cents for at, cents in self.model.paid.items() if cents}
        assert {key: cents for key, cents in prices.items() if cents} == paid
        for identity in [one for one in self.parts if self._is_billed(one)][:1]:
            self.change([(identity, None)], 0, FEBRUARY, Fraction(3))
            self.delete([(identity, None)], 0)
            if self.top_ups < TOP_UPS_MAX:
                self.top_up(self.parts[identity][0].day)
                self.redraw()

    @invariant()
    def rolling_has_an_event_without_an_amount(self) -> None:
        if not hasattr(self, "shop"):
            return
        with self.shop.reading() as books:
            funds = books.funds.list(order_by=["created_at", "id"])
            events = books.events.list(event_type=EventType.FUND_ROLLOVER)
        rolled = [model.moved for model in self.model.funds]
        assert [Fraction(fund.rolled_over + fund.rolled_back) for fund in funds] == rolled
        assert [fund.rolled_minor for fund in funds] == [m.moved_cents for m in self.model.funds]
        assert all(event.amount_minor is None for event in events)
        assert sum(Fraction(event.quantity) for event in events) == sum(
            model.moved for model in self.model.funds if model.origin is None
        )

    @invariant()
    def no_more_is_reversed_than_is_asked_for(self) -> None:
        if hasattr(self, "shop"):
            with self.shop.reading() as books:
                rows = books.transactions.list(transaction_type=REVERSAL)
            assert sum(row.amount > 0 for row in rows) == len(self.model.reversals)


@pytest.mark.parametrize("opening", OPENINGS)
def test_the_books_tell_every_story_as_the_model_does(
    sqlite_template: Path, tmp_path: Path, opening: str
) -> None:
    Life.template = make_template(sqlite_template, tmp_path / "template.db")
    Life.directory, Life.opening = tmp_path, opening

    tell(Life, 3)
