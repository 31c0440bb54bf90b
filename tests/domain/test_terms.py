"""How long subscriptions and charges last."""

from datetime import date
from typing import Any

import pytest

from earned.domain.charge import ChargeTerms
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.terms import Length, PeriodType, TriggerDates, billing_months, end_of
from tests.values import STAMP

START = date(2026, 1, 31)


def terms(**changes: Any) -> ChargeTerms:
    facts: dict[str, Any] = {
        "name": "Fee",
        "charge_type": "Recurring",
        "charge_model": "FlatFee",
        **STAMP,
    }
    return ChargeTerms(**{**facts, **changes})


@pytest.mark.parametrize(
    ("length", "end"),
    [
        (Length(1), date(2026, 2, 28)),
        (Length(13), date(2027, 2, 28)),
        (Length(2, PeriodType.YEAR), date(2028, 1, 31)),
        (Length(2, PeriodType.WEEK), date(2026, 2, 14)),
        (Length(30, PeriodType.DAY), date(2026, 3, 2)),
    ],
)
def test_a_term_ends_on_the_first_day_after_it(length: Length, end: date) -> None:
    assert length.after(START) == end


@pytest.mark.parametrize(
    ("length", "start"),
    [
        (Length(1201), START),
        (Length(101, PeriodType.YEAR), START),
        (Length(40_000, PeriodType.DAY), START),
        (Length(1), date(9999, 12, 1)),
        (Length(1, PeriodType.DAY), date.max),
    ],
)
def test_terms_beyond_a_century_or_the_calendar_are_refused(length: Length, start: date) -> None:
    with pytest.raises(Invalid, match="'initialTerm' value is invalid"):
        length.after(start)


def test_a_trigger_that_is_not_given_falls_on_the_day_before_it() -> None:
    assert TriggerDates.of(START, None, None).customer_acceptance == START
    later = TriggerDates.of(START, date(2026, 2, 1))
    assert later.customer_acceptance == date(2026, 2, 1)
    assert later.start_of("Service_Activation", None) == date(2026, 2, 1)
    assert later.start_of(None, None) == START


@pytest.mark.parametrize(("event", "day"), [("SpecificDate", None), ("FullMoon", START)])
def test_a_trigger_without_a_day_is_refused(event: str, day: date | None) -> None:
    with pytest.raises(Invalid, match="'triggerDate' value is invalid"):
        TriggerDates.of(START).start_of(event, day)


@pytest.mark.parametrize(
    ("changes", "specific", "end"),
    [
        ({}, None, date(2027, 1, 31)),
        ({"charge_type": "OneTime"}, None, date(2026, 2, 1)),
        ({"end_date_condition": "Specific_End_Date"}, date(2026, 5, 5), date(2026, 5, 5)),
        ({"end_date_condition": "SpecificEndDate"}, date(2029, 5, 5), date(2027, 1, 31)),
        ({"end_date_condition": "FixedPeriod", "up_to_periods": 2}, None, date(2026, 3, 31)),
        (
            {
                "end_date_condition": "FixedPeriod",
                "up_to_periods": 2,
                "billing_period": "Quarter",
                "up_to_periods_type": "Billing_Periods",
            },
            None,
            date(2026, 7, 31),
        ),
        (
            {
                "end_date_condition": "FixedPeriod",
                "up_to_periods": 10,
                "up_to_periods_type": "Days",
            },
            None,
            date(2026, 2, 10),
        ),
    ],
)
def test_a_charge_ends_with_its_condition_and_never_after_the_term(
    changes: dict[str, Any], specific: date | None, end: date
) -> None:
    found = end_of(terms(**changes), START, term_end=date(2027, 1, 31), specific=specific)

    assert found == end


def test_a_charge_of_an_evergreen_subscription_has_no_end() -> None:
    assert end_of(terms(), START, term_end=None, specific=None) is None


@pytest.mark.parametrize(
    ("changes", "specific", "refusal"),
    [
        ({"end_date_condition": "SpecificEndDate"}, START, "would end before it starts"),
        ({"end_date_condition": "FixedPeriod"}, None, "'upToPeriods' value is invalid"),
        (
            {
                "end_date_condition": "FixedPeriod",
                "up_to_periods": 1,
                "up_to_periods_type": "Moons",
            },
            None,
            "'upToPeriodsType' value is invalid",
        ),
    ],
)
def test_ends_that_cannot_be_are_refused(
    changes: dict[str, Any], specific: date | None, refusal: str
) -> None:
    with pytest.raises((Invalid, RuleBroken), match=refusal):
        end_of(terms(**changes), START, term_end=None, specific=specific)


def test_a_charge_may_not_start_after_the_term() -> None:
    with pytest.raises(RuleBroken, match="would start after the end of the term"):
        end_of(terms(), START, term_end=START, specific=None)


@pytest.mark.parametrize(
    ("period", "months"),
    [
        (None, 1),
        ("Semi-Annual", 6),
        ("Semi_Annual", 6),
        ("Five_Years", 60),
        ("Specific_Months", 4),
        ("Subscription_Term", None),
    ],
)
def test_billing_periods_in_months(period: str | None, months: int | None) -> None:
    assert billing_months(terms(billing_period=period, specific_billing_period=4)) == months
