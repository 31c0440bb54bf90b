"""Rows of pools, of accounts below others and of money, in sets and one by one: the same books."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders
from tests.api import serving
from tests.http.test_currency_funds import money_plan
from tests.http.test_pools import metered, pool_plan
from tests.property.shop import Shop
from tests.property.test_bulk import Cells, Shops, compare, few

# Its pool alone; a pool above; that and funds of its own; what counts for the account above; money.
ACCOUNTS = ("Alone", "Top", "Below", "Both", "Deep", "Money")


def stock(url: str) -> None:
    """Sell pools of 25 tokens a year, 10 tokens of a subscription's own, and 20.00 of calls."""
    with serving(url) as api:
        api.settings(include_usage_from_child_accounts=True)
        with builders.writing(api) as books:
            alone, top = (builders.account(books, number=name) for name in ("Alone", "Top"))
            below, both = (
                builders.account(books, number=name, parent_id=top.id) for name in ("Below", "Both")
            )
            builders.account(books, number="Deep", parent_id=below.id)
            builders.sell(books, alone, pool_plan(books, 25), metered(books))
            builders.sell(books, alone, metered(books, "0.07"))
            shared = pool_plan(books, 25, fund_support_account_hierarchy=True)
            builders.sell(books, top, shared, metered(books))
            builders.sell(books, below, metered(books, "0.333"))
            own = builders.prepaid_plan(books, units=10, price=10)
            builders.sell(books, both, own, months=2)
            money = builders.account(books, number="Money")
            builders.sell(books, money, money_plan(books, "20", "19.99"), months=2)


@pytest.fixture
def shops(sqlite_template: Path, tmp_path: Path) -> Shops:
    template, numbers = tmp_path / "template.db", count()
    shutil.copy(sqlite_template, template)
    stock(f"sqlite:///{template}")

    @contextmanager
    def open_one() -> Iterator[Shop]:
        shop = Shop(template, tmp_path / f"shop-{next(numbers)}.db")
        with closing(shop.application):
            yield shop

    return Shops(open_one)


def _row(account: str, day: int, quantity: str) -> Cells:
    uom = "Call" if account == "Money" else "Token"
    return (account, uom, quantity, f"2026-01-{day:02}", *[""] * 6)


rows_of_pools = st.lists(
    st.builds(
        _row,
        st.sampled_from(ACCOUNTS),
        st.integers(1, 28),
        st.sampled_from(["1", "0.5", "7", "2.25", "12", "-3"]),
    ),
    min_size=5,
    max_size=30,
)


@few
@given(rows=rows_of_pools, size=st.integers(3, 30))
def test_rows_of_pools_and_of_money_in_sets_are_as_one_by_one(
    shops: Shops, tmp_path: Path, rows: list[Cells], size: int
) -> None:
    compare(shops, rows, size, tmp_path)
