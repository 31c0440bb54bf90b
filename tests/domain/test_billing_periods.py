"""Billing periods of charges: what they ask for, and when it is due."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from earned.domain.billing_periods import (
    asked_of_charge,
    asked_of_fund,
    bounds_of,
    is_billable,
    usage_due,
)
from earned.domain.calendar import Days
from earned.domain.validity import Term
from tests import values
from tests.domain.test_funding import USD, prepayment

END = date(2027, 1, 1)


def fee(price: str = "30", **changes: Any) -> Any:
    """Make a flat fee over 2026 that prepays nothing."""
    plain = {"is_prepaid": False, "prepaid_operation_type": None}
    return replace(prepayment(price), **{**plain, **changes})


PER_WEEK = {"list_price_base": "Per_Week"}


def asked(through: date, **changes: Any) -> list[tuple[str, str, int]]:
    """Return first day, day due and cents of each period."""
    return [
        (str(one.service.start), str(one.due), one.amount_minor)
        for one in asked_of_charge(fee(**changes), through, USD)
    ]


def test_in_advance_a_period_is_due_on_its_first_day_and_in_arrears_after_its_last() -> None:
    february = date(2026, 2, 1)
    assert asked(february) == [
        ("2026-01-01", "2026-01-01", 3000),
        ("2026-02-01", "2026-02-01", 3000),
    ]
    assert asked(february, billing_timing="IN_ARREARS") == [
        ("2026-01-01", "2026-02-01", 3000),
        ("2026-02-01", "2026-03-01", 3000),
    ]


@pytest.mark.parametrize(
    ("terms", "cents"),
    [
        ({"billing_period": "Quarter"}, 3000),
        ({"billing_period": "Quarter", "list_price_base": "Per_Month"}, 9000),
        ({"billing_period": "Quarter", "list_price_base": "Per_Year"}, 750),
        ({"billing_period": "Subscription_Term"}, 3000),
        ({"billing_period": "Week"}, 3000),
        ({"billing_period": "Specific_Months", "specific_billing_period": 5}, 3000),
        # A week is a fifty-second of a year.
        ({"billing_period": "Week", "list_price_base": "Per_Year"}, 58),
        ({"billing_period": "Week", "list_price_base": "Per_Month"}, 692),
        ({"billing_period": "Week", "list_price_base": "Per_Week"}, 3000),
        ({"billing_period": "Specific_Weeks", "specific_billing_period": 2} | PER_WEEK, 6000),
        ({"billing_period": "Month"} | PER_WEEK, 13286),
        ({"billing_period": "Subscription_Term", "list_price_base": "Per_Month"}, 36000),
    ],
)
def test_a_list_price_is_for_a_billing_period_unless_it_says_otherwise(
    terms: dict[str, Any], cents: int
) -> None:
    assert asked(date(2026, 1, 1), **terms) == [("2026-01-01", "2026-01-01", cents)]


def test_a_period_that_is_cut_short_costs_its_share_of_days() -> None:
    # Ten of the thirty-one days of January.
    assert asked(END, effective_end_date=date(2026, 1, 11)) == [("2026-01-01", "2026-01-01", 968)]
    assert asked(END, effective_end_date=date(2026, 1, 1)) == []


@pytest.mark.parametrize(
    ("began", "start", "end", "firsts"),
    [
        ("2024-01-31", "2024-01-31", "2024-04-30", ["01-31", "02-29", "03-31"]),
        ("2024-01-31", "2024-04-30", "2024-07-31", ["04-30", "05-31", "06-30"]),
        # The charge was added in the middle of a validity period.
        ("2024-03-15", "2024-04-30", "2024-07-31", ["04-30", "05-31", "06-30"]),
        ("2024-01-30", "2024-04-30", "2024-07-30", ["04-30", "05-30", "06-30"]),
        ("2024-02-29", "2024-05-29", "2024-08-29", ["05-29", "06-29", "07-29"]),
    ],
)
def test_u_19_a_quarter_is_three_months_from_whichever_day_on(
    began: str, start: str, end: str, firsts: list[str]
) -> None:
    """10.00 a quarter, billed by month, of a subscription that begins at the end of one (U 2.3)."""
    period = Days(date.fromisoformat(start), date.fromisoformat(end))
    fund = values.fund(start_date=period.start, end_date=period.end)
    charge = prepayment("10", validity_period_type="QUARTER", billing_period="Month")
    charge = replace(charge, effective_start_date=date.fromisoformat(began))

    found = asked_of_fund(fund, Fraction(10), period, charge, USD)

    assert [f"{one.service.start:%m-%d}" for one in found] == firsts
    assert [one.amount_minor for one in found] == [333, 334, 333]


TERMS = [date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)]


def of_terms(**changes: Any) -> list[tuple[str, str, int]]:
    charge = fee(billing_period="Subscription_Term", **changes)
    found = asked_of_charge(charge, END, USD, TERMS)
    return [(str(one.service.start), str(one.service.end), one.amount_minor) for one in found]


def test_a_term_that_follows_is_another_and_any_other_is_the_same_changed() -> None:
    versions = [
        Term(date(2026, 1, 1), date(2026, 4, 1)),
        Term(date(2026, 2, 1), date(2026, 5, 1)),  # The first term, moved.
        Term(date(2026, 5, 1), date(2026, 8, 1)),  # Renewed.
        Term(date(2026, 5, 1), None),  # Without an end from now on.
    ]
    assert bounds_of(versions) == [date(2026, 2, 1), date(2026, 5, 1), date.max]
    assert bounds_of(versions[:3])[-1] == date(2026, 8, 1)


def test_a_price_of_the_term_is_asked_for_in_each_term() -> None:
    first, second = ("2026-01-01", "2026-07-01"), ("2026-07-01", "2027-01-01")
    assert of_terms() == [(*first, 3000), (*second, 3000)]
    assert of_terms(list_price_base="Per_Month") == [(*first, 18000), (*second, 18000)]


def test_a_term_that_is_cut_short_costs_its_share_of_days() -> None:
    # Forty-five of 181 days, and from then on the rest of them.
    middle = date(2026, 2, 15)
    assert of_terms(effective_end_date=middle) == [("2026-01-01", "2026-02-15", 746)]
    later = {"effective_start_date": middle, "original_start_date": TERMS[0]}
    assert of_terms(**later)[0] == ("2026-02-15", "2026-07-01", 2254)
    # A charge that began then costs its price.
    assert of_terms(effective_start_date=middle)[0] == ("2026-02-15", "2026-07-01", 3000)


def test_a_one_time_charge_is_of_one_day() -> None:
    once = {"charge_type": "OneTime", "effective_end_date": date(2026, 1, 2)}
    assert asked(END, **once) == [("2026-01-01", "2026-01-01", 3000)]


def test_usage_is_due_when_its_service_period_or_its_charge_is_over() -> None:
    december = Days(date(2026, 12, 1), date(2027, 1, 1))
    assert usage_due(fee(), december) == END
    middle = date(2026, 12, 15)
    assert usage_due(fee(effective_end_date=middle), december) == middle


def test_prepayments_usage_and_discounts_are_not_billed_as_fees() -> None:
    assert is_billable(fee())
    assert not is_billable(prepayment())
    assert not is_billable(fee(charge_type="Usage"))
    assert not is_billable(fee(charge_model="DiscountPercentage"))
