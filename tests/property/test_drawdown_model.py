"""Random stories of a prepaid plan, against a model written from the rules (U 5, invariants)."""

from fractions import Fraction
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from earned.domain.consumption import EventType
from tests.property.model import FIRST, LAST
from tests.property.shop import CENTS_OF, DAYS, RATES, make_template
from tests.property.story import FEBRUARY, TOP_UPS_MAX, Story, few_days, loads

JANUARY, AFTER = (1, FEBRUARY), (FEBRUARY, DAYS + 1)
GROUPS = {"ApplyFirst": FIRST, "ApplyLast": LAST}
ROLLS_MAX = BILLS_MAX = 3
OPENINGS = {3: ("ApplyFirst", None), 4: ("ApplyLast", None), 5: ("ApplyFirst", Fraction(9))}

parts = st.sampled_from([None, Fraction(1, 4), Fraction(7, 3)])


class Life(Story):
    """What sellers do besides: roll over and back, deplete, and draw again what waits."""

    rolls = bills = 0

    def open(self, opening: int) -> None:
        """Begin with rolled funds as often as not: few stories come to them by themselves."""
        if opening in OPENINGS:
            priority, used = OPENINGS[opening]
            self._use_one((min(RATES), 20, Fraction(opening * 701, 100), False))
            self.roll_over(priority, used, min(RATES), back=used is not None)
        elif opening:
            # What was depleted is not there for usage that comes late.
            self.deplete(0, None)
            self._use_one((min(RATES), 20, Fraction(opening * 7), False))

    @precondition(lambda self: self.rolls < ROLLS_MAX)
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
    @rule(charge=st.sampled_from(sorted(RATES)), day=few_days, back=loads)
    def cover(self, charge: str, day: int, back: Fraction) -> None:
        """Buy more after more was used than there is: only drawing again covers it (U 2.9)."""
        self._use_one((charge, day, Fraction(41), False))
        self._use_one((charge, day, -back, False))
        self.top_up(day)
        self.redraw()

    @rule()
    def redraw(self) -> None:
        """What waits is drawn from funds that cover it now; again, and nothing is."""
        self.shop.redraw()
        self.model.redraw()
        before = self._rows()
        assert self.shop.redraw() == 0
        assert self._rows() == before

    @precondition(lambda self: self.bills < BILLS_MAX)
    @rule(months=st.sampled_from([1, 2]))
    def bill(self, months: int) -> None:
        """Bill what is due at the end of a month: prepayments that began, overage as totals."""
        self.bills += 1
        over = (JANUARY, AFTER)[:months]
        _, target = over[-1]
        self.shop.bill(target)
        self.model.bill(over, CENTS_OF)
        usage, prices = self.shop.billed()
        assert {key: one for key, one in usage.items() if any(one)} == {
            key: one for key, one in self.model.billed.items() if any(one)
        }
        with self.shop.reading() as books:
            funds = books.funds.list(order_by=["created_at", "id"])
        for fund, model in zip(funds, self.model.funds, strict=True):
            if model.origin is None and model.start <= target:
                assert prices[fund.id] == model.cents
        for identity in [one for one in self.parts if self._is_billed(one)][:1]:
            self.change([(identity, None)], 0, target, Fraction(3))
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


def test_the_books_tell_every_story_as_the_model_does(
    sqlite_template: Path, tmp_path: Path
) -> None:
    Life.template = make_template(sqlite_template, tmp_path / "template.db")
    Life.directory = tmp_path

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=35,
            stateful_step_count=20,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            # A story is long to tell again: shrinking one takes minutes, so it is left to people.
            phases=[Phase.generate],
        ),
    )
