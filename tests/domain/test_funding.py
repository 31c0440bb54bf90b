"""What funds hold and cost."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.calendar import Days, add_months
from earned.domain.charge import Tier
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.funding import (
    PlannedFund,
    billing_amounts_minor,
    funding_price_minor,
    one_time_price_minor,
    plan_funds,
    prepaid_units,
)
from earned.domain.money import Currency, RoundingMode
from earned.domain.subscription import RatePlanCharge
from earned.domain.validity import Term
from tests import values

USD = Currency.of("USD")
JPY = Currency.of("JPY")
ROUNDED = (Currency.of("BHD", RoundingMode.DOWN), Currency.of("USD", RoundingMode.UP))
YEAR = Term(date(2026, 1, 1), date(2027, 1, 1))


def prepayment(price: str = "20", units: str = "10", **changes: Any) -> RatePlanCharge:
    """Make a monthly flat-fee prepayment charge over 2026."""
    currency = changes.get("currency", "USD")
    facts: dict[str, Any] = {
        "tiers": (Tier(currency=currency, price=Decimal(price)),),
        "billing_period": "Month",
        "is_prepaid": True,
        "prepaid_operation_type": "topup",
        "prepaid_quantity": Decimal(units),
        "prepaid_uom": "Million calls",
        "validity_period_type": "MONTH",
    }
    return values.charge(**{**facts, **changes})


def plan(charge: RatePlanCharge, term: Term = YEAR, *known: Days) -> list[PlannedFund]:
    return plan_funds(charge, term, known, USD, date(2026, 1, 15))


def test_u_2_an_annual_prepayment_of_1000_minutes_for_100_is_one_fund() -> None:
    annual = prepayment("100", "1000", validity_period_type="ANNUAL", billing_period="Annual")

    (fund,) = plan(annual)

    assert fund.price_minor == 10000
    assert fund.units == 1000
    assert fund.valid == Days(date(2026, 1, 1), date(2027, 1, 1))


def test_u_6_a_monthly_plan_has_twelve_funds_of_20_for_10_million_calls() -> None:
    funds = plan(prepayment())

    assert [fund.price_minor for fund in funds] == [2000] * 12
    assert [fund.units for fund in funds] == [10] * 12
    assert funds[11].valid == Days(date(2026, 12, 1), date(2027, 1, 1))


def test_u_7_a_one_time_top_up_lives_to_the_end_of_the_validity_period() -> None:
    top_up = prepayment(
        "3",
        "1",
        charge_type="OneTime",
        effective_start_date=date(2026, 1, 15),
        effective_end_date=date(2026, 1, 16),
    )

    (fund,) = plan(top_up)

    assert fund.price_minor == 300
    assert fund.valid == Days(date(2026, 1, 15), date(2026, 2, 1))
    assert fund.period == Days(date(2026, 1, 1), date(2026, 2, 1))


def test_a_top_up_lives_in_the_period_that_the_balance_has() -> None:
    known = Days(date(2026, 1, 1), date(2026, 3, 1))
    top_up = prepayment(charge_type="OneTime", effective_start_date=date(2026, 1, 15))

    (fund,) = plan(top_up, Term(date(2026, 1, 1), date(2027, 3, 1)), known)

    assert fund.period == known
    assert fund.valid == Days(date(2026, 1, 15), date(2026, 3, 1))


def test_u_13_five_months_from_2025_01_01_are_five_funds_of_10() -> None:
    charge = prepayment(
        "10",
        "100",
        effective_start_date=date(2025, 1, 1),
        effective_end_date=date(2025, 6, 1),
    )

    funds = plan(charge, Term(date(2025, 1, 1), date(2025, 6, 1)))

    assert [(fund.units, fund.price_minor) for fund in funds] == [(Decimal(100), 1000)] * 5


def test_u_19_a_list_price_per_validity_period_is_the_funding_price() -> None:
    quarterly = prepayment(
        "10", validity_period_type="QUARTER", list_price_base="Per_Validity_Period"
    )

    assert funding_price_minor(quarterly, YEAR, USD) == 1000
    assert billing_amounts_minor(Fraction(10), 3, USD) == [333, 334, 333]


def test_u_31_a_thousand_dollars_for_100_000_tokens_a_month() -> None:
    funds = plan(prepayment("1000", "100000"))

    assert (funds[0].units, funds[0].price_minor) == (Decimal(100_000), 100_000)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"validity_period_type": "QUARTER"}, 3000),
        ({"validity_period_type": "ANNUAL", "billing_period": "Quarter"}, 4000),
        ({"validity_period_type": "SUBSCRIPTION_TERM"}, 12000),
        ({"validity_period_type": "ANNUAL", "list_price_base": "Per_Month"}, 12000),
        ({"validity_period_type": "QUARTER", "list_price_base": "Per_Year"}, 250),
        (
            {
                "validity_period_type": "SUBSCRIPTION_TERM",
                "billing_period": "Subscription_Term",
                "list_price_base": "Per_Month",
            },
            12000,
        ),
    ],
)
def test_u_2_4_the_price_of_a_period_is_that_of_its_billing_periods(
    changes: dict[str, str], expected: int
) -> None:
    assert funding_price_minor(prepayment("10", **changes), YEAR, USD) == expected


def test_u_2_4_the_price_is_rounded_once() -> None:
    thirds = prepayment("3.3333", validity_period_type="QUARTER")

    assert funding_price_minor(thirds, YEAR, USD) == 1000
    yen = prepayment("333.4", validity_period_type="QUARTER", currency="JPY")
    assert funding_price_minor(yen, YEAR, JPY) == 1000


def test_per_unit_prepayments_multiply_units_and_price_by_the_quantity() -> None:
    charge = prepayment("100", "1000", charge_model="PerUnit", quantity=Decimal("2.5"))

    assert prepaid_units(charge) == Decimal(2500)
    assert funding_price_minor(charge, YEAR, USD) == 25000
    assert one_time_price_minor(charge, USD) == 25000


def test_a_tiered_prepayment_is_priced_by_its_tiers() -> None:
    tiers = (
        Tier(currency="USD", tier=1, ending_unit=Decimal(2), price=Decimal(10)),
        Tier(currency="USD", tier=2, price=Decimal(5)),
    )
    charge = prepayment(charge_model="Tiered", tiers=tiers, quantity=Decimal(3))

    assert funding_price_minor(charge, YEAR, USD) == 2500


def test_u_2_2_a_charge_added_within_a_period_has_all_its_units_and_its_full_price() -> None:
    funds = plan(prepayment(effective_start_date=date(2026, 10, 15)))

    assert [fund.valid for fund in funds] == [
        Days(date(2026, 10, 15), date(2026, 11, 1)),
        Days(date(2026, 11, 1), date(2026, 12, 1)),
        Days(date(2026, 12, 1), date(2027, 1, 1)),
    ]
    assert funds[0].period == Days(date(2026, 10, 1), date(2026, 11, 1))
    assert {(fund.units, fund.price_minor) for fund in funds} == {(Decimal(10), 2000)}


def test_u_2_3_a_partial_first_period_has_all_its_units_and_its_full_price() -> None:
    term = Term(date(2022, 11, 1), date(2024, 1, 1))
    charge = prepayment(
        "120",
        "1200",
        validity_period_type="ANNUAL",
        billing_period="Annual",
        bill_cycle_type="TermEndDay",
        billing_period_alignment="AlignToTermEnd",
        effective_start_date=term.start,
        effective_end_date=term.end,
    )

    funds = plan(charge, term)

    assert [(fund.valid.start, fund.valid.end) for fund in funds] == [
        (date(2022, 11, 1), date(2023, 1, 1)),
        (date(2023, 1, 1), date(2024, 1, 1)),
    ]
    assert {(fund.units, fund.price_minor) for fund in funds} == {(Decimal(1200), 12000)}


def test_an_evergreen_charge_has_this_period_and_the_next() -> None:
    funds = plan(prepayment(effective_end_date=None), Term(date(2026, 1, 1), None))

    assert [fund.valid.start for fund in funds] == [date(2026, 1, 1), date(2026, 2, 1)]


def test_a_charge_that_ends_within_a_validity_period_is_refused() -> None:
    with pytest.raises(RuleBroken, match="cannot be divided"):
        plan(prepayment(effective_end_date=date(2026, 5, 15)))


@pytest.mark.parametrize("units", ["0", "0.00000000001", "10000000000000"])
def test_units_that_cannot_be_are_refused(units: str) -> None:
    with pytest.raises(Invalid, match="'prepaidQuantity' value is invalid"):
        prepaid_units(prepayment(units=units))


def test_a_negative_price_is_refused() -> None:
    with pytest.raises(RuleBroken, match="may not be negative"):
        one_time_price_minor(prepayment("-1"), USD)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"list_price_base": "Per_Week"}, "'listPriceBase' value is invalid"),
        (
            {"billing_period": "Week"},
            r"period \( 1 months\) must be .* the billing period \( 7 days\)",
        ),
    ],
)
def test_weeks_are_refused(changes: dict[str, str], refusal: str) -> None:
    with pytest.raises((Invalid, RuleBroken), match=refusal):
        funding_price_minor(prepayment(**changes), YEAR, USD)


@given(
    price=st.decimals(0, 10**6, places=4),
    periods=st.integers(1, 60),
    currency=st.sampled_from([USD, JPY, *ROUNDED]),
)
def test_billing_amounts_add_up_to_the_price_and_differ_by_one_minor_unit(
    price: Decimal, periods: int, currency: Currency
) -> None:
    amounts = billing_amounts_minor(Fraction(price), periods, currency)
    whole = billing_amounts_minor(Fraction(price), 1, currency)

    assert sum(amounts) == whole[0]
    assert max(amounts) - min(amounts) <= 1


@given(
    start=st.dates(date(2000, 1, 1), date(2050, 12, 31)),
    count=st.integers(1, 24),
    offset=st.integers(0, 20),
    months=st.sampled_from([1, 3, 6, 12]),
)
def test_funds_tile_the_days_of_their_charge(
    start: date, count: int, offset: int, months: int
) -> None:
    term = Term(start, add_months(start, months * count))
    assert term.end
    first = date.fromordinal(start.toordinal() + offset)
    kind = {1: "MONTH", 3: "QUARTER", 6: "SEMI_ANNUAL", 12: "ANNUAL"}[months]
    charge = prepayment(
        validity_period_type=kind, effective_start_date=first, effective_end_date=term.end
    )

    funds = plan(charge, term)

    assert [fund.valid.start for fund in funds] == [
        first,
        *(fund.valid.end for fund in funds[:-1]),
    ]
    assert funds[-1].valid.end == term.end
    assert all(fund.period.start <= fund.valid.start for fund in funds)
    assert all(fund.period.end == fund.valid.end for fund in funds)
