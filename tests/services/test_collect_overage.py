"""Overage is collected into schedules of its own, one for each charge and service period."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from earned.domain.charge import Tier
from earned.domain.query import RowQuery
from earned.domain.schedule import RevenueSchedule
from earned.domain.schedule_state import ScheduleState, broken_rules
from earned.services.audit_books import audit_books
from earned.services.collect_revenue import collect_revenue
from earned.services.create_accounting_code import CreateAccountingCode, create_accounting_code
from earned.services.ports import Books
from earned.services.query_objects import ObjectQuery, query_objects
from earned.services.record_usage import RecordUsage, record_usage
from tests import builders
from tests.api import keeping
from tests.periods import close, define_months

JANUARY, FEBRUARY, MARCH = "Jan'2026", "Feb'2026", "Mar'2026"


@pytest.fixture
def books(founded_database_url: str) -> Iterator[Books]:
    """Lend books in which the first two months of 2026 are defined."""
    with keeping(founded_database_url) as keeper, builders.writing(keeper) as lent:
        define_months(lent, 2026, 1, 2)
        yield lent


def sell(books: Books, **changes: Any) -> builders.Sold:
    """Sell a usage charge that nothing is prepaid for, at 2.00 USD a unit."""
    plan = builders.rate_plan(books)
    builders.unit(books)
    facts: dict[str, Any] = {
        "name": "Usage",
        "charge_type": "Usage",
        "charge_model": "PerUnit",
        "uom": "Token",
        "tiers": builders.prices(2),
        "billing_timing": None,
    }
    builders.charge(books, plan, **{**facts, **changes})
    return builders.sell(books, builders.account(books, number="A-1"), plan, months=12)


def code(books: Books, name: str, code_type: str) -> None:
    command = CreateAccountingCode(name=name, code_type=code_type)
    create_accounting_code(books, command)


def use(books: Books, day: str, quantity: int) -> None:
    fields = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": day}
    (outcome,) = record_usage(books, [RecordUsage(fields={**fields, "Quantity": quantity})])
    assert not isinstance(outcome, Exception), outcome


def schedules(books: Books) -> list[RevenueSchedule]:
    return [s for s in books.schedules.list(order_by=["number"]) if s.rating_result_id]


def held(books: Books, schedule: RevenueSchedule) -> Mapping[str, int]:
    names = {period.id: period.name for period in books.periods.list()}
    items = books.items.list(schedule_id=schedule.id)
    return {names[item.period_id]: item.amount_minor for item in items}


def check_rules(books: Books) -> None:
    periods = {period.id: period for period in books.periods.list()}
    for schedule in books.schedules.list():
        made = books.distributions.list(schedule_id=schedule.id, order_by=["number"])
        parts = [(one, books.distribution_items.list(distribution_id=one.id)) for one in made]
        state = ScheduleState(schedule, books.items.list(schedule_id=schedule.id), parts)
        assert list(broken_rules(state, periods)) == []


def test_the_overage_of_a_service_period_is_one_schedule(books: Books) -> None:
    sold = sell(books, recognized_revenue_account="Usage Revenue")
    use(books, "2026-01-03", 5)
    use(books, "2026-01-20", 10)
    use(books, "2026-02-02", 1)

    collected = collect_revenue(books)

    assert collected.events == 3
    assert collected.schedules == ("RS-00000001", "RS-00000002")
    assert collected.distributions == ("RE-00000001", "RE-00000002")
    january, february = schedules(books)
    assert (january.number, january.amount_minor) == ("RS-00000001", 3000)
    assert held(books, january) == {JANUARY: 3000, "Open-Ended": 0}
    assert held(books, february) == {FEBRUARY: 200, "Open-Ended": 0}
    charge = sold.charge("Usage")
    assert january.charge_id == charge.original_id
    assert january.original_subscription_id == sold.subscription.original_id
    assert january.schedule_date == date(2026, 1, 1)
    assert january.rule_name == "Recognize by usage"
    assert january.recognized_code == "Usage Revenue"
    check_rules(books)


def test_each_charge_has_a_schedule_of_its_own(books: Books) -> None:
    plan = builders.rate_plan(books)
    builders.unit(books)
    for name, price in (("Calls", 2), ("Storage", 3)):
        builders.charge(
            books,
            plan,
            name=name,
            charge_type="Usage",
            charge_model="PerUnit",
            uom="Token",
            tiers=builders.prices(price),
            billing_timing=None,
        )
    sold = builders.sell(books, builders.account(books, number="A-1"), plan, months=12)
    use(books, "2026-01-03", 5)

    collect_revenue(books)

    assert [(one.charge_id, one.amount_minor) for one in schedules(books)] == [
        (sold.charge("Calls").original_id, 1000),
        (sold.charge("Storage").original_id, 1500),
    ]


def test_its_balance_sheet_side_is_what_is_earned_and_not_billed(books: Books) -> None:
    sell(books, recognized_revenue_account="Usage Revenue")
    for name, kind in (("Usage Revenue", "SalesRevenue"), ("Unbilled", "UnbilledReceivables")):
        code(books, name, kind)
    use(books, "2026-01-03", 5)

    collect_revenue(books)

    (schedule,) = schedules(books)
    assert (schedule.recognized_code, schedule.recognized_code_type) == (
        "Usage Revenue",
        "SalesRevenue",
    )
    assert (schedule.deferred_code, schedule.deferred_code_type) == (
        "Unbilled",
        "UnbilledReceivables",
    )


def test_without_such_a_code_its_name_is_blank_and_its_type_is_known(books: Books) -> None:
    sell(books)
    use(books, "2026-01-03", 5)

    collect_revenue(books)

    (schedule,) = schedules(books)
    assert (schedule.recognized_code, schedule.deferred_code) == (None, None)
    assert schedule.deferred_code_type == "UnbilledReceivables"


def test_a_later_difference_is_a_further_schedule(books: Books) -> None:
    sell(books)
    use(books, "2026-01-03", 5)
    collect_revenue(books)
    close(books, JANUARY)

    use(books, "2026-01-09", 3)
    collect_revenue(books)
    use(books, "2026-01-09", -1)
    collect_revenue(books)

    first, more, less = schedules(books)
    assert [one.amount_minor for one in (first, more, less)] == [1000, 600, -200]
    assert held(books, first) == {JANUARY: 1000, "Open-Ended": 0}
    assert held(books, more) == {FEBRUARY: 600, "Open-Ended": 0}
    assert held(books, less) == {FEBRUARY: -200, "Open-Ended": 0}
    notes = [one.notes for one in books.distributions.list(order_by=["number"])]
    assert notes == [
        None,
        "6.00 USD belong to Jan'2026, which is closed.",
        "-2.00 USD belong to Jan'2026, which is closed.",
    ]
    check_rules(books)
    rating_events = books.events.list()
    assert sum(event.collected_minor for event in rating_events) == 1400


def test_collecting_again_makes_no_schedule(books: Books) -> None:
    sell(books)
    use(books, "2026-01-03", 5)
    collect_revenue(books)

    again = collect_revenue(books)

    assert (again.events, again.schedules, again.distributions) == (0, (), ())
    assert len(schedules(books)) == 1


def test_days_after_all_periods_wait(books: Books) -> None:
    sell(books, billing_period="Quarter")
    use(books, "2026-02-28", 5)
    use(books, "2026-03-01", 7)

    collect_revenue(books)
    assert [held(books, one) for one in schedules(books)] == [{FEBRUARY: 1000, "Open-Ended": 0}]

    define_months(books, 2026, 3)
    collect_revenue(books)
    assert [held(books, one) for one in schedules(books)] == [
        {FEBRUARY: 1000, "Open-Ended": 0},
        {MARCH: 1400, "Open-Ended": 0},
    ]


def test_a_price_that_falls_with_volume_is_corrected_by_a_difference(books: Books) -> None:
    tiers = (
        Tier(currency="USD", tier=1, ending_unit=Decimal(99), price=Decimal(10)),
        Tier(currency="USD", tier=2, starting_unit=Decimal(99), price=Decimal(9)),
    )
    sell(books, charge_model="Volume", tiers=tiers)
    use(books, "2026-01-03", 90)
    collect_revenue(books)
    use(books, "2026-01-20", 20)

    collect_revenue(books)

    # U 41: 90 at 10 are 900, 110 at 9 are 990: the next 20 units earn 90.
    assert [one.amount_minor for one in schedules(books)] == [90_000, 9000]


def test_days_that_come_to_nothing_together_make_no_schedule_and_leave_their_trail(
    books: Books,
) -> None:
    tiers = (
        Tier(currency="USD", tier=1, ending_unit=Decimal(99), price=Decimal(10)),
        Tier(currency="USD", tier=2, starting_unit=Decimal(99), price=Decimal(0)),
    )
    sell(books, charge_model="Volume", tiers=tiers)
    use(books, "2026-01-03", 90)
    use(books, "2026-01-20", 20)

    collected = collect_revenue(books)

    assert (collected.events, collected.schedules) == (2, ())
    gave = sorted((one.amount_minor, one.schedule_id) for one in books.collected.list())
    assert gave == [(-90_000, None), (90_000, None)]
    assert list(audit_books(books, Counter())) == []
    use(books, "2026-01-20", -20)
    collect_revenue(books)
    assert [one.amount_minor for one in schedules(books)] == [90_000]
    assert list(audit_books(books, Counter())) == []


def test_overage_beside_a_fund_is_a_schedule_beside_its_schedule(books: Books) -> None:
    plan = builders.prepaid_plan(books, units=7, price=100, overage=2)
    builders.sell(books, builders.account(books, number="A-1"), plan, months=1)
    use(books, "2026-01-03", 10)

    collected = collect_revenue(books)

    assert collected.schedules == ("RS-00000002",)
    assert collected.distributions == ("RE-00000002", "RE-00000003")
    (fund,) = books.funds.list()
    of_fund = books.schedules.find(fund_id=fund.id)
    assert of_fund
    assert held(books, of_fund) == {JANUARY: 10_000, "Open-Ended": 0}
    (overage,) = schedules(books)
    assert held(books, overage) == {JANUARY: 600, "Open-Ended": 0}
    check_rules(books)


def test_the_trail_of_each_event_leads_to_its_schedule(books: Books) -> None:
    sell(books)
    use(books, "2026-01-03", 5)
    collect_revenue(books)
    use(books, "2026-01-03", 1)
    collect_revenue(books)

    trail = books.connection.exec_driver_sql(  # type: ignore[attr-defined]
        "SELECT schedule_id, amount_minor FROM collected ORDER BY amount_minor"
    ).all()

    first, second = schedules(books)
    assert [tuple(row) for row in trail] == [(second.id, 200), (first.id, 1000)]


def test_items_of_schedules_that_are_made_together_have_ids_of_their_own(books: Books) -> None:
    sell(books)
    use(books, "2026-01-03", 1)
    use(books, "2026-02-03", 1)
    collect_revenue(books)

    rows = RowQuery(table="item_of_schedule")
    found = query_objects(books, ObjectQuery(rows=rows, page_size=99, tiers=False)).found

    assert len(schedules(books)) == 2
    assert len({item.row["id"] for item in found}) == len(found) == 4
