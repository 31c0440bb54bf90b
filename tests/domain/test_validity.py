"""Validity periods: the grid of a term, and the documented refusals."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.calendar import Days, add_months
from earned.domain.charge import ChargeTerms
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.terms import Length, PeriodType
from earned.domain.validity import (
    Grid,
    Term,
    ValidityPeriodType,
    check_billing,
    check_renewal,
    check_same_type,
    check_start,
    clip_to_term,
    grid_of,
    horizon,
    parse_validity_period,
    periods_of,
)
from tests.values import STAMP

CHARGE = "C-00000001"


def terms(**changes: Any) -> ChargeTerms:
    facts: dict[str, Any] = {
        "name": "Prepayment",
        "charge_type": "Recurring",
        "charge_model": "FlatFee",
        "prepaid_uom": "Token",
        "validity_period_type": "MONTH",
        "billing_period": "Month",
        **STAMP,
    }
    return ChargeTerms(**{**facts, **changes})


def term(start: date, months: int) -> Term:
    return Term(start, add_months(start, months))


def periods(charge: ChargeTerms, of: Term) -> list[tuple[date, date]]:
    assert of.end
    grid = grid_of(charge, of, CHARGE)
    whole = periods_of(grid, Days(of.start, of.end))
    return [(days.start, days.end) for days in (clip_to_term(one, of) for one in whole)]


def test_u_2_2_a_monthly_plan_of_three_months_has_three_periods() -> None:
    assert periods(terms(), term(date(2022, 1, 1), 3)) == [
        (date(2022, 1, 1), date(2022, 2, 1)),
        (date(2022, 2, 1), date(2022, 3, 1)),
        (date(2022, 3, 1), date(2022, 4, 1)),
    ]


def test_u_2_2_two_years_annual_are_two_periods() -> None:
    annual = terms(validity_period_type="ANNUAL", billing_period="Annual")
    assert periods(annual, term(date(2023, 1, 1), 24)) == [
        (date(2023, 1, 1), date(2024, 1, 1)),
        (date(2024, 1, 1), date(2025, 1, 1)),
    ]


@pytest.mark.parametrize(("kind", "count"), [("QUARTER", 4), ("SEMI_ANNUAL", 2), ("ANNUAL", 1)])
def test_a_year_has_this_many_periods(kind: str, count: int) -> None:
    assert len(periods(terms(validity_period_type=kind), term(date(2026, 1, 1), 12))) == count


def test_the_whole_term_is_one_period() -> None:
    whole = terms(validity_period_type="SUBSCRIPTION_TERM")
    assert periods(whole, term(date(2026, 2, 10), 7)) == [(date(2026, 2, 10), date(2026, 9, 10))]


def test_u_2_3_boundaries_are_counted_from_the_anchor_so_months_do_not_shrink() -> None:
    assert periods(terms(), term(date(2027, 1, 31), 4)) == [
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2027, 2, 28), date(2027, 3, 31)),
        (date(2027, 3, 31), date(2027, 4, 30)),
        (date(2027, 4, 30), date(2027, 5, 31)),
    ]


def test_u_2_3_fourteen_months_annual_aligned_to_the_term_end_have_a_short_first_period() -> None:
    aligned = terms(
        validity_period_type="ANNUAL",
        billing_period="Annual",
        bill_cycle_type="TermEndDay",
        billing_period_alignment="AlignToTermEnd",
    )
    assert periods(aligned, term(date(2022, 11, 1), 14)) == [
        (date(2022, 11, 1), date(2023, 1, 1)),
        (date(2023, 1, 1), date(2024, 1, 1)),
    ]


def test_u_50_a_three_month_term_cannot_be_divided_into_years() -> None:
    with pytest.raises(RuleBroken) as refusal:
        grid_of(terms(validity_period_type="ANNUAL"), term(date(2026, 1, 1), 3), CHARGE)

    assert str(refusal.value) == (
        "The current term of Charge C-00000001 cannot be divided into successive validity periods."
    )


@pytest.mark.parametrize(
    ("charge", "of"),
    [
        (terms(), Term(date(2026, 1, 1), date(2026, 1, 31))),
        (
            terms(bill_cycle_type="TermEndDay", billing_period_alignment="AlignToTermEnd"),
            Term(date(2026, 1, 1), date(2026, 3, 15)),
        ),
        (terms(validity_period_type="SUBSCRIPTION_TERM"), Term(date(2026, 1, 1), None)),
        (
            terms(validity_period_type="SUBSCRIPTION_TERM"),
            Term(date(2026, 1, 1), date(2026, 1, 20)),
        ),
    ],
    ids=["30 days by months", "aligned, not of months", "endless term", "term of days"],
)
def test_terms_that_no_grid_fits_are_refused(charge: ChargeTerms, of: Term) -> None:
    with pytest.raises(RuleBroken, match="cannot be divided"):
        grid_of(charge, of, CHARGE)


def test_a_new_subscription_starts_its_prepayments_on_a_boundary() -> None:
    quarters, year = terms(validity_period_type="QUARTER"), term(date(2026, 1, 1), 12)
    grid = grid_of(quarters, year, CHARGE)

    check_start(grid, year, date(2026, 4, 1), CHARGE)
    check_start(grid, year, date(2025, 10, 1), CHARGE)
    with pytest.raises(RuleBroken, match="cannot be divided"):
        check_start(grid, year, date(2026, 2, 1), CHARGE)


def test_u_50_the_validity_period_must_be_a_multiple_of_the_billing_period() -> None:
    with pytest.raises(RuleBroken) as refusal:
        check_billing(terms(billing_period="Quarter"), term(date(2026, 1, 1), 12), CHARGE)

    assert str(refusal.value) == (
        "Validity period ( 1 months) must be equal to or multiple times of "
        "the billing period ( 3 months)."
    )


@pytest.mark.parametrize(
    ("kind", "billing", "count"),
    [
        ("ANNUAL", "Month", 12),
        ("ANNUAL", "Semi_Annual", 2),
        ("QUARTER", "Quarter", 1),
        ("SUBSCRIPTION_TERM", "Month", 24),
        ("SUBSCRIPTION_TERM", "Subscription_Term", 1),
    ],
)
def test_billing_periods_in_a_validity_period_of_a_two_year_term(
    kind: str, billing: str, count: int
) -> None:
    charge = terms(validity_period_type=kind, billing_period=billing)
    assert check_billing(charge, term(date(2026, 1, 1), 24), CHARGE) == count


def test_a_billing_period_as_long_as_an_endless_term_is_refused() -> None:
    charge = terms(billing_period="Subscription_Term")
    with pytest.raises(RuleBroken, match="cannot be divided"):
        check_billing(charge, Term(date(2026, 1, 1), None), CHARGE)


def test_u_50_a_four_month_renewal_does_not_hold_whole_quarters() -> None:
    quarters = terms(validity_period_type="QUARTER")

    check_renewal(quarters, Length(6), CHARGE)
    check_renewal(quarters, Length(1, PeriodType.YEAR), CHARGE)
    check_renewal(quarters, None, CHARGE)
    for length in (Length(4), Length(90, PeriodType.DAY)):
        with pytest.raises(RuleBroken) as refusal:
            check_renewal(quarters, length, CHARGE)
        assert str(refusal.value) == (
            "Invalid validity periods in Charge C-00000001. "
            "The validity periods must be evenly distributed over the subscription term."
        )


def test_u_50_charges_of_one_balance_have_one_validity_period_type() -> None:
    check_same_type([terms(), terms(validity_period_type="QUARTER", prepaid_uom="Call")])
    with pytest.raises(RuleBroken) as refusal:
        check_same_type([terms(), terms(validity_period_type="QUARTER")])

    assert str(refusal.value) == (
        "All prepayment charges in a prepaid balance must have the same validity period type."
    )


def test_evergreen_funds_reach_to_the_end_of_the_next_period() -> None:
    grid = Grid(date(2026, 1, 10), 1)

    assert horizon(grid, date(2026, 1, 10)) == date(2026, 3, 10)
    assert horizon(grid, date(2026, 2, 9)) == date(2026, 3, 10)
    assert horizon(grid, date(2026, 2, 10)) == date(2026, 4, 10)


@pytest.mark.parametrize("text", ["Month", "MONTH", "month"])
def test_validity_period_types_are_read_in_any_case(text: str) -> None:
    assert parse_validity_period(text) is ValidityPeriodType.MONTH


def test_unknown_validity_period_types_are_refused() -> None:
    with pytest.raises(Invalid, match="should be one of: MONTH, QUARTER, SEMI_ANNUAL, ANNUAL"):
        parse_validity_period("DECADE")


def test_there_is_a_limit_to_validity_periods() -> None:
    with pytest.raises(RuleBroken, match="at most 1200"):
        periods_of(Grid(date(2026, 1, 1), 1), Days(date(1, 1, 1), date(2027, 1, 1)))


def test_periods_do_not_leave_the_calendar() -> None:
    with pytest.raises(Invalid, match="leave the calendar"):
        horizon(Grid(date(9999, 12, 15), 1), date(9999, 12, 15))


@given(
    start=st.dates(date(2000, 1, 1), date(2060, 12, 31)),
    months=st.sampled_from([1, 3, 6, 12]),
    count=st.integers(1, 40),
)
def test_periods_tile_every_term_without_gap_or_overlap(
    start: date, months: int, count: int
) -> None:
    kind = {1: "MONTH", 3: "QUARTER", 6: "SEMI_ANNUAL", 12: "ANNUAL"}[months]
    of = term(start, months * count)

    found = periods(terms(validity_period_type=kind), of)

    assert len(found) == count
    assert found[0][0] == of.start
    assert found[-1][1] == of.end
    assert all(before[1] == after[0] for before, after in pairwise(found))


@given(
    start=st.dates(date(2000, 1, 1), date(2060, 12, 31)),
    months=st.sampled_from([1, 3, 6, 12]),
    day=st.dates(date(1999, 1, 1), date(2070, 12, 31)),
)
def test_every_day_lies_in_the_period_the_grid_says(start: date, months: int, day: date) -> None:
    assert day in Grid(start, months).period(day)


@given(start=st.dates(date(2000, 1, 1), date(2060, 12, 31)), months=st.integers(1, 60))
def test_periods_counted_back_from_the_end_tile_terms_of_any_months(
    start: date, months: int
) -> None:
    aligned = terms(
        validity_period_type="ANNUAL",
        bill_cycle_type="TermEndDay",
        billing_period_alignment="AlignToTermEnd",
    )
    of = term(start, months)

    found = periods(aligned, of)

    assert found[0][0] == of.start
    assert found[-1][1] == of.end
    assert all(before[1] == after[0] for before, after in pairwise(found))
