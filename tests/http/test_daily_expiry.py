"""Funds expire by themselves, once a day, where the setting says so (U 2.14)."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from earned.http.expirer import USER
from earned.services.audit_books import audit_books
from tests import builders
from tests.api import Clock, serving
from tests.periods import define_months

TRIES = 500


@pytest.mark.parametrize(
    ("grace", "left"), [(0, [0, 100_000, 100_000]), (15, [100_000, 100_000, 100_000])]
)
def test_a_server_expires_what_is_over(
    founded_database_url: str, grace: int, left: list[int]
) -> None:
    clock = Clock()
    clock.now = datetime(2026, 2, 10, 12, tzinfo=UTC)
    with serving(founded_database_url, clock) as api:
        api.settings(auto_expire_funds=True, expiry_grace_days=grace)
        with builders.writing(api) as books:
            define_months(books, 2026, 1, 2, 3)
            builders.sell(books, builders.account(books), builders.prepaid_plan(books), months=3)
            # January's fund is over for ten days; last year's, for eleven months.
            last_year = builders.prepaid_plan(books, uom="Hour")
            customer = builders.account(books)
            builders.sell(books, customer, last_year, start=date(2025, 3, 1), months=1)

    with serving(founded_database_url, clock) as api:
        hours = "/object-query/prepaid-balances?filter[]=uom.EQ:Hour"
        states = (api.found(hours)["data"][0]["prepaidBalanceState"] for _ in range(TRIES))
        assert "EXPIRED" in states
        with builders.writing(api) as books:
            tokens = books.balances.find(uom="Token")
            assert tokens
            funds = books.funds.list(prepaid_balance_id=tokens.id, order_by=["start_date"])
            assert [fund.balance for fund in funds] == left
            assert {
                row.created_by for row in books.transactions.list(transaction_type="FUND_EXPIRY")
            } == {USER}
            assert list(audit_books(books, Counter())) == []
