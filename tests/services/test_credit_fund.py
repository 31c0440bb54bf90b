"""Crediting a fund back: units, daily rows and the liability follow (U 2.11)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from earned.domain.calendar import Days
from earned.domain.crediting import credit_minor
from earned.domain.errors import NotFound, RuleBroken
from earned.domain.money import Currency
from earned.domain.prepaid import Fund
from earned.services.audit_books import audit_books
from earned.services.collect_revenue import collect_revenue
from earned.services.credit_fund import Credited, CreditFund, credit_fund
from earned.services.expire_funds import Expired, expire_through
from earned.services.ports import Books
from earned.services.record_usage import RecordUsage, record_usage
from earned.services.regenerate_consumption import (
    RegenerateConsumption,
    Regenerated,
    rebuild_consumption,
    restore_consumption,
)
from tests import builders
from tests.api import keeping
from tests.periods import close, define_months

JULY = date(2022, 7, 1)
USD = Currency.of("USD")
NEW_YEAR = date(2022, 1, 1)


@pytest.fixture
def books(founded_database_url: str) -> Iterator[Books]:
    """Lend books of 2022: 120 units for 120.00 USD a year, 90 of them used by July."""
    with keeping(founded_database_url) as keeper, builders.writing(keeper) as lent:
        define_months(lent, 2022, *range(1, 13))
        plan = builders.prepaid_plan(lent, units=120, price=10, overage=2, period="ANNUAL")
        customer = builders.account(lent, number="A-1")
        builders.sell(lent, customer, plan, start=NEW_YEAR, months=12)
        use(lent, "2022-03-10", 60)
        use(lent, "2022-06-30", 30)
        yield lent
        assert list(audit_books(lent, Counter())) == []


def use(books: Books, day: str, quantity: int) -> None:
    fields = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": day}
    record_usage(books, [RecordUsage(fields={**fields, "Quantity": quantity})])


def only_fund(books: Books) -> Fund:
    (fund,) = books.funds.list()
    return fund


def credit(books: Books, option: str, day: date = JULY) -> Credited:
    fund = only_fund(books)
    minor = credit_minor(option, fund, USD, day)
    return credit_fund(books, CreditFund(fund_id=fund.id, day=day, credit_minor=minor))


def events(books: Books) -> list[tuple[str, str, int, int | None]]:
    rows = books.events.list(order_by=["transaction_date"])
    return [
        (row.event_type.value, str(row.transaction_date), int(row.quantity), row.amount_minor)
        for row in rows
        if row.fund_id
    ]


def held(books: Books, **schedule: Any) -> Mapping[str, int]:
    names = {period.id: period.name for period in books.periods.list()}
    found = books.schedules.find(**schedule)
    assert found
    items = books.items.list(schedule_id=found.id)
    return {names[item.period_id]: item.amount_minor for item in items if item.amount_minor}


def test_u_15_time_based_credit_takes_back_what_was_earned_too_much(books: Books) -> None:
    credited = credit(books, "TimeBased")

    assert credited.fund.credited_minor == 6049
    assert events(books) == [
        ("Daily Rated Usage", "2022-03-10", 60, 6000),
        ("Daily Rated Usage", "2022-06-30", 30, 3000),
        ("FundCredit", "2022-07-01", 30, -3049),
    ]
    rows = books.transactions.list(order_by=["sequence"])
    assert (rows[-1].transaction_type, int(rows[-1].amount)) == ("PREPAYMENT_CREDIT_BACK", -30)
    assert rows[-1].transaction_date == JULY
    fund = only_fund(books)
    assert (int(fund.balance), fund.done, fund.credited_on) == (0, True, JULY)


def test_u_16_consumption_based_credit_trues_nothing_up(books: Books) -> None:
    credited = credit(books, "ConsumptionBased")

    assert credited.fund.credited_minor == 3000
    assert events(books)[-1] == ("FundCredit", "2022-07-01", 30, 0)


def test_u_17_a_full_credit_leaves_nothing_once_usage_is_reversed(books: Books) -> None:
    use(books, "2022-03-10", -60)
    use(books, "2022-06-30", -30)

    credited = credit(books, "FullCreditBack")

    assert credited.fund.credited_minor == 12_000
    assert sum(amount or 0 for _, _, _, amount in events(books)) == 0
    assert events(books)[-1] == ("FundCredit", "2022-07-01", 120, 0)


def test_a_negative_schedule_offsets_what_will_never_be_earned(books: Books) -> None:
    credited = credit(books, "TimeBased")
    collect_revenue(books)

    own = held(books, fund_id=only_fund(books).id)
    assert own == {"Mar'2022": 6000, "Jun'2022": 3000, "Jul'2022": -3049, "Open-Ended": 6049}
    assert credited.schedule
    assert credited.schedule.amount_minor == -6049
    assert credited.schedule.schedule_date == JULY
    offset = held(books, credited_fund_id=only_fund(books).id)
    assert offset == {"Open-Ended": -6049}
    assert own["Open-Ended"] + offset["Open-Ended"] == 0
    (made,) = books.distributions.list(schedule_id=credited.schedule.id)
    assert (made.event_type, made.event_type_system_id) == ("Fund Credited", "FundCredited__z")


def test_in_a_closed_period_nothing_changes(books: Books) -> None:
    collect_revenue(books)
    for month in ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul"):
        close(books, f"{month}'2022")

    credit(books, "TimeBased")
    collect_revenue(books)

    own = held(books, fund_id=only_fund(books).id)
    assert own == {"Mar'2022": 6000, "Jun'2022": 3000, "Aug'2022": -3049, "Open-Ended": 6049}


def test_a_fund_that_is_used_up_can_be_credited_by_time(books: Books) -> None:
    use(books, "2022-06-30", 30)

    credit(books, "TimeBased")

    assert events(books)[-1] == ("FundCredit", "2022-07-01", 0, -6049)
    assert sum(amount or 0 for _, _, _, amount in events(books)) == 5951


def test_late_usage_of_a_credited_fund_is_overage(books: Books) -> None:
    credit(books, "TimeBased")

    use(books, "2022-06-30", 5)

    (rating,) = books.rating_results.list()
    assert rating.quantity == 5
    assert only_fund(books).balance == 0


def test_what_comes_back_to_a_credited_fund_leaves_it_again(books: Books) -> None:
    credit(books, "TimeBased")

    use(books, "2022-06-30", -10)

    rows = books.transactions.list(order_by=["sequence"])
    assert [(row.transaction_type.value, int(row.amount)) for row in rows[-2:]] == [
        ("DRAWDOWN_ADJUSTMENT", 10),
        ("PREPAYMENT_CREDIT_BACK", -10),
    ]
    assert events(books)[1:] == [
        ("Daily Rated Usage", "2022-06-30", 20, 2000),
        ("FundCredit", "2022-07-01", 40, -2049),
    ]


def test_a_credited_fund_does_not_expire(books: Books) -> None:
    credit(books, "ConsumptionBased")

    assert expire_through(books, date(2022, 12, 31)) == Expired()


def test_regenerating_rebuilds_a_credit_byte_for_byte(books: Books) -> None:
    credit(books, "TimeBased")
    use(books, "2022-06-30", -10)
    days, told = books.consumption.list(order_by=["id"]), books.events.list(order_by=["id"])
    for day in days:
        books.consumption.remove(day)
    command = RegenerateConsumption(original_charge_id=only_fund(books).source_id)

    done = restore_consumption(books, rebuild_consumption(books, command))

    assert done == Regenerated(inserted=3)
    assert books.consumption.list(order_by=["id"]) == days
    assert books.events.list(order_by=["id"]) == told


def test_a_fund_is_credited_once_and_never_more_than_its_price(books: Books) -> None:
    fund = only_fund(books)
    for minor in (-1, 12_001):
        with pytest.raises(RuleBroken, match="between 0 and its price"):
            credit_fund(books, CreditFund(fund_id=fund.id, day=JULY, credit_minor=minor))
    with pytest.raises(NotFound):
        credit_fund(books, CreditFund(fund_id="f" * 32, day=JULY, credit_minor=1))

    credit(books, "ConsumptionBased")
    with pytest.raises(RuleBroken, match="has been credited"):
        credit(books, "ConsumptionBased")


def test_nothing_credited_needs_no_schedule(books: Books) -> None:
    fund = only_fund(books)

    credited = credit_fund(books, CreditFund(fund_id=fund.id, day=JULY, credit_minor=0))

    assert credited.schedule is None
    assert events(books)[-1] == ("FundCredit", "2022-07-01", 30, 3000)


def test_days_outside_the_validity_are_brought_into_it(books: Books) -> None:
    fund = only_fund(books)

    assert credit_minor("TimeBased", fund, USD, date(2021, 1, 1)) == 12_000
    assert credit_minor("TimeBased", fund, USD, date(2023, 6, 1)) == 0
    half = Days(date(2022, 7, 1), date(2023, 1, 1))
    assert credit_minor("TimeBased", fund, USD, date(2022, 10, 1), half) == 6000
    credited = credit_fund(books, CreditFund(fund_id=fund.id, day=date(2023, 6, 1), credit_minor=0))
    assert credited.fund.credited_on == date(2022, 12, 31)
