"""Revenue of a schedule moves between periods by distributions, and in no other way."""

from collections.abc import Iterator
from datetime import date

import pytest

from earned.domain.errors import NotFound
from earned.domain.schedule import RevenueSchedule
from earned.domain.scheduling import REVENUE_DISTRIBUTED
from earned.services.move_revenue import move_revenue, schedule_to_change
from earned.services.ports import Books
from earned.services.schedule_revenue import ScheduleRevenue, schedule_revenue
from tests import builders
from tests.api import keeping
from tests.periods import close, define_months

JANUARY, FEBRUARY, OPEN_ENDED = "Jan'2026", "Feb'2026", "Open-Ended"


@pytest.fixture
def books(founded_database_url: str) -> Iterator[Books]:
    """Lend books in which the first two months of 2026 are defined."""
    with keeping(founded_database_url) as keeper, builders.writing(keeper) as lent:
        define_months(lent, 2026, 1, 2)
        yield lent


@pytest.fixture
def schedule(books: Books) -> RevenueSchedule:
    """Make a schedule of 300.00, all of it in Open-Ended."""
    plan = builders.rate_plan(books)
    builders.unlimited_charge(books, plan)
    charge = builders.sell(books, builders.account(books), plan).charge("Project")
    fields = {"amount": "300", "revenueScheduleDate": "2026-01-01"}
    return schedule_revenue(books, ScheduleRevenue(charge_key=charge.id, fields=fields))


def ids(books: Books) -> dict[str, str]:
    return {period.name: period.id for period in books.periods.list()}


def held(books: Books, schedule: RevenueSchedule) -> dict[str, int]:
    names = {period.id: period.name for period in books.periods.list()}
    items = books.items.list(schedule_id=schedule.id)
    return {names[item.period_id]: item.amount_minor for item in items}


def test_what_a_period_gets_another_gives(books: Books, schedule: RevenueSchedule) -> None:
    period = ids(books)
    amounts = {period[JANUARY]: 10000, period[OPEN_ENDED]: -10000, period[FEBRUARY]: 0}

    made = move_revenue(
        books,
        schedule,
        amounts,
        REVENUE_DISTRIBUTED,
        notes="A third",
        recognition_start=date(2026, 1, 1),
        recognition_end=date(2026, 3, 31),
    )

    assert made == books.distributions.find(number="RE-00000002")
    assert made
    assert (made.schedule_id, made.event_type) == (schedule.id, "Revenue Distributed")
    assert (made.notes, made.recognition_end) == ("A third", date(2026, 3, 31))
    items = books.distribution_items.list(distribution_id=made.id)
    assert {item.period_id: item.amount_minor for item in items} == {
        period[JANUARY]: 10000,
        period[OPEN_ENDED]: -10000,
    }
    assert held(books, schedule) == {JANUARY: 10000, OPEN_ENDED: 20000}


def test_amounts_are_added_to_what_is_there(books: Books, schedule: RevenueSchedule) -> None:
    period = ids(books)
    for minor in (10000, -2500):
        amounts = {period[JANUARY]: minor, period[OPEN_ENDED]: -minor}
        move_revenue(books, schedule, amounts, REVENUE_DISTRIBUTED)

    assert held(books, schedule) == {JANUARY: 7500, OPEN_ENDED: 22500}


def test_moving_nothing_stores_nothing(books: Books, schedule: RevenueSchedule) -> None:
    amounts = dict.fromkeys(ids(books).values(), 0)

    assert move_revenue(books, schedule, amounts, REVENUE_DISTRIBUTED) is None
    assert books.distributions.count(schedule_id=schedule.id) == 1


def test_a_closed_period_and_a_changed_amount_are_defects(
    books: Books, schedule: RevenueSchedule
) -> None:
    period = ids(books)
    with pytest.raises(AssertionError):
        move_revenue(books, schedule, {period[JANUARY]: 1}, REVENUE_DISTRIBUTED)
    close(books, JANUARY)
    amounts = {period[JANUARY]: 1, period[OPEN_ENDED]: -1}
    with pytest.raises(AssertionError):
        move_revenue(books, schedule, amounts, REVENUE_DISTRIBUTED)
    assert held(books, schedule) == {OPEN_ENDED: 30000}


def test_a_schedule_to_change_is_found_while_it_is_there(
    books: Books, schedule: RevenueSchedule
) -> None:
    assert schedule_to_change(books, "rs-00000001") == schedule
    books.schedules.change(schedule, deleted=True, deleted_at=books.now)
    for number in ("RS-00000001", "RS-00000002"):
        with pytest.raises(NotFound, match=number):
            schedule_to_change(books, number)
