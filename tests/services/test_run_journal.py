"""What a journal run picks up that no request can easily make: overage, many schedules at once."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from earned.domain.posting import Code, TransactionType
from earned.domain.schedule import RevenueSchedule
from earned.domain.scheduling import REVENUE_DISTRIBUTED
from earned.domain.subscription import RatePlanCharge
from earned.services.add_distributions import NewDistribution
from earned.services.open_schedule import open_schedule
from earned.services.ports import Books, NumberKind
from earned.services.record_usage import RecordUsage, record_usage
from earned.services.run_journal import RunJournal, run_journal
from tests import builders
from tests.api import Keeper, keeping
from tests.builders import writing
from tests.periods import define_months
from tests.statements import executed

MANY = 300


@pytest.fixture
def keeper(founded_database_url: str) -> Iterator[Keeper]:
    with keeping(founded_database_url) as lent:
        yield lent


@pytest.fixture
def books(keeper: Keeper) -> Iterator[Books]:
    with writing(keeper) as books:
        define_months(books, 2026, 1)
        yield books


def sold(books: Books) -> builders.Sold:
    plan = builders.prepaid_plan(books, units=1)
    return builders.sell(books, builders.account(books, number="A-1"), plan, months=1)


def keep(books: Books, charge: RatePlanCharge, minor: int, **facts: Any) -> RevenueSchedule:
    """Keep a schedule of an amount that lies in January."""
    schedule = RevenueSchedule(
        id=books.new_id(),
        entity_id=books.scope.entity_id,
        number=books.next_number(NumberKind.REVENUE_SCHEDULE),
        account_id=charge.account_id,
        original_subscription_id=charge.original_subscription_id,
        charge_id=charge.original_id,
        amount_minor=minor,
        currency="USD",
        rule_name="Any",
        schedule_date=builders.NEW_YEAR,
        **facts,
        **books.stamp(),
    )
    january = books.periods.find(name="Jan'2026")
    assert january
    first = NewDistribution(amounts_minor={january.id: minor}, type=REVENUE_DISTRIBUTED)
    return open_schedule(books, schedule, first)


def run(books: Books) -> list[tuple[Code, Code, int, int]]:
    """Run January's journal; return debit, credit, amount and number of transactions by entry."""
    made = run_journal(
        books,
        RunJournal(
            transaction_types=[TransactionType.REVENUE_EVENT_ITEM],
            accounting_period_name="Jan'2026",
        ),
    )
    found = []
    for entry in books.entries.list(run_id=made.id, order_by=["number"]):
        items = books.entry_items.list(entry_id=entry.id, order_by=["place"])
        debit, credit = (Code(item.code_name, item.code_type) for item in items)
        found.append((debit, credit, entry.total_minor, entry.source_count))
    return found


@pytest.mark.parametrize(
    ("facts", "debit"),
    [
        ({}, Code(None, "UnbilledReceivables")),
        (
            {"deferred_code": "Unbilled", "deferred_code_type": "UnbilledReceivables"},
            Code("Unbilled", "UnbilledReceivables"),
        ),
        (
            {"deferred_code": "Deferred", "deferred_code_type": "DeferredRevenue"},
            Code(None, "UnbilledReceivables"),
        ),
        ({"deferred_code": "Lost"}, Code(None, "UnbilledReceivables")),
    ],
)
def test_overage_debits_what_is_not_billed_yet(
    books: Books, facts: dict[str, str], debit: Code
) -> None:
    usage = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": "2026-01-10"}
    charge = sold(books).charge("Drawdown")
    record_usage(books, [RecordUsage(fields={**usage, "Quantity": Decimal(3)})])
    (rating,) = books.rating_results.list()

    keep(books, charge, 400, rating_result_id=rating.id, **facts)

    assert run(books) == [(debit, Code(None, "SalesRevenue"), 400, 1)]


def test_a_deferred_amount_without_codes_goes_by_type(books: Books) -> None:
    keep(books, sold(books).charge("Prepayment"), 400)

    deferred, earned = Code(None, "DeferredRevenue"), Code(None, "SalesRevenue")
    assert run(books) == [(deferred, earned, 400, 1)]


def test_many_schedules_take_no_more_statements_than_few(keeper: Keeper, books: Books) -> None:
    charge = sold(books).charge("Prepayment")
    taken = []
    for number in (2, MANY):
        for _ in range(number):
            keep(books, charge, 100)
        with executed(keeper) as statements:
            ((_, _, total, count),) = run(books)
        assert (total, count) == (number * 100, number)
        taken.append(len(statements))

    assert 0 < taken[1] <= taken[0]
    assert books.posted.count(released_at=None) == MANY + 2
