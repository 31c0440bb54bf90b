"""How the amount of a usage item came about, as invoices show it (U 3.1, row 43)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from earned.domain.charge import ChargeTerms, Tier
from earned.domain.money import Currency
from earned.domain.rate_detail import list_price, rate_detail
from earned.domain.rating import rate

USD = Currency.of("USD")


def terms(model: str, *tiers: tuple[str, int | None, str], **facts: object) -> ChargeTerms:
    stamps = dict.fromkeys(("created_by", "created_at", "updated_by", "updated_at"))
    return ChargeTerms(
        name="Usage",
        charge_type="Usage",
        charge_model=model,
        uom="Each",
        tiers=tuple(
            Tier(
                currency="USD",
                tier=number,
                ending_unit=None if end is None else Decimal(end),
                price=Decimal(price),
                price_format=kind.removesuffix("+"),
                is_overage=kind.endswith("+"),
            )
            for number, (price, end, kind) in enumerate(tiers, 1)
        ),
        **facts,  # type: ignore[arg-type]
        **stamps,  # type: ignore[arg-type]
    )


SAMPLE = terms(
    "Tiered",
    ("0", 9, "PerUnit"),
    ("1", 20, "PerUnit"),
    ("2", 30, "FlatFee"),
    ("3", None, "PerUnit"),
)


def test_u_43_the_documented_breakdown_of_forty_five_units() -> None:
    assert rate_detail(SAMPLE, USD, {None: Decimal(45)}) == (
        "Tier 1: 0-9, 9 Each(s) x $0.00/Each = $0.00\n"
        "Tier 2: 10-20, 11 Each(s) x $1.00/Each = $11.00\n"
        "Tier 3: 21-30, $2.00 Flat Fee\n"
        "Tier 4: >=31, 15 Each(s) x $3.00/Each = $45.00\n"
        "Total = $58.00"
    )
    assert list_price(SAMPLE, USD) == (
        "Tier / From / To / List Price / Price Format\n"
        "1 / 0 / 9 / 0.00 / Per Unit\n"
        "2 / 10 / 20 / 1.00 / Per Unit\n"
        "3 / 21 / 30 / 2.00 / Flat Fee\n"
        "4 / 31 /   / 3.00 / Per Unit"
    )


PRICES = ("1", 10, "PerUnit"), ("0.9", None, "PerUnit")


@pytest.mark.parametrize(
    ("charge", "quantity", "detail"),
    [
        (
            terms("Volume", *PRICES),
            "13",
            "Tier 2: >=11, 13 Each(s) x $0.90/Each = $11.70\nTotal = $11.70",
        ),
        (
            terms("Tiered", ("1", 10, "PerUnit"), ("2", 20, "PerUnit")),
            "25",
            (
                "Tier 1: 0-10, 10 Each(s) x $1.00/Each = $10.00\n"
                "Tier 2: 11-20, 15 Each(s) x $2.00/Each = $30.00\nTotal = $40.00"
            ),
        ),
        (
            terms("PerUnit", ("0.0025", None, "PerUnit")),
            "1000",
            "1000 Each(s) x $0.0025/Each = $2.50\nTotal = $2.50",
        ),
        (terms("FlatFee", ("7", None, "FlatFee")), "3", "$7.00 Flat Fee\nTotal = $7.00"),
        (
            terms("Overage", ("2", None, "PerUnit"), included_units=Decimal(10)),
            "12.5",
            "Included: 10 Each(s)\nOverage: 2.5 Each(s) x $2.00/Each = $5.00\nTotal = $5.00",
        ),
        (
            terms("TieredWithOverage", ("1", 10, "PerUnit"), ("3", None, "PerUnit+")),
            "12",
            (
                "Tier 1: 0-10, 10 Each(s) x $1.00/Each = $10.00\n"
                "Tier 2: >=11, 2 Each(s) x $3.00/Each = $6.00\nTotal = $16.00"
            ),
        ),
    ],
)
def test_every_model_says_how_it_rates(charge: ChargeTerms, quantity: str, detail: str) -> None:
    assert rate_detail(charge, USD, {None: Decimal(quantity)}) == detail
    total = detail.rpartition("$")[2]
    assert rate(charge, "USD", Decimal(quantity)) == Decimal(total)


def test_u_41_late_usage_is_rated_whole_less_what_was_billed() -> None:
    charge = terms("Volume", ("10", 100, "PerUnit"), ("9", None, "PerUnit"))

    assert rate_detail(charge, USD, {None: Decimal(110)}, 90000) == (
        "Tier 2: >=101, 110 Each(s) x $9.00/Each = $990.00\n"
        "Billed before = -$900.00\n"
        "Total = $90.00"
    )


def test_another_currency_is_written_out() -> None:
    tier = Tier(currency="CHF", price=Decimal("1234.5"))
    charge = replace(terms("PerUnit"), tiers=(tier,))

    text = rate_detail(charge, Currency.of("CHF"), {None: Decimal(2)})
    assert text == "2 Each(s) x CHF 1234.50/Each = CHF 2,469.00\nTotal = CHF 2,469.00"
