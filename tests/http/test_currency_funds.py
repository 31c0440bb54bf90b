"""Funds that hold money: usage is rated, and its amount is drawn (U 2.8)."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import earned
from earned.domain.charge import Tier
from earned.domain.currencies import CurrencyRules
from earned.domain.money import RoundingMode
from earned.services.ports import Books
from earned.services.redraw import redraw
from earned.services.reverse_draws import reverse_draws
from tests import builders
from tests.api import Api
from tests.builders import writing
from tests.damages import damages_of, missed
from tests.explaining import explained, nodes
from tests.http.test_pools import assert_sound, left
from tests.http.test_usage import URL, events, movements, record

CURRENCY: dict[str, Any] = {"commitment_type": "CURRENCY"}


def money_plan(
    books: Books,
    amount: str,
    price: str,
    tiers: Sequence[Tier] = (),
    currency: str = "USD",
    **changes: Any,
) -> Any:
    """Make a plan that prepays an amount a month, and charges for calls."""
    plan = builders.rate_plan(books)
    own: dict[str, Any] = {"tiers": builders.prices(price, currency), **CURRENCY, **changes}
    builders.prepayment_charge(books, plan, units=amount, **{"prepaid_uom": None, **own})
    metered: dict[str, Any] = {
        "uom": "Call",
        "drawdown_uom": None,
        "drawdown_rate": None,
        "tiers": tuple(tiers) or builders.prices("2", currency),
        "charge_model": "Volume" if tiers else "PerUnit",
    }
    builders.drawdown_charge(books, plan, **CURRENCY, **metered)
    return plan


def sell_money(books: Books, amount: str, price: str, **changes: Any) -> builders.Sold:
    plan = money_plan(books, amount, price, **changes)
    customer = builders.account(books, currency=changes.get("currency", "USD"))
    return builders.sell(books, customer, plan, months=1)


def use(api: Api, quantity: float | str, day: int = 10) -> str:
    body = record(UOM="Call", Quantity=quantity, StartDateTime=f"2026-01-{day:02}")
    identity: str = api.made(URL, body)["Id"]
    return identity


VOLUME = (
    Tier(currency="USD", tier=1, ending_unit=Decimal(100), price=Decimal(10)),
    Tier(currency="USD", tier=2, starting_unit=Decimal(101), price=Decimal(9)),
)


def test_u_18_the_last_draw_makes_the_rated_total(api: Api) -> None:
    with writing(api) as books:
        rules = CurrencyRules(
            entity_id=books.scope.entity_id,
            code="JPY",
            rounding=RoundingMode.DOWN,
            **books.stamp(),
        )
        books.currencies.save_all([rules])
        tier = Tier(currency="JPY", price=Decimal("0.3"))
        plan = money_plan(books, "30000", "30000", currency="JPY")
        charge = books.product_charges.find(product_rate_plan_id=plan.id, name="Drawdown")
        assert charge
        books.product_charges.change(charge, tiers=(tier,))
        builders.sell(books, builders.account(books, currency="JPY"), plan, months=1)

    use(api, 54825)
    use(api, 27686, 20)

    assert movements(api) == [("DRAWDOWN", -16447), ("DRAWDOWN", -8306)]
    assert events(api) == [
        ("Daily Rated Usage", "2026-01-10", "16447", 16447),
        ("Daily Rated Usage", "2026-01-20", "8306", 8306),
        ("Unbilled Usage", "2026-01-10", "54825", 0),
        ("Unbilled Usage", "2026-01-20", "27686", 0),
    ]
    assert left(api) == {"A-S00000001_JPY": 30000 - 24753}
    assert_sound(api)


def test_what_the_money_does_not_cover_is_overage_at_its_amount(api: Api) -> None:
    with writing(api) as books:
        sell_money(books, "100", "90")

    use(api, 30)
    identity = use(api, 30, 20)

    assert movements(api) == [("DRAWDOWN", -60), ("DRAWDOWN", -40)]
    # A fund of 100.00 that was sold for 90.00 earns nine tenths of what is drawn.
    assert events(api) == [
        ("Daily Rated Usage", "2026-01-10", "60", 5400),
        ("Daily Rated Usage", "2026-01-20", "40", 3600),
        ("Unbilled Usage", "2026-01-10", "30", 0),
        ("Unbilled Usage", "2026-01-20", "30", 2000),
    ]
    with writing(api) as books:
        (_, guided) = books.guided_usage.list(order_by=["id"])
        assert (guided.amount_minor, int(guided.remaining_quantity)) == (6000, 10)
        assert guided.status == "Pending"
    node = explained(api, identity, "?direction=up")
    assert {"PrepaidBalanceTransaction", "DailyConsumptionSummary"} <= {
        one["type"] for one in nodes(node)
    }
    assert_sound(api)


def test_a_volume_price_that_falls_gives_money_back(api: Api) -> None:
    with writing(api) as books:
        sell_money(books, "2000", "2000", tiers=VOLUME)

    use(api, 90)
    use(api, 10, 11)
    use(api, 1, 10)
    use(api, 19, 12)

    assert movements(api) == [
        ("DRAWDOWN", -900),
        ("DRAWDOWN", -100),
        ("DRAWDOWN_ADJUSTMENT", 91),
        ("DRAWDOWN", -171),
    ]
    assert left(api) == {"A-S00000001_USD": 2000 - 120 * 9}
    assert_sound(api)


@pytest.mark.parametrize("change", ["delete", "put"])
def test_a_correction_adjusts_the_last_draw_to_the_total(api: Api, change: str) -> None:
    with writing(api) as books:
        sell_money(books, "2000", "2000", tiers=VOLUME)
    first = use(api, 60)
    use(api, 50, 11)

    if change == "delete":
        assert api.delete(f"{URL}/{first}").status_code == 200
    else:
        assert api.put(f"{URL}/{first}", {"Quantity": 20}).status_code == 200

    # 110 at 9.00 are 990.00; 50 at 10.00 are 500.00, and 70 are 700.00.
    expected = [
        *(("DRAWDOWN", -600), ("DRAWDOWN", -390)),
        *(("DRAWDOWN_ADJUSTMENT", 600), ("DRAWDOWN_ADJUSTMENT", -110)),
    ]
    again = [] if change == "delete" else [("DRAWDOWN", -200)]
    assert movements(api) == expected + again
    assert left(api) == {"A-S00000001_USD": 2000 - (500 if change == "delete" else 700)}
    assert_sound(api)


def test_a_correction_adjusts_the_last_draw_of_its_month_alone(api: Api) -> None:
    with writing(api) as books:
        plan = money_plan(books, "2000", "2000", tiers=VOLUME)
        builders.sell(books, builders.account(books), plan, months=2)
    first = use(api, 60)
    for quantity, day in ((30, "2026-01-11"), (20, "2026-01-12"), (10, "2026-02-05")):
        api.made(URL, record(UOM="Call", Quantity=quantity, StartDateTime=day))

    assert api.delete(f"{URL}/{first}").status_code == 200

    # 110 at 9.00 were 990.00, the last of them 90.00; 50 at 10.00 are 500.00.
    with writing(api) as books:
        guided = books.guided_usage.list(deleted=False, order_by=["id"])
    assert [row.amount_minor for row in guided] == [30000, 20000, 10000]
    assert_sound(api)


def test_negative_usage_cancels_what_is_open_and_then_gives_money_back(api: Api) -> None:
    with writing(api) as books:
        sell_money(books, "50", "50")
    first = use(api, 30)
    use(api, -10)

    assert movements(api) == [("DRAWDOWN", -50), ("DRAWDOWN_ADJUSTMENT", 10)]
    assert left(api) == {"A-S00000001_USD": 10}
    assert_sound(api)

    assert api.delete(f"{URL}/{first}").status_code == 200

    # 10.00 of the fund's 50.00 are back already.
    assert movements(api)[2:] == [("DRAWDOWN_ADJUSTMENT", 40)]
    assert left(api) == {"A-S00000001_USD": 50}
    assert_sound(api)


def top_up_money(
    books: Books, sold: builders.Sold, amount: int, day: date = builders.NEW_YEAR
) -> None:
    """Sell more money from a day on, for as much."""
    top_up = builders.rate_plan(books, "Top-up")
    changes: dict[str, Any] = {**CURRENCY, "prepaid_uom": None}
    builders.prepayment_charge(
        books, top_up, name="More", charge_type="OneTime", units=amount, price=amount, **changes
    )
    builders.add(books, sold.subscription, top_up, day)


def test_a_top_up_of_money_pays_what_is_open_when_it_is_drawn_again(api: Api) -> None:
    with writing(api) as books:
        sold = sell_money(books, "50", "50")
    use(api, 40)
    with writing(api) as books:
        top_up_money(books, sold, 20)

        assert redraw(books, [sold.balances[0].id]) == 1

    assert left(api) == {"A-S00000001_USD": 0}
    assert events(api)[-1] == ("Unbilled Usage", "2026-01-10", "40", 1000)
    assert_sound(api)


def test_a_top_up_pays_of_each_record_what_is_open_of_it(api: Api) -> None:
    with writing(api) as books:
        sold = sell_money(books, "50", "50")
    for quantity in (30, 20, -10):
        use(api, quantity)
    with writing(api) as books:
        top_up_money(books, sold, 100)

        assert redraw(books, [sold.balances[0].id]) == 2

    # Of 60.00 and 40.00 a fund paid 50.00, and the negative record canceled 20.00.
    assert movements(api) == [("DRAWDOWN", -50), ("DRAWDOWN", -10), ("DRAWDOWN", -20)]
    assert left(api) == {"A-S00000001_USD": 70}
    assert_sound(api)


def test_reversed_draws_are_open_again(api: Api) -> None:
    with writing(api) as books:
        sold = sell_money(books, "50", "50")
    use(api, 30)
    with writing(api) as books:
        reverse_draws(books, {sold.funds[0].id: builders.NEW_YEAR})

    assert left(api) == {"A-S00000001_USD": 50}
    assert events(api) == [
        ("Daily Rated Usage", "2026-01-10", "0", 0),
        ("Unbilled Usage", "2026-01-10", "30", 6000),
    ]
    assert_sound(api)


def test_money_is_depleted_by_amounts_of_its_currency(api: Api) -> None:
    with writing(api) as books:
        sold = sell_money(books, "50", "50")
    fund_id = sold.funds[0].id

    def depleted(amount: float) -> str:
        body = {"depleteOptions": [{"fundId": fund_id, "depleteAmount": amount}]}
        answer = api.post("/v1/prepaid-balance-funds/deplete", body).json()
        status: str = str(answer)
        return status

    assert "too many decimals" in depleted(10.005)
    assert "is depleted" in depleted(10.5)
    assert left(api) == {"A-S00000001_USD": Decimal("39.5")}
    assert events(api) == [("Fund Expiry", "2026-01-31", "10.5", 1050)]
    assert_sound(api)


@pytest.mark.parametrize("query", ["", "?asOf=2026-01-15T13:00:00Z"])
def test_usage_that_money_pays_for_is_reconciled(api: Api, query: str) -> None:
    with writing(api) as books:
        sell_money(books, "50", "50")
    use(api, 20)
    use(api, 10, 20)

    rows = api.found(f"/v1/reports/usage-to-revenue{query}")["rows"]

    assert {row["of"] for row in rows} == {"usage", "fund", "overage"}
    assert [row.get("unitsUnexplained") or 0 for row in rows] == [0, 0, 0]
    assert [row.get("unexplained") or 0 for row in rows] == [0, 0, 0]
    (overage,) = [row for row in rows if row["of"] == "overage"]
    assert overage["dailyAmount"] == 10


def test_money_and_units_of_the_same_name_do_not_mix(api: Api) -> None:
    with writing(api) as books:
        plan = money_plan(books, "50", "50")
        builders.prepayment_charge(books, plan, uom="USD", units=7, price=7)
        builders.drawdown_charge(books, plan, uom="USD", name="Coins")
        builders.sell(books, builders.account(books), plan, months=1)

    api.made(URL, record(UOM="USD", Quantity=8))
    use(api, 1)

    with writing(api) as books:
        balances = books.balances.list(order_by=["is_of_currency"])
        assert [int(row.balance) for row in balances] == [0, 48]
    assert_sound(api)


def test_an_audit_finds_amounts_that_do_not_tie_out(api: Api) -> None:
    with writing(api) as books:
        sell_money(books, "50", "50")
    use(api, 20)
    use(api, 20, 20)

    assert missed(api, "money_damages.sql") == []
    source = Path(earned.__file__).parent / "domain/audit_amounts.py"
    named = re.findall(
        r'differ\(\s*"([^"]+)"|check = "([^"]+)"', source.read_text(encoding="utf-8")
    )
    assert {one or other for one, other in named} == dict(damages_of("money_damages.sql")).keys()
