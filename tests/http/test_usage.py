"""Usage records over the wire: validation, guiding, drawdown, overage, events."""

from decimal import Decimal
from typing import Any

import pytest

from tests.api import Api
from tests.builders import Sold, account, prepaid_plan, sell, writing

URL = "/v1/object/usage"


@pytest.fixture
def sold(api: Api) -> Sold:
    """A monthly plan of 100,000 tokens for 1,000.00 USD, overage 0.02 each (U 5 row 31)."""
    with writing(api) as books:
        return sell(books, account(books), prepaid_plan(books))


def record(**changes: Any) -> dict[str, Any]:
    return {
        "AccountNumber": "A00000001",
        "UOM": "Token",
        "Quantity": 61234,
        "StartDateTime": "2026-01-10T10:00:00Z",
        **changes,
    }


def test_u_31_overage_is_what_the_fund_does_not_cover(api: Api, sold: Sold) -> None:
    api.made(URL, record())
    answer = api.made(URL, record(Quantity=50000, StartDateTime="2026-01-11"))

    with writing(api) as books:
        fund = books.funds.find(start_date=sold.funds[0].start_date)
        usage = books.usage.find(id=answer["Id"])
        events = books.events.list(order_by=["event_type", "transaction_date"])
        transactions = books.transactions.list(
            fund_id=sold.funds[0].id, order_by=["sequence"]
        )
        balance = books.balances.find()
        rating = books.rating_results.find()

    assert fund and fund.balance == 0
    assert usage and usage.rbe_status == "Pending"
    assert [(e.event_type, str(e.quantity), e.amount_minor) for e in events] == [
        ("Daily Rated Usage", "61234", 61234),
        ("Daily Rated Usage", "38766", 38766),
        ("Unbilled Usage", "11234", 22468),
    ]
    assert [row.amount for row in transactions] == [100000, -61234, -38766]
    assert balance and balance.balance == 1_100_000
    assert balance.version == 3
    assert transactions[-1].balance == 1_100_000
    assert rating and rating.amount_minor == 22468
    assert rating.quantity == Decimal(11234)
