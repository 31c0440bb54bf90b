"""Revenue events of prepaid funds are collected into accounting periods."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earned.domain.accounting import AccountingPeriod
from earned.domain.collecting import Collected
from earned.domain.consumption import EventType, RevenueEvent
from earned.domain.errors import EarnedError
from earned.domain.prepaid import Fund
from earned.domain.schedule import RevenueSchedule
from earned.domain.schedule_state import ScheduleState, broken_by_change, broken_rules
from earned.services.collect_revenue import collect_revenue
from earned.services.open_schedule import open_fund_schedules
from earned.services.ports import Books
from earned.services.schedule_revenue import ScheduleRevenue, schedule_revenue
from tests import builders
from tests.api import Keeper, keeping
from tests.periods import close, define_months, reopen
from tests.statements import executed

JANUARY, FEBRUARY, MARCH = "Jan'2026", "Feb'2026", "Mar'2026"


@pytest.fixture
def keeper(founded_database_url: str) -> Iterator[Keeper]:
    with keeping(founded_database_url) as lent:
        yield lent


@pytest.fixture
def books(keeper: Keeper) -> Iterator[Books]:
    """Lend books in which the first two months of 2026 are defined."""
    with builders.writing(keeper) as lent:
        define_months(lent, 2026, 1, 2)
        yield lent


def fund_of(books: Books, *, units: int = 7, price: int = 100) -> Fund:
    """Sell one fund, for January."""
    plan = builders.prepaid_plan(books, units=units, price=price)
    sold = builders.sell(books, builders.account(books), plan, months=1)
    if books.schedules.find(fund_id=sold.funds[0].id) is None:
        open_fund_schedules(books, [(sold.funds[0], sold.charge("Prepayment"))])
    return sold.funds[0]


def event_of(
    books: Books, fund: Fund, day: date, minor: int | None, **changes: Any
) -> RevenueEvent:
    facts: dict[str, Any] = {
        "id": books.new_id(),
        "entity_id": fund.entity_id,
        "account_id": fund.account_id,
        "event_type": EventType.DAILY_RATED_USAGE,
        "subscription_name": "A-S00000001",
        "charge_id": fund.source_id,
        "charge_number": fund.charge_number,
        "charge_segment": 1,
        "transaction_date": day,
        "quantity": Decimal(1),
        "amount_minor": minor,
        "currency": fund.currency,
        "unit_price": None,
        "fund_id": fund.id,
        "created_at": books.now,
        "updated_at": books.now,
    }
    return RevenueEvent(**{**facts, **changes})


def schedule_of(books: Books, fund: Fund) -> RevenueSchedule:
    found = books.schedules.find(fund_id=fund.id)
    assert found
    return found


def held(books: Books, fund: Fund) -> Mapping[str, int]:
    """Return what the fund's schedule holds, by the name of the period."""
    names = {period.id: period.name for period in books.periods.list()}
    items = books.items.list(schedule_id=schedule_of(books, fund).id)
    return {names[item.period_id]: item.amount_minor for item in items}


def history(books: Books, fund: Fund) -> list[tuple[str, Mapping[str, int]]]:
    """Return the distributions of the fund's schedule: system id, and amounts by period name."""
    names = {period.id: period.name for period in books.periods.list()}
    made = books.distributions.list(schedule_id=schedule_of(books, fund).id, order_by=["number"])
    return [
        (
            one.event_type_system_id,
            {
                names[item.period_id]: item.amount_minor
                for item in books.distribution_items.list(distribution_id=one.id)
            },
        )
        for one in made
    ]


def test_a_new_fund_is_deferred_whole(books: Books) -> None:
    fund = fund_of(books)

    schedule = schedule_of(books, fund)
    assert schedule.number == "RS-00000001"
    assert schedule.amount_minor == 10000
    assert schedule.schedule_date == date(2026, 1, 1)
    assert schedule.charge_id == fund.source_id
    assert held(books, fund) == {"Open-Ended": 10000}
    assert history(books, fund) == [("FundActivated__z", {"Open-Ended": 10000})]


def test_daily_events_are_collected_into_the_periods_of_their_days(books: Books) -> None:
    fund = fund_of(books)
    books.events.add_all(
        [
            event_of(books, fund, date(2026, 1, 3), 2857),
            event_of(books, fund, date(2026, 1, 9), 4286),
            event_of(books, fund, date(2026, 2, 1), 2857, event_type=EventType.FUND_EXPIRY),
        ]
    )

    collected = collect_revenue(books)

    assert collected == Collected(events=3, distributions=("RE-00000002",))
    assert held(books, fund) == {"Open-Ended": 0, JANUARY: 7143, FEBRUARY: 2857}
    assert history(books, fund)[1:] == [
        ("UsageCollected__z", {JANUARY: 7143, FEBRUARY: 2857, "Open-Ended": -10000})
    ]
    assert {e.collected_minor for e in books.events.list()} == {2857, 4286}


def test_collecting_again_moves_nothing(books: Books) -> None:
    fund = fund_of(books)
    books.events.add(event_of(books, fund, date(2026, 1, 3), 2857))
    collect_revenue(books)

    assert collect_revenue(books) == Collected()
    assert len(history(books, fund)) == 2


def test_only_what_changed_since_moves_and_closed_periods_stay(books: Books) -> None:
    fund = fund_of(books)
    said = books.events.add(event_of(books, fund, date(2026, 1, 3), 2857))
    collect_revenue(books)
    close(books, JANUARY)

    books.events.change(said, amount_minor=2000, collected_minor=2857)
    books.events.add(event_of(books, fund, date(2026, 1, 9), 4286))
    collected = collect_revenue(books)

    assert collected.events == 2
    assert held(books, fund) == {"Open-Ended": 3714, JANUARY: 2857, FEBRUARY: 3429}
    assert history(books, fund)[2:] == [
        ("UsageCollected__z", {FEBRUARY: 3429, "Open-Ended": -3429})
    ]


def test_a_day_beyond_the_defined_periods_waits_for_its_period(books: Books) -> None:
    fund = fund_of(books)
    said = books.events.add(event_of(books, fund, date(2026, 3, 2), 2857))

    assert collect_revenue(books) == Collected()
    assert held(books, fund) == {"Open-Ended": 10000}

    define_months(books, 2026, 3)
    collect_revenue(books)
    assert held(books, fund) == {"Open-Ended": 7143, MARCH: 2857}
    found = books.events.find(id=said.id)
    assert found
    assert found.collected_minor == 2857


def test_with_every_defined_period_closed_revenue_waits(books: Books) -> None:
    fund = fund_of(books)
    close(books, JANUARY)
    close(books, FEBRUARY)
    books.events.add(event_of(books, fund, date(2026, 1, 3), 2857))

    assert collect_revenue(books) == Collected()
    assert held(books, fund) == {"Open-Ended": 10000}


def test_a_day_before_the_first_period_goes_to_the_next_open_one(books: Books) -> None:
    fund = fund_of(books)
    close(books, JANUARY)
    books.events.add(event_of(books, fund, date(2025, 12, 31), 2857))

    collect_revenue(books)

    assert held(books, fund) == {"Open-Ended": 7143, FEBRUARY: 2857}


def test_a_deleted_event_takes_back_what_was_collected_of_it(books: Books) -> None:
    fund = fund_of(books)
    said = books.events.add(event_of(books, fund, date(2026, 1, 3), 2857))
    collect_revenue(books)

    books.events.change(said, deleted=True, collected_minor=2857)
    collect_revenue(books)

    assert held(books, fund) == {"Open-Ended": 10000, JANUARY: 0}


def test_events_that_cancel_out_are_collected_without_a_distribution(books: Books) -> None:
    fund = fund_of(books)
    books.events.add_all(
        [
            event_of(books, fund, date(2026, 1, 3), 500),
            event_of(books, fund, date(2026, 1, 4), -500),
            event_of(books, fund, date(2026, 1, 5), None, event_type=EventType.FUND_ROLLOVER),
        ]
    )

    assert collect_revenue(books) == Collected(events=2)
    assert [
        event.collected_minor for event in books.events.list(order_by=["transaction_date"])
    ] == [
        500,
        -500,
        0,
    ]


def test_ten_thousand_events_take_few_statements(keeper: Keeper, books: Books) -> None:
    funds = [fund_of(books, price=1000) for _ in range(20)]
    january = [date(2026, 1, day) for day in range(1, 26)]
    for fund in funds:
        books.events.add_all(
            [event_of(books, fund, day, 200) for day in january for _ in range(20)]
        )
    with executed(keeper) as statements:
        collected = collect_revenue(books)

    assert collected.events == 10_000
    assert len(collected.distributions) == 20
    assert 0 < len(statements) < 40
    assert held(books, funds[0]) == {"Open-Ended": 0, JANUARY: 100_000}


class _Undo(Exception):
    """Takes back what one story stored."""


STEPS = st.one_of(
    st.tuples(st.just("use"), st.dates(date(2025, 12, 25), date(2026, 3, 5)), st.integers(-99, 99)),
    st.tuples(
        st.just("create"),
        st.dictionaries(
            st.sampled_from([JANUARY, FEBRUARY, "Open-Ended"]), st.integers(-99, 99), max_size=3
        ),
        st.sampled_from([0, 0, 0, 1]),
    ),
    st.tuples(st.sampled_from(["collect", "close", "reopen", "define"]), st.none(), st.none()),
)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=st.lists(STEPS, min_size=5, max_size=15))
def test_the_books_keep_r1_to_r10(books: Books, story: list[tuple[str, Any, Any]]) -> None:
    with suppress(_Undo), books.attempt():
        fund = fund_of(books)
        plan = builders.rate_plan(books)
        builders.unlimited_charge(books, plan)
        project = builders.sell(books, builders.account(books), plan).charge("Project")
        for step in story:
            before = states(books)
            periods = by_id(books)
            take(books, step, fund, project.id)
            for number, state in states(books).items():
                assert list(broken_rules(state, periods | by_id(books))) == []
                if step[0] not in {"close", "reopen"}:
                    known = before.get(number) or replace(state, items=[])
                    assert list(broken_by_change(known, state, periods)) == []
        raise _Undo


def take(books: Books, step: tuple[str, Any, Any], fund: Fund, charge_id: str) -> None:
    """Carry out one step of a story; what is refused changes nothing."""
    name, what, more = step
    ordered = [one for one in books.periods.list(order_by=["start_date"]) if one.start_date]
    closed = [one for one in ordered if one.is_closed]
    if name == "use":
        books.events.add(event_of(books, fund, what, more))
    elif name == "create":
        parts = [{"accountingPeriodName": n, "newAmount": amount} for n, amount in what.items()]
        fields = {
            "amount": sum(what.values()) + more,
            "revenueScheduleDate": "2026-02-01",
            "revenueDistributions": parts,
        }
        with suppress(EarnedError), books.attempt():
            schedule_revenue(books, ScheduleRevenue(charge_key=charge_id, fields=fields))
    elif name == "collect":
        collect_revenue(books)
        assert collect_revenue(books) == Collected()
    elif name == "close" and len(closed) < len(ordered):
        close(books, ordered[len(closed)].name)
    elif name == "reopen" and closed:
        reopen(books, closed[-1].name)
    elif name == "define" and len(ordered) < 3:
        define_months(books, 2026, 3)


def by_id(books: Books) -> dict[str, AccountingPeriod]:
    return {period.id: period for period in books.periods.list()}


def states(books: Books) -> Mapping[str, ScheduleState]:
    """Return every schedule with all it holds, by number."""
    return {
        schedule.number: ScheduleState(
            schedule,
            books.items.list(schedule_id=schedule.id),
            [
                (one, books.distribution_items.list(distribution_id=one.id))
                for one in books.distributions.list(schedule_id=schedule.id, order_by=["number"])
            ],
        )
        for schedule in books.schedules.list()
    }
