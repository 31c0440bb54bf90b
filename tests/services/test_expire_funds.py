"""Breakage: what nobody used of a fund expires, and is earned; late corrections move it again."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from earned.domain.consumption import EventType
from earned.domain.errors import EarnedError, RuleBroken
from earned.domain.prepaid import Fund
from earned.domain.tenancy import Entity, Scope
from earned.services.audit_books import audit_books
from earned.services.change_usage import ChangeUsage, change_usage
from earned.services.collect_revenue import collect_revenue
from earned.services.delete_usage import DeleteUsage, delete_usage
from earned.services.expire_funds import Expired, ExpireFunds, expire_funds, expire_through
from earned.services.ports import Books
from earned.services.record_usage import RecordUsage, record_usage
from earned.services.regenerate_consumption import (
    RegenerateConsumption,
    Regenerated,
    rebuild_consumption,
    restore_consumption,
)
from tests import builders
from tests.api import Keeper, keeping
from tests.periods import close, define_months
from tests.statements import executed

JANUARY_END = date(2026, 1, 31)


@pytest.fixture
def keeper(founded_database_url: str) -> Iterator[Keeper]:
    with keeping(founded_database_url) as lent:
        lent.clock.now = datetime(2026, 3, 15, 12, tzinfo=UTC)
        yield lent


@pytest.fixture
def books(keeper: Keeper) -> Iterator[Books]:
    """Lend books in which the first quarter of 2026 is defined; nothing in them is broken after."""
    with builders.writing(keeper) as lent:
        define_months(lent, 2026, 1, 2, 3)
        yield lent
        assert list(audit_books(lent, Counter())) == []


def sell(books: Books, *, units: int = 7, price: int = 100, **terms: Any) -> builders.Sold:
    """Sell one fund, for January, and overage at 2.00 USD."""
    plan = builders.rate_plan(books)
    builders.prepayment_charge(books, plan, units=units, price=price, **terms)
    builders.drawdown_charge(books, plan, price=2)
    return builders.sell(books, builders.account(books, number="A-1"), plan, months=1)


def use(books: Books, day: str, quantity: int, **more: object) -> str:
    fields = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": day, **more}
    (outcome,) = record_usage(books, [RecordUsage(fields={**fields, "Quantity": quantity})])
    assert not isinstance(outcome, EarnedError), outcome
    return outcome.id


def only_fund(books: Books) -> Fund:
    (fund,) = books.funds.list()
    return fund


Told = Sequence[tuple[str, str, int, int | None]]


def events(books: Books) -> Told:
    """Return type, day, quantity and amount of each event of a fund."""
    return [
        (one.event_type.value, str(one.transaction_date), int(one.quantity), one.amount_minor)
        for one in sorted(
            books.events.list(), key=lambda one: (one.transaction_date, one.event_type.value)
        )
        if one.fund_id
    ]


def ledger(books: Books) -> list[tuple[str, int]]:
    rows = books.transactions.list(order_by=["sequence"])
    return [(row.transaction_type.value, int(row.amount)) for row in rows]


def held(books: Books) -> Mapping[str, int]:
    """Return what the schedule of the fund holds, by period name."""
    names = {period.id: period.name for period in books.periods.list()}
    schedule = books.schedules.find(fund_id=only_fund(books).id)
    assert schedule
    items = books.items.list(schedule_id=schedule.id)
    return {names[item.period_id]: item.amount_minor for item in items}


def regenerate(books: Books) -> Regenerated:
    command = RegenerateConsumption(original_charge_id=only_fund(books).source_id)
    return restore_consumption(books, rebuild_consumption(books, command))


def test_u_24_what_is_left_expires_on_the_last_day(books: Books) -> None:
    sell(books)
    use(books, "2026-01-03", 2)
    use(books, "2026-01-09", 3)

    expired = expire_through(books, JANUARY_END)

    assert expired == Expired(funds=1, amounts_minor={"USD": 2857})
    assert events(books) == [
        ("Daily Rated Usage", "2026-01-03", 2, 2857),
        ("Daily Rated Usage", "2026-01-09", 3, 4286),
        ("Fund Expiry", "2026-01-31", 2, 2857),
    ]
    assert ledger(books) == [
        ("PREPAYMENT", 7),
        ("DRAWDOWN", -2),
        ("DRAWDOWN", -3),
        ("FUND_EXPIRY", -2),
    ]
    fund = only_fund(books)
    assert (int(fund.balance), int(fund.expired), fund.done) == (0, 2, False)
    (balance,) = books.balances.list()
    assert (int(balance.balance), balance.state) == (0, "EXPIRED")
    (period,) = books.validity_periods.list()
    assert period.remaining_balance == 0


def test_u_25_a_tenth_left_is_a_tenth_of_the_price(books: Books) -> None:
    sell(books, units=1000)
    use(books, "2026-01-03", 900)

    expire_through(books, JANUARY_END)

    assert events(books)[-1] == ("Fund Expiry", "2026-01-31", 100, 1000)


def test_r_t45_a_liability_is_breakage_after_expiry(books: Books) -> None:
    sell(books, units=10_000, price=1200)
    use(books, "2026-01-10", 3333)

    collect_revenue(books)
    assert held(books) == {"Jan'2026": 39_996, "Open-Ended": 80_004}

    expire_through(books, JANUARY_END)
    collect_revenue(books)
    assert events(books)[-1] == ("Fund Expiry", "2026-01-31", 6667, 80_004)
    assert held(books) == {"Jan'2026": 120_000, "Open-Ended": 0}
    made = books.distributions.list(order_by=["number"])
    assert made[-1].notes == "800.04 USD are breakage: units nobody used."


def test_r_t52_the_roll_forward_of_a_fund_ties_out(books: Books) -> None:
    sell(books, units=10_000, price=1200)
    use(books, "2026-01-10", 3333)
    collect_revenue(books)

    opening, prepaid, breakage, refunds = 0, 120_000, 0, 0
    drawn = sum(one.amount_minor or 0 for one in books.events.list())
    fund = only_fund(books)
    value_left = fund.funding_price_minor * fund.balance / fund.funded_balance
    assert drawn == 39_996
    assert opening + prepaid - drawn - breakage - refunds == 80_004 == round(value_left)
    assert held(books)["Open-Ended"] == 80_004


def test_a_fund_that_is_not_over_or_used_up_does_not_expire(books: Books) -> None:
    sell(books)

    assert expire_through(books, date(2026, 1, 30)) == Expired()
    use(books, "2026-01-03", 7)
    assert expire_through(books, JANUARY_END) == Expired()
    assert [kind for kind, _, _, _ in events(books)] == ["Daily Rated Usage"]


def test_expiring_again_changes_nothing(books: Books) -> None:
    sell(books)
    expire_through(books, JANUARY_END)
    before = events(books), ledger(books)

    assert expire_through(books, date(2026, 2, 28)) == Expired()
    assert (events(books), ledger(books)) == before


def test_a_fund_without_breakage_is_left_alone(books: Books) -> None:
    sell(books, breakage_policy="None")
    use(books, "2026-01-03", 2)

    assert expire_through(books, JANUARY_END) == Expired()
    assert only_fund(books).balance == 5


def test_units_that_may_roll_over_are_left_alone(books: Books) -> None:
    plan = builders.rate_plan(books)
    rolling: dict[str, Any] = {
        "is_rollover": True,
        "rollover_apply": "ApplyFirst",
        "rollover_periods": 1,
    }
    builders.prepayment_charge(books, plan, units=7, price=100, **rolling)
    builders.drawdown_charge(books, plan)
    builders.sell(books, builders.account(books, number="A-1"), plan, months=2)

    # January's may roll into February, until that is over too.
    assert expire_through(books, date(2026, 1, 31)).funds == 0
    assert expire_through(books, date(2026, 2, 28)).funds == 2
    assert [fund.balance for fund in books.funds.list(order_by=["start_date"])] == [0, 0]


def test_only_days_that_are_over_can_be_asked_for(books: Books) -> None:
    sell(books)

    for day in ("2026-03-15", "2027-01-01"):
        with pytest.raises(RuleBroken, match="should be a day that is over"):
            expire_funds(books, ExpireFunds(through=day))
    assert expire_funds(books, ExpireFunds(through="2026-03-14")).funds == 1


def test_late_usage_takes_units_back_from_the_expiry(books: Books) -> None:
    sell(books)
    use(books, "2026-01-03", 2)
    expire_through(books, JANUARY_END)

    use(books, "2026-01-20", 3)

    assert ledger(books)[-2:] == [("FUND_EXPIRY", 3), ("DRAWDOWN", -3)]
    assert events(books) == [
        ("Daily Rated Usage", "2026-01-03", 2, 2857),
        ("Daily Rated Usage", "2026-01-20", 3, 4286),
        ("Fund Expiry", "2026-01-31", 2, 2857),
    ]
    assert (int(only_fund(books).balance), int(only_fund(books).expired)) == (0, 2)
    assert books.rating_results.list() == ()


def test_what_the_expiry_cannot_give_is_overage(books: Books) -> None:
    sell(books)
    use(books, "2026-01-03", 2)
    expire_through(books, JANUARY_END)

    use(books, "2026-01-20", 9)

    assert only_fund(books).expired == 0
    (rating,) = books.rating_results.list()
    assert (int(rating.quantity), rating.amount_minor) == (4, 800)
    assert events(books)[-1] == ("Fund Expiry", "2026-01-31", 0, 0)


def test_usage_of_another_month_takes_nothing_back(books: Books) -> None:
    sell(books, units=7)
    expire_through(books, JANUARY_END)

    use(books, "2026-02-01", 1)

    assert only_fund(books).expired == 7


def test_what_a_correction_gives_back_expires_at_once(books: Books) -> None:
    sell(books)
    use(books, "2026-01-03", 5)
    expire_through(books, JANUARY_END)

    use(books, "2026-01-03", -2)

    assert ledger(books)[-2:] == [("DRAWDOWN_ADJUSTMENT", 2), ("FUND_EXPIRY", -2)]
    assert events(books) == [
        ("Daily Rated Usage", "2026-01-03", 3, 4286),
        ("Fund Expiry", "2026-01-31", 4, 5714),
    ]


def test_deleted_usage_is_breakage_and_comes_back_with_its_key(books: Books) -> None:
    sell(books)
    identity = use(books, "2026-01-03", 5, UniqueKey="k")
    expire_through(books, JANUARY_END)

    delete_usage(books, DeleteUsage(id=identity))
    assert events(books) == [
        ("Daily Rated Usage", "2026-01-03", 0, 0),
        ("Fund Expiry", "2026-01-31", 7, 10_000),
    ]

    use(books, "2026-01-03", 5, UniqueKey="k")
    assert events(books) == [
        ("Daily Rated Usage", "2026-01-03", 5, 7143),
        ("Fund Expiry", "2026-01-31", 2, 2857),
    ]


def test_changed_usage_moves_only_the_difference(books: Books) -> None:
    sell(books)
    identity = use(books, "2026-01-03", 5)
    expire_through(books, JANUARY_END)

    change_usage(books, ChangeUsage(id=identity, fields={"Quantity": Decimal(6)}))

    assert events(books) == [
        ("Daily Rated Usage", "2026-01-03", 6, 8571),
        ("Fund Expiry", "2026-01-31", 1, 1429),
    ]


def test_a_reversal_that_is_deleted_takes_its_units_from_the_expiry(books: Books) -> None:
    sell(books)
    use(books, "2026-01-03", 5)
    reversal = use(books, "2026-01-03", -2)
    expire_through(books, JANUARY_END)

    delete_usage(books, DeleteUsage(id=reversal))

    assert events(books) == [
        ("Daily Rated Usage", "2026-01-03", 5, 7143),
        ("Fund Expiry", "2026-01-31", 2, 2857),
    ]
    assert books.rating_results.list() == ()


def test_closed_periods_are_not_touched_by_a_late_correction(books: Books) -> None:
    sell(books)
    use(books, "2026-01-03", 2)
    expire_through(books, JANUARY_END)
    collect_revenue(books)
    close(books, "Jan'2026")

    use(books, "2026-01-03", -1)
    collect_revenue(books)

    # 1 unit less used is 1 unit more expired: February gets both, and they come to nothing.
    assert held(books) == {"Jan'2026": 10_000, "Open-Ended": 0}
    assert len(books.distributions.list()) == 2


def test_regenerating_rebuilds_an_expiry_byte_for_byte(books: Books) -> None:
    sell(books)
    use(books, "2026-01-03", 5)
    expire_through(books, JANUARY_END)
    use(books, "2026-01-20", 1)
    use(books, "2026-01-03", -2)
    days, told = books.consumption.list(order_by=["id"]), books.events.list(order_by=["id"])

    assert regenerate(books) == Regenerated()
    for row in told:
        if row.event_type is EventType.FUND_EXPIRY:
            books.events.change(row, amount_minor=1)
    for day in days:
        if day.ending:
            books.consumption.remove(day)
    assert regenerate(books) == Regenerated(inserted=1)

    assert books.consumption.list(order_by=["id"]) == days
    assert books.events.list(order_by=["id"]) == told


def test_u_27_proportional_breakage_is_earned_with_use(books: Books) -> None:
    sell(
        books,
        units=1200,
        price=1200,
        breakage_policy="Proportional",
        expected_breakage_rate=Decimal("0.1"),
    )
    for day in ("2026-01-05", "2026-01-10", "2026-01-15"):
        use(books, day, 300)
    assert [amount for _, _, _, amount in events(books)] == [33_333, 33_334, 33_333]

    expire_through(books, JANUARY_END)
    assert events(books)[-1] == ("Fund Expiry", "2026-01-31", 300, 20_000)


def test_u_27_beyond_what_was_expected_nothing_more_is_earned(books: Books) -> None:
    terms = {"breakage_policy": "Proportional", "expected_breakage_rate": Decimal("0.1")}
    sell(books, units=1200, price=1200, **terms)
    use(books, "2026-01-05", 1080)
    use(books, "2026-01-10", 100)

    expire_through(books, JANUARY_END)

    assert [amount for _, _, _, amount in events(books)] == [120_000, 0, 0]


@pytest.mark.parametrize(("used", "earned"), [(270, 30_000), (450, 50_000), (900, 100_000)])
def test_r_10_2_revenue_in_proportion_to_rights_exercised(
    books: Books, used: int, earned: int
) -> None:
    terms = {"breakage_policy": "Proportional", "expected_breakage_rate": Decimal("0.1")}
    sell(books, units=1000, price=1000, **terms)

    use(books, "2026-01-05", used)

    assert [amount for _, _, _, amount in events(books)] == [earned]


def test_late_corrections_move_proportional_breakage_too(books: Books) -> None:
    terms = {"breakage_policy": "Proportional", "expected_breakage_rate": Decimal("0.1")}
    sell(books, units=1000, price=1000, **terms)
    use(books, "2026-01-05", 500)
    expire_through(books, JANUARY_END)
    assert events(books)[-1] == ("Fund Expiry", "2026-01-31", 500, 44_444)

    use(books, "2026-01-20", 100)
    assert [amount for _, _, _, amount in events(books)] == [55_556, 11_111, 33_333]

    use(books, "2026-01-05", -200)
    assert events(books) == [
        ("Daily Rated Usage", "2026-01-05", 300, 33_333),
        ("Daily Rated Usage", "2026-01-20", 100, 11_111),
        ("Fund Expiry", "2026-01-31", 600, 55_556),
    ]


def test_u_27_without_expectation_all_of_it_is_earned_at_expiry(books: Books) -> None:
    sell(books, units=1200, price=1200)
    for day in ("2026-01-05", "2026-01-10", "2026-01-15"):
        use(books, day, 300)

    expire_through(books, JANUARY_END)

    assert [amount for _, _, _, amount in events(books)] == [30_000, 30_000, 30_000, 30_000]


def test_many_funds_expire_with_few_statements(keeper: Keeper, books: Books) -> None:
    plan = builders.prepaid_plan(books, units=7, price=100)
    for number in range(40):
        builders.sell(books, builders.account(books, number=f"A-{number + 1}"), plan, months=2)
    with executed(keeper) as statements:
        expired = expire_through(books, date(2026, 2, 28))

    assert expired == Expired(funds=80, amounts_minor={"USD": 800_000})
    assert 0 < len(statements) < 20
    assert sum(amount or 0 for _, _, _, amount in events(books)) == 800_000


def test_funds_of_all_organisations_expire_whoever_asks(keeper: Keeper) -> None:
    entity = keeper.application.clients.list(Entity)[0]
    mine = Scope(
        tenant_id=entity.tenant_id,
        entity_id=entity.id,
        user_id="tests",
        organization_ids=frozenset({"f" * 32}),
    )
    with builders.writing(keeper) as books:
        sell(books)
    with keeper.application.database.writing() as transaction:
        limited = transaction.books(mine)
        assert limited.funds.list() == ()

        assert expire_through(limited, JANUARY_END).funds == 1
    with builders.writing(keeper) as books:
        assert only_fund(books).expired == 7
