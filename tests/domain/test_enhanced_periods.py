"""Enhanced validity periods (U 1.5, 2.3): grids of a charge's own, and prorated units."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from earned.domain.calendar import Days
from earned.domain.charge import Tier
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.exact import round_share
from earned.domain.funding import PlannedFund, Rounding, plan_funds
from earned.domain.money import Currency
from earned.domain.subscription import RatePlanCharge
from earned.domain.validity import Term
from tests import values

USD = Currency.of("USD")
NEW_YEAR = date(2027, 1, 1)
YEAR = Term(date(2026, 1, 1), NEW_YEAR)
WHOLE = Rounding(0, "Up")


def prepayment(units: str, start: date = YEAR.start, **changes: Any) -> RatePlanCharge:
    """Make a prepayment charge of 90 USD a validity period that lasts to the end of 2026."""
    facts: dict[str, Any] = {
        "effective_start_date": start,
        "tiers": (Tier(currency="USD", price=Decimal(90)),),
        "billing_period": "Month",
        "list_price_base": "Per_Validity_Period",
        "is_prepaid": True,
        "prepaid_operation_type": "topup",
        "prepaid_quantity": Decimal(units),
        "prepaid_uom": "Token",
        "validity_period_type": "MONTH",
    }
    return values.charge(**{**facts, **changes})


def plan(charge: RatePlanCharge, term: Term = YEAR, *known: Days) -> list[PlannedFund]:
    return plan_funds(charge, term, known, USD, date(2026, 1, 15))


def shown(funds: list[PlannedFund]) -> list[tuple[str, str, int, int]]:
    """Return first and last day, units and price in whole dollars of each fund."""
    return [
        (
            f"{fund.valid.start:%m-%d}",
            f"{fund.valid.end:%m-%d}",
            int(fund.rounded_units(WHOLE)),
            fund.price_minor // 100,
        )
        for fund in funds
    ]


def test_u_23_units_are_prorated_by_days_and_the_price_is_not() -> None:
    quarterly = prepayment(
        "900",
        date(2026, 2, 15),
        validity_period_type="QUARTER",
        validity_period_alignment="TermStart",
        validity_period_proration_option="ProrateUnits",
    )

    assert shown(plan(quarterly)) == [
        ("02-15", "04-01", 450, 90),
        ("04-01", "07-01", 900, 90),
        ("07-01", "10-01", 900, 90),
        ("10-01", "01-01", 900, 90),
    ]


def test_u_15_periods_start_with_the_charge_and_the_term_clips_the_last() -> None:
    monthly = prepayment("310", date(2026, 11, 15), validity_period_proration_option="ProrateUnits")

    funds = plan(monthly)

    assert shown(funds) == [("11-15", "12-15", 310, 90), ("12-15", "01-01", 170, 90)]
    assert funds[1].period == Days(date(2026, 12, 15), NEW_YEAR)


def test_u_15_without_proration_a_clipped_fund_has_all_units() -> None:
    monthly = prepayment("310", date(2026, 11, 15), validity_period_proration_option="NoProrate")

    assert shown(plan(monthly)) == [("11-15", "12-15", 310, 90), ("12-15", "01-01", 310, 90)]


def test_u_23_a_short_first_year_counted_back_from_the_end_of_the_term() -> None:
    fourteen_months = Term(date(2022, 11, 1), date(2024, 1, 1))
    annual = prepayment(
        "365",
        fourteen_months.start,
        effective_end_date=fourteen_months.end,
        validity_period_type="ANNUAL",
        billing_period="Annual",
        validity_period_alignment="TermEnd",
        validity_period_proration_option="ProrateUnits",
    )

    funds = plan(annual, fourteen_months)

    assert shown(funds) == [("11-01", "01-01", 61, 90), ("01-01", "01-01", 365, 90)]
    assert funds[0].period == Days(fourteen_months.start, date(2023, 1, 1))


def test_u_15_periods_are_counted_from_a_specific_date() -> None:
    monthly = prepayment(
        "310",
        date(2026, 10, 1),
        validity_period_alignment="SpecificDate",
        validity_period_anchor_date=date(2025, 3, 20),
    )

    assert [row[:2] for row in shown(plan(monthly))] == [
        ("10-01", "10-20"),
        ("10-20", "11-20"),
        ("11-20", "12-20"),
        ("12-20", "01-01"),
    ]


@pytest.mark.parametrize(
    ("kind", "length", "billing"),
    [("SPECIFIC_DAYS", 14, "Specific_Weeks"), ("SPECIFIC_WEEKS", 2, "Specific_Days")],
)
def test_u_15_periods_of_days_and_weeks(kind: str, length: int, billing: str) -> None:
    fortnights = prepayment(
        "14",
        date(2026, 12, 1),
        validity_period_type=kind,
        specific_validity_period_length=length,
        validity_period_proration_option="ProrateUnits",
        billing_period=billing,
        specific_billing_period=2 if billing == "Specific_Weeks" else 14,
    )

    assert shown(plan(fortnights)) == [
        ("12-01", "12-15", 14, 90),
        ("12-15", "12-29", 14, 90),
        ("12-29", "01-01", 3, 90),
    ]


def test_u_15_periods_of_five_months() -> None:
    five = prepayment(
        "5",
        validity_period_type="SPECIFIC_MONTHS",
        specific_validity_period_length=5,
        billing_period="Specific_Months",
        specific_billing_period=5,
    )

    assert [row[:2] for row in shown(plan(five))] == [
        ("01-01", "06-01"),
        ("06-01", "11-01"),
        ("11-01", "01-01"),
    ]


def test_a_top_up_of_30_days_has_a_period_of_its_own() -> None:
    top_up = prepayment(
        "30",
        date(2026, 1, 20),
        charge_type="OneTime",
        validity_period_type="SPECIFIC_DAYS",
        specific_validity_period_length=30,
    )

    (fund,) = plan(top_up, YEAR, Days(date(2026, 1, 1), date(2026, 2, 1)))

    assert fund.valid == Days(date(2026, 1, 20), date(2026, 2, 19))


def test_a_prorated_top_up_has_what_is_left_of_the_period() -> None:
    top_up = prepayment(
        "310",
        date(2026, 1, 22),
        charge_type="OneTime",
        validity_period_proration_option="ProrateUnits",
    )

    assert shown(plan(top_up, YEAR, Days(date(2026, 1, 1), date(2026, 2, 1)))) == [
        ("01-22", "02-01", 100, 90)
    ]


def test_a_term_of_days_is_one_period() -> None:
    term = Term(date(2026, 1, 1), date(2026, 2, 10))
    whole = prepayment(
        "40",
        date(2026, 1, 11),
        charge_type="OneTime",
        effective_end_date=term.end,
        validity_period_type="SUBSCRIPTION_TERM",
        validity_period_proration_option="ProrateUnits",
    )

    assert shown(plan(whole, term)) == [("01-11", "02-10", 30, 90)]


def test_periods_counted_from_the_end_need_a_term_that_ends() -> None:
    endless = prepayment("10", validity_period_alignment="TermEnd", effective_end_date=None)

    with pytest.raises(RuleBroken, match="cannot be divided"):
        plan(endless, Term(YEAR.start, None))


def test_periods_of_days_are_not_billed_by_months() -> None:
    mixed = prepayment(
        "10", validity_period_type="SPECIFIC_DAYS", specific_validity_period_length=10
    )

    with pytest.raises(RuleBroken, match=r"Validity period \( 10 days\) .* \( 1 months\)"):
        plan(mixed)


def test_a_share_of_units_that_rounds_to_nothing_is_refused() -> None:
    one = prepayment(
        "1",
        date(2026, 1, 31),
        charge_type="OneTime",
        validity_period_proration_option="ProrateUnits",
    )
    (fund,) = plan(one, YEAR, Days(date(2026, 1, 1), date(2026, 2, 1)))

    with pytest.raises(Invalid, match="'prepaidQuantity' value is invalid"):
        fund.rounded_units(Rounding(0, "Down"))


@pytest.mark.parametrize(
    ("mode", "places", "rounded"),
    [("Up", 2, "3.34"), ("Down", 2, "3.33"), ("Up", 0, "4"), ("Down", 9, "3.333333333")],
)
def test_a_share_without_an_end_is_rounded_once(mode: str, places: int, rounded: str) -> None:
    assert round_share(Decimal(10), (1, 3), places, mode) == Decimal(rounded)
