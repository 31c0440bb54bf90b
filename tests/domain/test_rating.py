"""What usage costs beyond all funds, by charge model (U 2.7, 2.20)."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.charge import ChargeTerms, Tier
from earned.domain.rating import rate

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Band = tuple[int | None, str, str]


def terms(model: str, *bands: Band, **changes: Any) -> ChargeTerms:
    """Return terms with bands of last unit, price and price format."""
    tiers = tuple(
        Tier(
            currency="USD",
            tier=number,
            ending_unit=None if end is None else Decimal(end),
            price=Decimal(price),
            price_format=price_format,
        )
        for number, (end, price, price_format) in enumerate(bands, start=1)
    )
    stamp: dict[str, Any] = dict.fromkeys(("created_at", "updated_at"), NOW)
    stamp |= dict.fromkeys(("created_by", "updated_by"), "tests")
    facts = {"name": "Usage", "charge_type": "Usage", "charge_model": model, "tiers": tiers}
    return ChargeTerms(**{**facts, **stamp, **changes})


def each(end: int | None, price: str) -> Band:
    return end, price, "PerUnit"


def flat(end: int | None, price: str) -> Band:
    return end, price, "FlatFee"


def costs(charge: ChargeTerms, *quantities: str) -> list[Fraction]:
    return [rate(charge, "USD", Decimal(quantity)) for quantity in quantities]


FOUR_TIERS = terms("Tiered", each(9, "0"), each(20, "1"), flat(30, "2"), each(None, "3"))


def test_u_43_forty_five_units_through_four_tiers() -> None:
    assert costs(FOUR_TIERS, "9", "20", "21", "30", "45") == [0, 11, 13, 13, 58]


def test_u_43_eight_units_and_five() -> None:
    tiered = terms("Tiered", each(10, "1"), each(None, "0.9"))
    volume = terms("Volume", each(10, "1"), each(None, "0.9"))

    assert costs(tiered, "8", "13") == [8, Fraction("12.7")]
    assert costs(volume, "8", "13") == [8, Fraction("11.7")]


def test_u_41_twenty_more_units_bring_all_into_a_cheaper_volume() -> None:
    assert costs(terms("Volume", each(100, "10"), each(None, "9")), "90", "110") == [900, 990]


def test_u_31_every_unit_has_its_price() -> None:
    assert costs(terms("PerUnit", each(None, "0.02")), "11234") == [Fraction("224.68")]


def test_a_flat_fee_is_due_once() -> None:
    assert costs(terms("FlatFee", each(None, "7")), "0.001", "1000000") == [7, 7]


def test_overage_begins_beyond_the_included_units() -> None:
    charge = terms("Overage", each(None, "2"), included_units=Decimal(100))

    assert costs(charge, "99", "100", "100.5") == [0, 0, 1]


def test_beyond_the_last_tier_overage_has_a_price_of_its_own() -> None:
    bands = terms("TieredWithOverage", each(10, "2"), each(20, "1")).tiers
    beyond = Tier(currency="USD", tier=3, price=Decimal(5), is_overage=True)
    charge = terms("TieredWithOverage", tiers=(*bands, beyond))

    assert costs(charge, "10", "20", "23") == [20, 30, 45]


def test_the_last_of_tiers_goes_on() -> None:
    assert costs(terms("Tiered", each(10, "1"), each(20, "2")), "20", "25") == [30, 40]
    assert costs(terms("Tiered", each(10, "1"), flat(20, "2")), "20", "25") == [12, 12]


def test_the_last_tier_of_a_volume_goes_on() -> None:
    assert costs(terms("Volume", each(10, "1"), flat(20, "5")), "11", "2000") == [5, 5]


@pytest.mark.parametrize("quantity", ["0", "-3"])
def test_nothing_used_costs_nothing(quantity: str) -> None:
    assert costs(terms("FlatFee", each(None, "7")), quantity) == [0]


def test_other_currencies_have_prices_of_their_own() -> None:
    charge = terms("PerUnit", each(None, "2"))

    assert rate(charge, "EUR", Decimal(5)) == 0
    assert rate(charge, "USD", Decimal(5)) == 10


def test_tiers_count_whatever_order_they_are_stored_in() -> None:
    turned = terms("Tiered", tiers=tuple(reversed(FOUR_TIERS.tiers)))

    assert costs(turned, "45") == [58]


QUANTITIES = st.decimals(min_value=0, max_value=1000, places=3)


@given(QUANTITIES, QUANTITIES)
def test_more_usage_of_a_tiered_charge_never_costs_less(left: Decimal, right: Decimal) -> None:
    low, high = sorted((left, right))

    assert rate(FOUR_TIERS, "USD", low) <= rate(FOUR_TIERS, "USD", high)


@given(QUANTITIES)
def test_tiers_of_one_price_are_a_price_per_unit(quantity: Decimal) -> None:
    same = terms("Tiered", each(7, "0.3"), each(70, "0.3"), each(None, "0.3"))

    assert rate(same, "USD", quantity) == Fraction(quantity) * Fraction("0.3")
