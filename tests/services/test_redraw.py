"""Drawing pending usage again, once there are funds for it (U 2.9)."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from earned.domain.calendar import DAY, Days
from earned.domain.usage import PENDING, PROCESSED
from earned.services.audit_books import audit_books
from earned.services.delete_usage import DeleteUsage, delete_usage
from earned.services.expire_funds import expire_through
from earned.services.ports import Books
from earned.services.record_usage import RecordUsage, record_usage
from earned.services.redraw import redraw
from tests import builders
from tests.api import keeping
from tests.builders import Sold

YEAR = date(2022, 1, 1)


@pytest.fixture
def books(founded_database_url: str) -> Iterator[Books]:
    with keeping(founded_database_url) as keeper, builders.writing(keeper) as lent:
        yield lent
        assert list(audit_books(lent, Counter())) == []


def sell(books: Books, rate: int = 1) -> Sold:
    """Sell 1000 minutes for 100.00 USD a year; a minute beyond them is 1.00."""
    plan = builders.rate_plan(books)
    builders.prepayment_charge(
        books, plan, uom="Minute", units=1000, price=100, period="ANNUAL", billing_period="Annual"
    )
    builders.drawdown_charge(
        books, plan, uom="Hour" if rate > 1 else "Minute", drawn="Minute", price=1, rate=rate
    )
    return builders.sell(books, builders.account(books, number="A-1"), plan, start=YEAR, months=12)


def top_up(books: Books, sold: Sold, day: date, units: int = 300, price: int = 30) -> str:
    plan = builders.rate_plan(books, "Top-up")
    builders.prepayment_charge(
        books, plan, uom="Minute", units=units, price=price, period="ANNUAL",
        charge_type="OneTime", billing_period=None,
    )  # fmt: skip
    return builders.add(books, sold.subscription, plan, on=day).balances[0].id


def use(books: Books, day: str, quantity: int | str, uom: str = "Minute") -> None:
    fields = {"AccountNumber": "A-1", "UOM": uom, "StartDateTime": day, "Quantity": quantity}
    record_usage(books, [RecordUsage(fields=fields)])


def rest(books: Books) -> list[tuple[object, str]]:
    rows = books.guided_usage.list(order_by=["id"])
    return [(row.remaining_quantity, row.status) for row in rows]


def test_u_2_and_3_what_waits_is_drawn_from_a_top_up(books: Books) -> None:
    sold = sell(books)
    for _ in range(9):
        use(books, "2022-10-01", 100)
    use(books, "2022-11-01", 300)
    balance_id = top_up(books, sold, date(2022, 11, 1))
    (rating,) = books.rating_results.list()
    assert (int(rating.quantity), rating.amount_minor) == (200, 20_000)

    assert redraw(books, [balance_id]) == 1

    (balance,) = books.balances.list()
    assert balance.balance == 100
    moves = books.transactions.list(transaction_type="DRAWDOWN", order_by=["id"])
    assert [int(move.amount) for move in moves[-2:]] == [-100, -200]
    assert {record.rbe_status for record in books.usage.list()} == {PROCESSED}
    events = books.events.list(order_by=["transaction_date", "quantity"])
    assert [(int(event.quantity), event.amount_minor) for event in events] == [
        (900, 9000),
        (0, 0),
        (100, 1000),
        (200, 2000),
    ]
    assert redraw(books, [balance_id]) == 0


def test_in_the_order_it_was_recorded_and_only_on_days_of_the_funds(books: Books) -> None:
    sold = sell(books)
    use(books, "2022-10-02", 1000)
    use(books, "2022-11-20", 200)
    use(books, "2022-11-05", 200)
    use(books, "2022-11-01", 50)
    balance_id = top_up(books, sold, date(2022, 11, 5))

    assert redraw(books, [balance_id]) == 2

    assert rest(books)[1:] == [(0, PROCESSED), (100, PENDING), (50, PENDING)]


def test_what_waits_is_drawn_from_units_that_came_back_and_expired(books: Books) -> None:
    sold = sell(books)
    use(books, "2022-11-01", 900)
    expire_through(books, date(2022, 12, 31))
    use(books, "2022-11-02", 300)
    first, _ = books.usage.list(order_by=["id"])
    delete_usage(books, DeleteUsage(id=first.id))
    assert rest(books)[1] == (200, PENDING)

    assert redraw(books, [sold.balances[0].id]) == 1

    assert rest(books)[1] == (0, PROCESSED)
    (expired,) = [row for row in books.consumption.list() if row.ending]
    assert (int(expired.quantity), expired.amount_minor) == (700, 7000)


def test_what_a_negative_record_has_cancelled_is_not_drawn(books: Books) -> None:
    sold = sell(books)
    use(books, "2022-11-01", 1200)
    use(books, "2022-11-01", -150)
    balance_id = top_up(books, sold, date(2022, 11, 1))

    assert redraw(books, [balance_id]) == 1

    assert books.balances.list()[0].balance == 250
    assert rest(books) == [(150, PENDING), (-150, PENDING)]


def test_no_unit_is_lost_where_a_rate_does_not_divide(books: Books) -> None:
    sold = sell(books, rate=7)
    use(books, "2022-11-01", 150, "Hour")
    balance_id = top_up(books, sold, date(2022, 11, 1), units=30)
    assert redraw(books, [balance_id]) == 1
    assert rest(books) == [(Decimal("2.857142857"), PENDING)]
    top_up(books, sold, date(2022, 11, 1), units=20)

    assert redraw(books, [balance_id]) == 1

    assert rest(books) == [(0, PROCESSED)]
    assert books.balances.list()[0].balance == 0


def test_what_waits_is_found_on_however_many_days_apart(books: Books) -> None:
    sold = sell(books)
    use(books, "2022-01-03", 1500)
    charge = next(one for one in sold.charges if one.charge_type == "Usage")
    days = [YEAR + timedelta(2 * number) for number in range(1500)]

    found = books.pending_usage([charge.original_id], [Days(day, day + DAY) for day in days])

    assert len(found) == 1
