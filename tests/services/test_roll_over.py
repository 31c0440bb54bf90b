"""Rollover: what is left of a fund goes to the next validity period, with what it cost (U 2.12)."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from earned.domain.exact import plain
from earned.domain.prepaid import Fund
from earned.services.audit_books import audit_books
from earned.services.collect_revenue import collect_revenue
from earned.services.expire_funds import expire_through
from earned.services.ports import Books
from earned.services.record_usage import RecordUsage, record_usage
from earned.services.regenerate_consumption import (
    RegenerateConsumption,
    Regenerated,
    rebuild_consumption,
    restore_consumption,
)
from earned.services.roll_over import RolledOver, roll_over_due
from tests import builders
from tests.api import keeping
from tests.periods import define_months

FIRST, LAST = "ApplyFirst", "ApplyLast"
NEW_YEAR = date(2022, 1, 1)


@pytest.fixture
def books(founded_database_url: str) -> Iterator[Books]:
    """Lend books in which nothing is broken after, and that regenerating leaves as they are."""
    with keeping(founded_database_url) as keeper, builders.writing(keeper) as lent:
        define_months(lent, 2022, *range(1, 13))
        yield lent
        assert list(audit_books(lent, Counter())) == []
        rows = lent.consumption.list(order_by=["id"]), lent.events.list(order_by=["id"])
        for charge_id in {fund.source_id for fund in lent.funds.list()}:
            command = RegenerateConsumption(original_charge_id=charge_id)
            assert restore_consumption(lent, rebuild_consumption(lent, command)) == Regenerated()
        assert rows == (lent.consumption.list(order_by=["id"]), lent.events.list(order_by=["id"]))


def sell(
    books: Books,
    *,
    apply: str = FIRST,
    times: int = 2,
    units: int = 1000,
    price: int = 1,
    start: date = NEW_YEAR,
    months: int = 3,
    **terms: Any,
) -> None:
    plan = builders.rate_plan(books)
    rollover: dict[str, Any] = {
        "is_rollover": True,
        "rollover_apply": apply,
        "rollover_periods": times,
    }
    builders.prepayment_charge(books, plan, units=units, price=price, **rollover, **terms)
    builders.drawdown_charge(books, plan, price=2)
    customer = builders.account(books, number="A-1")
    builders.sell(books, customer, plan, start=start, months=months)


def use(books: Books, day: str, quantity: int) -> None:
    fields = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": day}
    record_usage(books, [RecordUsage(fields={**fields, "Quantity": quantity})])


def bill(books: Books, target: date) -> RolledOver:
    return roll_over_due(books, [account.id for account in books.accounts.list()], target)


def periods(books: Books) -> list[tuple[str, str, str]]:
    """Return the start of each validity period, its total and what remains."""
    rows = books.validity_periods.list(order_by=["start_date"])
    return [
        (str(row.start_date), plain(row.total_balance), plain(row.remaining_balance))
        for row in rows
    ]


def funds(books: Books) -> list[Fund]:
    return list(books.funds.list(order_by=["start_date", "rollover_count"]))


def moves(books: Books, *kinds: str) -> list[tuple[str, str, str]]:
    rows = books.transactions.list(order_by=["id"])
    return [
        (row.transaction_type.value, str(row.transaction_date), plain(row.amount))
        for row in rows
        if row.transaction_type.value in kinds
    ]


def events(books: Books) -> list[tuple[str, str, str, int | None]]:
    rows = books.events.list(order_by=["transaction_date", "quantity"])
    return [
        (row.event_type.value, str(row.transaction_date), plain(row.quantity), row.amount_minor)
        for row in rows
    ]


def deferred(books: Books) -> int:
    """Return what is in Open-Ended of all schedules."""
    rest = books.periods.find(name="Open-Ended")
    assert rest
    return sum(item.amount_minor for item in books.items.list(period_id=rest.id))


def test_u_8_what_is_left_of_january_is_in_february(books: Books) -> None:
    sell(books)
    use(books, "2022-01-20", 800)

    assert bill(books, date(2022, 2, 1)) == RolledOver(funds=1)

    assert periods(books) == [
        ("2022-01-01", "1000", "0"),
        ("2022-02-01", "1200", "1200"),
        ("2022-03-01", "1000", "1000"),
    ]
    assert moves(books, "ROLLED_OVER", "ROLLOVER") == [
        ("ROLLED_OVER", "2022-01-31", "-200"),
        ("ROLLOVER", "2022-02-01", "200"),
    ]
    source, ordinary, rolled, _ = funds(books)
    assert (rolled.rollover_count, rolled.origin_fund_id) == (1, source.id)
    assert (rolled.rollover_apply, rolled.priority, ordinary.priority) == (FIRST, 10, 50)
    assert (rolled.start_date, rolled.end_date) == (date(2022, 2, 1), date(2022, 3, 1))
    assert bill(books, date(2022, 2, 1)) == RolledOver()


@pytest.mark.parametrize(
    ("apply", "february", "left"),
    [
        (FIRST, [("200", 20), ("500", 50)], 150),
        (LAST, [("700", 70)], 150),
    ],
)
def test_u_11_the_value_of_what_rolls(
    books: Books, apply: str, february: list[tuple[str, int]], left: int
) -> None:
    sell(books, apply=apply)
    use(books, "2022-01-20", 800)
    before = deferred(books)
    bill(books, date(2022, 2, 1))
    assert deferred(books) == before

    use(books, "2022-02-10", 700)
    collect_revenue(books)

    told = events(books)
    assert told[:2] == [
        ("Daily Rated Usage", "2022-01-20", "800", 80),
        ("FundRollover", "2022-01-31", "200", None),
    ]
    assert told[2:] == [("Daily Rated Usage", "2022-02-10", *one) for one in february]
    assert deferred(books) == left
    source, *_ = funds(books)
    assert (source.funding_price_minor, source.rolled_minor) == (100, 20)


def test_u_13_units_roll_twice_and_are_depleted_then(books: Books) -> None:
    sell(books, units=100, price=10, start=date(2025, 1, 1), months=5)

    done = [bill(books, date(2025, month, 1)) for month in range(2, 7)]

    assert done == [
        RolledOver(funds=1),
        RolledOver(funds=2),
        RolledOver(funds=2),
        RolledOver(funds=2, depleted=1),
        RolledOver(depleted=1),
    ]
    assert moves(books, "FUND_EXPIRY") == [
        ("FUND_EXPIRY", "2025-03-31", "-100"),
        ("FUND_EXPIRY", "2025-04-30", "-100"),
    ]
    expired = [event for event in events(books) if event[0] == "Fund Expiry"]
    assert expired[0] == ("Fund Expiry", "2025-03-31", "100", 1000)
    assert [fund.rollover_count for fund in funds(books) if fund.done] == [2, 2]


def test_u_14_only_the_latest_validity_period_rolls(books: Books) -> None:
    sell(books, units=100, price=10, start=date(2025, 1, 1), months=5)

    assert bill(books, date(2025, 4, 1)) == RolledOver(funds=1)

    assert [remaining for _, _, remaining in periods(books)] == ["100", "100", "0", "200", "100"]
    use(books, "2025-04-10", 250)
    assert [remaining for _, _, remaining in periods(books)] == ["100", "100", "0", "0", "100"]
    expire_through(books, date(2025, 3, 31))
    assert [remaining for _, _, remaining in periods(books)] == ["0", "0", "0", "0", "100"]


def test_the_last_validity_period_never_rolls(books: Books) -> None:
    sell(books, months=1)

    assert bill(books, date(2022, 2, 1)) == RolledOver()


def test_a_rolled_fund_may_live_for_a_few_months_only(books: Books) -> None:
    sell(
        books,
        period="ANNUAL",
        billing_period="Annual",
        times=1,
        months=24,
        start=date(2023, 1, 1),
        rollover_period_length=5,
    )

    bill(books, date(2024, 1, 1))

    rolled = next(fund for fund in funds(books) if fund.rollover_count)
    assert (rolled.start_date, rolled.end_date) == (date(2024, 1, 1), date(2024, 6, 1))
    assert bill(books, date(2024, 6, 1)) == RolledOver()
    assert bill(books, date(2024, 6, 2)) == RolledOver(depleted=1)


def test_units_given_back_to_a_fund_that_rolled_are_its_own_and_roll_next(books: Books) -> None:
    sell(books, units=3, price=10)
    use(books, "2022-01-05", 1)
    use(books, "2022-01-20", 1)
    bill(books, date(2022, 2, 1))
    assert [fund.funding_price_minor for fund in funds(books)] == [1000, 1000, 333, 1000]

    use(books, "2022-01-05", -1)
    assert [remaining for _, _, remaining in periods(books)] == ["1", "4", "3"]
    assert bill(books, date(2022, 2, 15)) == RolledOver(funds=1)

    prices = sorted(fund.funding_price_minor for fund in funds(books) if fund.rollover_count)
    assert prices == [333, 334]
    assert events(books)[0] == ("Daily Rated Usage", "2022-01-05", "0", 0)
    assert ("FundRollover", "2022-01-31", "2", None) in events(books)


def test_late_usage_of_a_period_that_rolled_is_overage(books: Books) -> None:
    sell(books)
    bill(books, date(2022, 2, 1))

    use(books, "2022-01-20", 10)

    assert ("Unbilled Usage", "2022-01-20", "10", 2000) in events(books)


def test_expected_breakage_rolls_with_the_units(books: Books) -> None:
    policy: dict[str, Any] = {
        "breakage_policy": "Proportional",
        "expected_breakage_rate": Decimal("0.1"),
    }
    sell(books, units=1200, price=1200, **policy)
    use(books, "2022-01-20", 600)

    bill(books, date(2022, 2, 1))

    rolled = next(fund for fund in funds(books) if fund.rollover_count)
    assert rolled.funding_price_minor == 120_000 - 66_667
    assert rolled.expected_breakage_rate == Decimal("0.2")
    use(books, "2022-02-10", 480)
    assert events(books)[-1] == ("Daily Rated Usage", "2022-02-10", "480", 53_333)


def test_what_is_nobodys_to_earn_is_not_depleted_by_itself(books: Books) -> None:
    sell(books, times=1, breakage_policy="None")
    bill(books, date(2022, 2, 1))

    assert bill(books, date(2022, 4, 2)) == RolledOver()


def test_nothing_rolls_whose_charge_does_not_say_so(books: Books) -> None:
    plan = builders.prepaid_plan(books)
    builders.sell(books, builders.account(books, number="A-1"), plan, start=NEW_YEAR)

    assert bill(books, date(2022, 6, 1)) == RolledOver()
