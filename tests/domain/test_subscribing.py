"""From the catalog to a subscription: prices, quantities and what orders override."""

from decimal import Decimal
from typing import Any

import pytest

from earned.domain.catalog import ProductRatePlanCharge
from earned.domain.charge import Tier
from earned.domain.errors import EarnedError, Invalid, RuleBroken
from earned.domain.subscribing import (
    ChargeOverride,
    subscribed_quantity,
    subscribed_terms,
    term_fields,
)
from tests.values import STAMP


def tier(price: int, currency: str = "USD", **changes: Any) -> Tier:
    return Tier(currency=currency, price=Decimal(price), **changes)


def offered(**changes: Any) -> ProductRatePlanCharge:
    """Make a monthly fee of 10 USD or 9 EUR."""
    facts: dict[str, Any] = {
        "id": "1" * 32,
        "entity_id": "2" * 32,
        "number": "PRPC-00000001",
        "product_rate_plan_id": "3" * 32,
        "name": "Fee",
        "charge_type": "Recurring",
        "charge_model": "PerUnit",
        "uom": "Seat",
        "tiers": (tier(10), tier(9, "EUR")),
        "billing_period": "Month",
        **STAMP,
    }
    return ProductRatePlanCharge(**{**facts, **changes})


def prices(charge: ProductRatePlanCharge, override: ChargeOverride) -> list[tuple[int, bool]]:
    tiers = subscribed_terms(charge, override, "USD").tiers
    assert {found.currency for found in tiers} == {"USD"}
    return [(int(found.price), found.is_overage) for found in tiers]


def test_the_price_is_that_of_the_currency() -> None:
    assert prices(offered(), ChargeOverride()) == [(10, False)]
    euro = subscribed_terms(offered(), ChargeOverride(), "EUR")
    assert euro.tiers[0].price == 9


@pytest.mark.parametrize("model", ["DiscountPercentage", "HighWatermarkVolumePricing", "Delivery"])
def test_what_nothing_is_billed_by_is_not_sold(model: str) -> None:
    message = (
        f"The charge 'Fee' cannot be sold: nothing is billed by the charge model {model} here."
    )
    with pytest.raises(RuleBroken, match=message):
        subscribed_terms(offered(charge_model=model), ChargeOverride(), "USD")


def test_a_currency_without_a_price_needs_one_in_the_order() -> None:
    with pytest.raises(RuleBroken, match="has no price in the currency JPY"):
        subscribed_terms(offered(), ChargeOverride(), "JPY")

    yen = subscribed_terms(offered(), ChargeOverride(price=Decimal(1500)), "JPY")
    assert yen.tiers[0].currency == "JPY"


def test_an_overage_price_replaces_the_price_beyond_what_is_included() -> None:
    usage = {"charge_type": "Usage", "included_units": Decimal(5)}
    overage = offered(charge_model="Overage", **usage)
    banded = offered(
        charge_model="TieredWithOverage",
        tiers=(tier(3, ending_unit=Decimal(10)), tier(8, is_overage=True)),
        **usage,
    )
    seven = ChargeOverride(overage_price=Decimal(7))

    assert prices(overage, seven) == [(7, False)]
    assert prices(banded, seven) == [(3, False), (7, True)]
    assert prices(offered(), seven) == [(10, False)]


def test_tiers_of_an_order_keep_the_overage_price_of_the_catalog() -> None:
    banded = offered(
        charge_type="Usage",
        charge_model="TieredWithOverage",
        tiers=(tier(3, ending_unit=Decimal(10)), tier(8, is_overage=True)),
    )
    override = ChargeOverride(tiers=(tier(2, "", ending_unit=Decimal(20)),))

    assert prices(banded, override) == [(2, False), (8, True)]


def test_terms_of_an_order_are_spelled_as_the_books_do() -> None:
    override = ChargeOverride(terms={"billing_period": "semi-annual", "name": "Better fee"})

    terms = subscribed_terms(offered(), override, "USD")

    assert (terms.name, terms.billing_period) == ("Better fee", "Semi_Annual")
    assert "created_by" not in term_fields(terms)


def test_terms_that_the_catalog_would_refuse_are_refused() -> None:
    with pytest.raises(EarnedError, match="is only for charges that are prepaid"):
        subscribed_terms(offered(), ChargeOverride(terms={"prepaid_quantity": Decimal(1)}), "USD")


def test_the_named_pricing_must_be_of_the_charge() -> None:
    subscribed_terms(offered(), ChargeOverride(pricing_model="recurringPerUnit"), "USD")
    with pytest.raises(RuleBroken, match="should be given as 'recurringPerUnit'"):
        subscribed_terms(offered(), ChargeOverride(pricing_model="oneTimePerUnit"), "USD")


def test_the_quantity_is_that_of_the_order_or_the_default_or_one() -> None:
    five, default = ChargeOverride(quantity=Decimal(5)), offered(default_quantity=Decimal(3))

    assert subscribed_quantity(default, five) == 5
    assert subscribed_quantity(default, ChargeOverride()) == 3
    assert subscribed_quantity(offered(), ChargeOverride()) == 1
    assert subscribed_quantity(offered(charge_model="FlatFee"), five) is None
    assert subscribed_quantity(offered(charge_type="Usage"), five) is None


@pytest.mark.parametrize("quantity", ["-1", "1E+13"])
def test_quantities_that_cannot_be_are_refused(quantity: str) -> None:
    with pytest.raises(Invalid, match="'quantity' value is invalid"):
        subscribed_quantity(offered(), ChargeOverride(quantity=Decimal(quantity)))


def test_an_override_is_for_the_charge_it_names() -> None:
    charge = offered()

    assert ChargeOverride(product_rate_plan_charge_id=charge.id).is_for(charge)
    assert ChargeOverride(product_rate_plan_charge_number=charge.number).is_for(charge)
    assert not ChargeOverride().is_for(charge)
    assert not ChargeOverride(
        product_rate_plan_charge_id=charge.id, product_rate_plan_charge_number="PRPC-404"
    ).is_for(charge)
