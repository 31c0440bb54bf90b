"""Whatever is done to revenue schedules, R1 to R10 hold, and the books are as a model says."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from earned.domain.accounting import OPEN_ENDED
from earned.domain.calendar import DAY
from earned.domain.errors import EarnedError
from earned.domain.schedule_state import (
    Periods,
    ScheduleState,
    broken_by_change,
    broken_rules,
    totals_of,
)
from earned.services.change_schedule import (
    ChangeItems,
    ChangeSchedule,
    NamedItem,
    change_event_items,
    change_schedule,
    change_schedule_items,
)
from earned.services.close_period import close_period, set_pending_close
from earned.services.create_period import CreatePeriod, create_period
from earned.services.delete_schedule import delete_schedule
from earned.services.distribute_over_range import distribute_over_range
from earned.services.distribute_revenue import (
    DistributeRevenue,
    distribute_across_periods,
    distribute_on_date,
)
from earned.services.ports import Books
from earned.services.reopen_period import reopen_period
from earned.services.schedule_revenue import ScheduleRevenue, schedule_revenue
from tests import builders
from tests.api import Keeper, keeping
from tests.builders import writing
from tests.periods import define_months
from tests.property.schedule_model import MONTHS, PLACES, REST, Model, Refused, Sheet
from tests.property.telling import tell

NAMES = ["Jan'2026", "Feb'2026", "Mar'2026", "Apr'2026", OPEN_ENDED]
STORIES, STEPS = 25, 25
SCHEDULES_MAX, CLOSED_MAX = 3, 3
# A close costs as much as many changes.
CHANGES_LEAST = 4

cents = st.integers(-500, 20000)
places = st.integers(0, REST)
days = st.dates(date(2026, 1, 1), date(2026, 5, 31))
signs = st.sampled_from([1, 1, -1])
errors = st.sampled_from([0, 0, 0, 0, 1])
mostly = st.sampled_from([True, True, True, False])
spreads = st.dictionaries(places, cents, max_size=3)


class Undone(Exception):
    """A story is over, and nothing of it is kept."""


class Story(RuleBasedStateMachine):
    """Schedules made, distributed in three ways, changed and deleted while months close and open.

    The last month is defined on the way, and takes its share of what was spread by days.

    A story is one transaction, which is never committed.
    """

    keeper: ClassVar[Keeper]
    charge: ClassVar[str]

    numbers = Bundle("numbers")

    @initialize(may_oppose=st.booleans())
    def begin(self, *, may_oppose: bool) -> None:
        self.lent = writing(self.keeper)
        self.books: Books = self.lent.__enter__()
        self.model = Model(may_oppose=may_oppose)
        self.allow(may_oppose=may_oppose)
        self.changes = 0
        self.notes: dict[str, str] = {}
        self.custom: dict[tuple[str, int], object] = {}
        self.before: dict[str, ScheduleState] = {}
        self.periods = {period.id: period for period in self.books.periods.list()}

    def teardown(self) -> None:
        if hasattr(self, "lent"):
            with suppress(Undone):
                self.lent.__exit__(Undone, Undone(), None)

    # What may happen.

    @precondition(lambda self: len(self.before) < SCHEDULES_MAX)
    @rule(target=numbers, spread=spreads, sign=signs, day=days, error=errors, is_open=mostly)
    def create(
        self, spread: dict[int, int], sign: int, day: date, error: int, *, is_open: bool
    ) -> Any:
        if is_open:
            day = max(day, date(2026, self.model.closed + 1, 1))
        spread = {self.place(at, is_open=is_open): sign * minor for at, minor in spread.items()}
        amount = sum(spread.values()) + error or sign * 30000
        fields = {
            "amount": dollars(amount),
            "revenueScheduleDate": day.isoformat(),
            "revenueDistributions": new_amounts(spread),
        }
        number = f"RS-{len(self.model.sheets) + 1:08}"
        made = self.both(
            lambda: self.model.create(number, amount, day, spread),
            lambda: schedule_revenue(
                self.books, ScheduleRevenue(charge_key=self.charge, fields=fields)
            ),
        )
        if made is None:
            return multiple()
        assert made.number == number
        return number

    @rule(
        number=numbers,
        giver=places,
        taker=places,
        percent=st.integers(0, 120),
        error=errors,
        is_open=mostly,
    )
    def move(
        self, number: str, giver: int, taker: int, percent: int, error: int, *, is_open: bool
    ) -> None:
        """Move percent of what a period has to another, by saying what both come to."""
        giver, taker = self.place(giver, is_open=is_open), self.place(taker, is_open=is_open)
        held = self.model.sheets[number].held
        moved = 0 if giver == taker else held[giver] * percent // 100
        new = {giver: held[giver] - moved, taker: held[taker] + moved + error}
        self.distribute(
            lambda: self.model.across(number, new),
            distribute_across_periods,
            number,
            {"revenueDistributions": new_amounts(new)},
        )

    @rule(
        number=numbers,
        day=days,
        amount=st.one_of(cents, st.none()),
        percent=st.one_of(st.integers(0, 100), st.none()),
    )
    def move_on_day(self, number: str, day: date, amount: int | None, percent: int | None) -> None:
        """Move an amount, percent of the total or, with neither, half of the rest."""
        share = None if percent is None else Fraction(percent)
        kind = "percent undistributed" if percent is None else "percent total"
        fields: dict[str, object] = {"percentage": "50.0" if percent is None else percent}
        if amount is not None:
            kind, fields = "fixed amount", {"amount": dollars(amount)}
        kind = f"specific date (delta {kind})"
        self.distribute(
            lambda: self.model.on_day(number, day, amount, share),
            distribute_on_date,
            number,
            {**fields, "distributionType": kind, "distributeOn": day.isoformat()},
        )

    @rule(number=numbers, ends=st.tuples(days, days).map(sorted))
    def spread_over(self, number: str, ends: list[date]) -> None:
        start, end = ends
        self.distribute(
            lambda: self.model.over(number, start, end),
            distribute_over_range,
            number,
            {"recognitionStart": start.isoformat(), "recognitionEnd": end.isoformat()},
        )

    @rule(number=numbers, text=st.sampled_from(["a", "b"]), place=places)
    def describe(self, number: str, text: str, place: int) -> None:
        """Change notes and custom fields, of which no event comes."""
        command = ChangeSchedule(number=number, fields={"notes": text})
        sheet = self.model.sheets[number]
        if self.both(
            partial(self.model.sheet, number), partial(change_schedule, self.books, command)
        ):
            self.notes[number] = text
            self.mark(number, sheet, place, text)

    @precondition(lambda self: self.model.closed)
    @rule(target=numbers, number=consumes(numbers))
    def delete(self, number: str) -> Any:
        delete = partial(delete_schedule, self.books, number)
        is_gone = self.both(partial(self.model.delete, number), delete) is not None
        return multiple() if is_gone else number

    @precondition(lambda self: self.model.closed < CLOSED_MAX and self.changes >= CHANGES_LEAST)
    @rule(pending=st.booleans())
    def close(self, *, pending: bool) -> None:
        period = self.books.periods.find(name=NAMES[self.model.closed])
        assert period
        if pending and not period.trial_balance_end:
            set_pending_close(self.books, period.id)
        close_period(self.books, period.id)
        self.model.closed += 1
        self.changes = 0

    @precondition(lambda self: self.model.defined < MONTHS and self.model.is_waiting)
    @rule()
    def define(self) -> None:
        start, end = date(2026, MONTHS, 1), date(2026, MONTHS + 1, 1) - DAY
        name = NAMES[self.model.defined]
        month = CreatePeriod(name=name, start_date=start, end_date=end, fiscal_year=2026)
        create_period(self.books, month)
        self.model.define()

    @precondition(lambda self: self.model.closed)
    @rule()
    def reopen(self) -> None:
        self.model.closed -= 1
        period = self.books.periods.find(name=NAMES[self.model.closed])
        assert period
        reopen_period(self.books, period.id)

    @rule(may_oppose=st.booleans())
    def allow(self, *, may_oppose: bool) -> None:
        """Decide whether Open-Ended may have the other sign than a schedule."""
        self.model.may_oppose = may_oppose
        name = "allow_revenue_schedule_negative_amounts"
        self.books.change_settings({name: may_oppose})

    # What must hold.

    @invariant()
    def the_books_are_those_of_the_model(self) -> None:
        if not hasattr(self, "books"):
            return
        now = {period.id: period for period in self.books.periods.list()}
        states = self.states()
        assert set(states) == {n for n, sheet in self.model.sheets.items() if not sheet.deleted}
        for number, state in states.items():
            assert list(broken_rules(state, now)) == []
            if number in self.before:
                assert list(broken_by_change(self.before[number], state, self.periods)) == []
            self.compare(number, state, now)
        self.before, self.periods = states, now

    def compare(self, number: str, state: ScheduleState, periods: Periods) -> None:
        sheet = self.model.sheets[number]

        def place(period_id: str) -> int:
            return NAMES.index(periods[period_id].name)

        assert state.schedule.amount_minor == sheet.amount
        assert state.schedule.notes == self.notes.get(number)
        assert listed((place(i.period_id), i.amount_minor) for i in state.items) == sheet.held
        events = [
            listed((place(i.period_id), i.amount_minor) for i in items)
            for _, items in state.distributions
        ]
        assert events == sheet.events
        totals = totals_of(state.items, periods)
        recognized = sum(sheet.held[: self.model.closed])
        assert totals.recognized_minor == recognized
        assert totals.unrecognized_minor == sheet.amount - recognized
        assert totals.undistributed_minor == sheet.held[REST]
        said = {place(i.period_id): i.custom_fields for i in state.items if i.custom_fields}
        expected = {where: text for (whose, where), text in self.custom.items() if whose == number}
        assert said == {where: {"Why__c": text} for where, text in expected.items()}

    # How it is done.

    def place(self, place: int, *, is_open: bool) -> int:
        """Return a place; an open one if it must be."""
        return max(place, self.model.closed) if is_open else place

    def mark(self, number: str, sheet: Sheet, place: int, text: str) -> None:
        """Change a custom field of an item and of its first event's, where they are."""
        named = [NamedItem(NAMES[place], {"Why__c": text})]
        if place == REST or any(event[place] for event in sheet.events):
            change_schedule_items(self.books, ChangeItems(number=number, items=named))
            self.custom[number, place] = text
        if sheet.events[0][place]:
            first = self.before[number].distributions[0][0].number
            change_event_items(self.books, ChangeItems(number=first, items=named))

    def distribute(
        self,
        expected: Callable[[], bool],
        use_case: Callable[[Books, DistributeRevenue], Any],
        number: str,
        fields: dict[str, object],
    ) -> None:
        """Distribute in the books and in the model: an event comes of it in both, or in neither."""
        command = DistributeRevenue(number=number, fields=fields, custom_fields={})
        last = self.books.distributions.count()
        made = self.both(
            expected, lambda: (use_case(self.books, command), self.books.distributions.count())
        )
        if made is not None:
            event, count = made
            assert (event is not None) == self.outcome == (count == last + 1)

    def both(self, expected: Callable[[], Any], actual: Callable[[], Any]) -> Any:
        """Do it in both; None if both refuse it, in which case nothing is stored."""
        self.changes += 1
        try:
            self.outcome = expected()
            allowed = True
        except Refused:
            allowed = False
        try:
            with self.books.attempt():
                done = actual()
        except EarnedError:
            done = None
        assert (done is not None) == allowed
        return done

    def states(self) -> dict[str, ScheduleState]:
        """Return every schedule with its items and events, read with four statements."""
        books = self.books
        items, moved = defaultdict(list), defaultdict(list)
        made: dict[str, list[Any]] = defaultdict(list)
        for item in books.items.list():
            items[item.schedule_id].append(item)
        for one in books.distribution_items.list():
            moved[one.distribution_id].append(one)
        for event in books.distributions.list(order_by=["number"]):
            made[event.schedule_id].append((event, moved[event.id]))
        found = books.schedules.list(deleted=False)
        return {one.number: ScheduleState(one, items[one.id], made[one.id]) for one in found}


def dollars(minor: int) -> str:
    return str(Decimal(minor).scaleb(-2))


def new_amounts(spread: dict[int, int]) -> list[dict[str, object]]:
    return [
        {"accountingPeriodName": NAMES[place], "newAmount": dollars(minor)}
        for place, minor in spread.items()
    ]


def listed(amounts: Any) -> list[int]:
    cells = [0] * PLACES
    for place, minor in amounts:
        cells[place] += minor
    return cells


@pytest.fixture
def keeper(founded_database_url: str) -> Iterator[Keeper]:
    with keeping(founded_database_url) as lent:
        yield lent


@contextmanager
def selling(keeper: Keeper) -> Iterator[str]:
    """Sell a charge whose schedules are made by hand, and define all months but the last."""
    with writing(keeper) as books:
        define_months(books, 2026, *range(1, MONTHS))
        plan = builders.rate_plan(books)
        builders.unlimited_charge(books, plan)
        charge = builders.sell(books, builders.account(books), plan).charge("Project")
    yield charge.id


def test_schedules_are_what_the_model_says_whatever_is_done_to_them(keeper: Keeper) -> None:
    with selling(keeper) as charge:
        Story.keeper, Story.charge = keeper, charge
        tell(Story, STORIES, STEPS)
