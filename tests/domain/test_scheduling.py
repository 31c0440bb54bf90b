"""Revenue schedules keep R1 to R10, whatever is made, collected, closed and reopened."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.accounting import OPEN_ENDED, AccountingPeriod, PeriodStatus
from earned.domain.collecting import landings
from earned.domain.errors import Invalid, Missing, RuleBroken
from earned.domain.money import Currency
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem, RevenueSchedule
from earned.domain.schedule_state import (
    ScheduleState,
    Totals,
    broken_by_change,
    broken_rules,
    in_order,
    totals_of,
)
from earned.domain.scheduling import (
    OpenEndedRules,
    distribute,
    read_distributions,
    read_flag,
)

DOLLARS = Currency.of("USD")
STAMP = {
    "created_by": "tests",
    "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    "updated_by": "tests",
    "updated_at": datetime(2026, 1, 1, tzinfo=UTC),
}
MONTHS = 4


def period(month: int | None, status: PeriodStatus = PeriodStatus.OPEN) -> AccountingPeriod:
    """Return a month of 28 days, or Open-Ended; its id is its number.

    Such months leave gaps, which the books do not allow: nothing may be lost in them even so.
    """
    return AccountingPeriod(
        id=str(month or 0),
        entity_id="books",
        name=f"P{month}" if month else OPEN_ENDED,
        start_date=date(2026, month, 1) if month else None,
        end_date=date(2026, month, 28) if month else None,
        fiscal_year=2026 if month else None,
        status=status,
        **STAMP,  # type: ignore[arg-type]
    )


def spread(*parts: tuple[str, object], amount: int, rules: OpenEndedRules | None = None) -> object:
    """Distribute an amount of US cents over three open periods and Open-Ended."""
    asked = [{"accountingPeriodName": name, "newAmount": value} for name, value in parts]
    periods = [period(month) for month in (None, 1, 2, 3)]
    rules = rules or OpenEndedRules()
    return distribute(amount, read_distributions(asked), periods, DOLLARS, rules)


def test_without_distributions_all_is_open_ended() -> None:
    assert spread(amount=30000) == {"0": 30000}


def test_amounts_are_read_in_the_currency_and_add_up() -> None:
    parts = (("P1", "100"), ("P2", 150), (OPEN_ENDED, "50.00"))
    assert spread(*parts, amount=30000) == {"1": 10000, "2": 15000, "0": 5000}


def test_a_plug_makes_open_ended_what_the_others_leave() -> None:
    plug = OpenEndedRules(plug=True)
    assert spread((OPEN_ENDED, "0.00"), amount=1001, rules=plug) == {"0": 1001}
    assert spread(("P1", "4.01"), amount=1001, rules=plug) == {"1": 401, "0": 600}
    with pytest.raises(RuleBroken, match="Open-Ended"):
        spread(("P1", "10.02"), amount=1001, rules=plug)


def test_open_ended_has_the_sign_of_the_amount_unless_it_may_oppose() -> None:
    parts = (("P1", "-310"), (OPEN_ENDED, "10"))
    with pytest.raises(RuleBroken, match="Open-Ended"):
        spread(*parts, amount=-30000)
    may = OpenEndedRules(may_oppose=True)
    assert spread(*parts, amount=-30000, rules=may) == {"1": -31000, "0": 1000}


def test_the_whole_list_is_found_before_any_of_it_is_read() -> None:
    with pytest.raises(Invalid, match="Cannot find accounting period 'P9'"):
        spread(("P1", "0.001"), ("P9", None), amount=1)
    with pytest.raises(Invalid, match="wrong decimal places"):
        spread(("P1", "0.001"), ("P2", None), amount=1)
    with pytest.raises(Missing, match=r"revenueDistributions\.1\.newAmount"):
        spread(("P1", "0.01"), ("P2", None), amount=1)


def test_flags_may_be_strings() -> None:
    assert [read_flag(v, "f") for v in (True, "true", "TRUE", False, "false", None)] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    with pytest.raises(Invalid):
        read_flag(1, "f")


def test_r_t30_the_sample_of_a_redistribution() -> None:
    """R 11 T30: posted 50 in October, then ten more there, taken from Open-Ended."""
    october, rest = period(10), period(None)
    state = _state(5000, [{"10": 5000}, {"10": 1000, "0": -1000}])
    assert {item.period_id: item.amount_minor for item in state.items} == {"10": 6000, "0": -1000}

    open_totals = totals_of(state.items, {"10": october, "0": rest})
    assert open_totals == Totals(0, 5000, -1000)
    assert open_totals.distributed_minor == 6000
    closed = replace(october, status=PeriodStatus.CLOSED)
    assert totals_of(state.items, {"10": closed, "0": rest}) == Totals(6000, -1000, -1000)
    assert list(broken_rules(state, {"10": closed, "0": rest})) == []
    assert [i.period_id for i in in_order(state.items, {"10": october, "0": rest})] == ["10", "0"]


def test_broken_books_are_named() -> None:
    periods = {"1": period(1, PeriodStatus.CLOSED), "0": period(None)}
    good = _state(100, [{"0": 100}, {"0": -40, "1": 40}])
    lost = replace(good, items=good.items[:1])
    assert rules_of(broken_rules(lost, periods)) == ["R1", "R6", "R7"]
    lopsided = _state(100, [{"0": 90}, {"1": 10}])
    assert rules_of(broken_rules(lopsided, periods)) == ["R8", "R8"]
    less = replace(good, schedule=replace(good.schedule, amount_minor=60), items=good.items[:1])
    assert rules_of(broken_by_change(good, less, periods)) == [
        "R9",
        "R10",
    ]


def rules_of(lines: Iterable[str]) -> list[str]:
    return [line.partition(":")[0] for line in lines]


@dataclass
class Books:
    """A model of the books: one schedule of 1,000.00, periods that close in order, and days."""

    closed: int = 0
    says: Counter[date] = field(default_factory=Counter)
    collected: Counter[date] = field(default_factory=Counter)
    history: list[dict[str, int]] = field(default_factory=lambda: [{"0": 100_000}])

    @property
    def periods(self) -> Sequence[AccountingPeriod]:
        status = [PeriodStatus.CLOSED if m <= self.closed else PeriodStatus.OPEN for m in range(9)]
        return [period(None), *(period(m, status[m]) for m in range(1, MONTHS + 1))]

    @property
    def state(self) -> ScheduleState:
        return _state(100_000, self.history)

    def collect(self) -> None:
        moved: Counter[str] = Counter()
        lands = landings(self.periods)
        for day, says in self.says.items():
            for home in (one.period_id for one in lands if one.first <= day <= one.last):
                moved[home] += says - self.collected[day]
                moved["0"] -= says - self.collected[day]
                self.collected[day] = says
        if any(moved.values()):
            self.history.append({home: minor for home, minor in moved.items() if minor})


days = st.dates(date(2025, 12, 20), date(2026, MONTHS + 1, 20))
steps = st.one_of(
    st.tuples(st.just("use"), days, st.integers(-5000, 5000)),
    st.tuples(st.just("collect")),
    st.tuples(st.just("close")),
    st.tuples(st.just("reopen")),
)


@given(st.lists(steps, max_size=30))
def test_collecting_keeps_every_invariant(story: list[tuple[object, ...]]) -> None:
    books = Books()
    for step in story:
        periods = {one.id: one for one in books.periods}
        before = books.state
        if step[0] == "use":
            assert isinstance(step[1], date)
            assert isinstance(step[2], int)
            books.says[step[1]] += step[2]
        elif step[0] == "collect":
            books.collect()
            moved = len(books.history)
            books.collect()
            assert len(books.history) == moved
        elif step[0] == "close":
            books.closed = min(books.closed + 1, MONTHS)
        else:
            books.closed = max(books.closed - 1, 0)
        assert list(broken_rules(books.state, periods)) == []
        assert list(broken_by_change(before, books.state, periods)) == []
        undistributed = totals_of(books.state.items, periods).undistributed_minor
        assert undistributed == 100_000 - sum(books.collected.values())


amounts = st.integers(-(10**9), 10**9)
names = st.sampled_from(["P1", "P2", "P3", OPEN_ENDED])


@given(
    parts=st.dictionaries(names, amounts),
    error=st.sampled_from([0, 1]),
    plug=st.booleans(),
    may_oppose=st.booleans(),
)
def test_a_schedule_is_created_whole_or_not_at_all(
    parts: dict[str, int], error: int, *, plug: bool, may_oppose: bool
) -> None:
    amount = sum(parts.values()) + error
    texts = [(name, str(Decimal(minor).scaleb(-2))) for name, minor in parts.items()]
    try:
        made = spread(*texts, amount=amount, rules=OpenEndedRules(plug, may_oppose))
    except RuleBroken:
        assert (error and not plug) or not may_oppose
        return
    assert isinstance(made, dict)
    assert not error or plug or not parts
    periods = {p.id: p for p in (period(month) for month in (None, 1, 2, 3))}
    assert list(broken_rules(_state(amount, [made]), periods)) == []


def _state(amount: int, history: Sequence[dict[str, int]]) -> ScheduleState:
    """Return the state of a schedule whose distributions added these amounts."""
    totals: Counter[str] = Counter()
    for moved in history:
        for period_id, minor in moved.items():
            totals[period_id] += minor
    schedule = RevenueSchedule(
        id="schedule",
        entity_id="books",
        number="RS-00000001",
        account_id="account",
        original_subscription_id="subscription",
        charge_id="charge",
        amount_minor=amount,
        currency="USD",
        rule_name="Custom - Unlimited recognition",
        schedule_date=date(2026, 1, 1),
        **STAMP,  # type: ignore[arg-type]
    )
    items = [
        RevenueItem(
            schedule_id="schedule", period_id=period_id, entity_id="books", amount_minor=minor
        )
        for period_id, minor in totals.items()
    ]
    return ScheduleState(schedule, items, [_distribution(at, m) for at, m in enumerate(history)])


def _distribution(
    at: int, moved: dict[str, int]
) -> tuple[Distribution, Sequence[DistributionItem]]:
    distribution = Distribution(
        id=str(at),
        entity_id="books",
        number=f"RE-{at}",
        schedule_id="schedule",
        event_type="Revenue Distributed",
        event_type_system_id="RevenueDistributed__z",
        **STAMP,  # type: ignore[arg-type]
    )
    return distribution, [
        DistributionItem(
            distribution_id=str(at), period_id=period_id, entity_id="books", amount_minor=minor
        )
        for period_id, minor in moved.items()
    ]
