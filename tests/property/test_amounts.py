"""Money in funds and usage of it, at random: what records cost adds up, and books tie out."""

import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from earned.domain.charge import Tier
from earned.services.audit_books import audit_books
from earned.services.change_usage import ChangeUsage, change_usage
from earned.services.delete_usage import DeleteUsage, delete_usage
from earned.services.ports import Books
from earned.services.record_usage import RecordUsage
from earned.services.redraw import redraw
from earned.services.regenerate_consumption import (
    RegenerateConsumption,
    Regenerated,
    rebuild_consumption,
    restore_consumption,
)
from tests import builders
from tests.api import keeping
from tests.http.test_currency_funds import CURRENCY, money_plan
from tests.property.shop import Shop

TIERS = (
    Tier(currency="USD", tier=1, ending_unit=Decimal(20), price=Decimal("1.005")),
    Tier(currency="USD", tier=2, starting_unit=Decimal(20), price=Decimal("0.333")),
)

steps = st.one_of(
    st.tuples(
        st.just("use"),
        st.integers(1, 40),
        st.sampled_from(["1", "0.5", "7", "13.25", "30", "-1", "-9", "-20"]),
    ),
    st.tuples(st.just("change"), st.integers(0, 9), st.sampled_from(["3", "0", "25", "-4"])),
    st.tuples(st.just("delete"), st.integers(0, 9), st.just("")),
    st.tuples(st.just("top up"), st.integers(1, 28), st.just("")),
)


@pytest.fixture(scope="module")
def template(founded_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sell two months of 20.00 USD for 19.99, and calls by volume."""
    path = tmp_path_factory.mktemp("amounts") / "template.db"
    shutil.copy(founded_sqlite_template, path)
    with keeping(f"sqlite:///{path}") as keeper, builders.writing(keeper) as books:
        plan = money_plan(books, "20", "19.99", tiers=TIERS)
        builders.sell(books, builders.account(books), plan, months=2)
        more = builders.rate_plan(books, "More")
        own: dict[str, Any] = {**CURRENCY, "prepaid_uom": None}
        builders.prepayment_charge(
            books, more, name="More", charge_type="OneTime", units="7.5", price="7", **own
        )
    return path


@given(st.lists(steps, min_size=1, max_size=9))
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_amounts_add_up_whatever_happens(
    template: Path, tmp_path: Path, commands: list[tuple[str, int, str]]
) -> None:
    shop = Shop(template, tmp_path / "shop.db")
    for command in commands:
        _carry_out(shop, *command)
    with shop.writing() as books:
        assert list(audit_books(books, Counter())) == []
        for charge in books.charges.list(is_latest=True):
            if charge.is_topup:
                scope = RegenerateConsumption(original_charge_id=charge.original_id)
                done = restore_consumption(books, rebuild_consumption(books, scope))
                assert done == Regenerated()
    shop.application.close()


def _carry_out(shop: Shop, kind: str, place: int, quantity: str) -> None:
    if kind == "use":
        day = f"2026-{1 + place // 29:02}-{1 + place % 28:02}"
        fields = {
            "AccountNumber": "A00000001",
            "UOM": "Call",
            "Quantity": quantity,
            "StartDateTime": day,
        }
        shop.record([RecordUsage(fields=fields)])
    elif kind == "top up":
        shop.top_up(place)
        with shop.writing() as books:
            redraw(books, [row.id for row in books.balances.list()])
    else:
        with shop.writing() as books:
            _correct(books, kind, place, quantity)


def _correct(books: Books, kind: str, place: int, quantity: str) -> None:
    records = books.usage.list(deleted=False, order_by=("id",))
    if not records:
        return
    chosen = records[place % len(records)].id
    if kind == "delete":
        delete_usage(books, DeleteUsage(id=chosen))
    else:
        change_usage(books, ChangeUsage(id=chosen, fields={"Quantity": Decimal(quantity)}))
