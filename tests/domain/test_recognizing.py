"""What a rule makes of something billed: a term, and how a new schedule starts."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from earned.domain.calendar import Days
from earned.domain.money import Currency
from earned.domain.recognition import Method, Rounding, Spread
from earned.domain.recognition_rule import (
    DateField,
    LengthUnit,
    RecognitionRule,
    RuleModel,
    TransactionDate,
    completed,
)
from earned.domain.recognizing import (
    BilledItem,
    opening,
    remembered,
    spread_of,
    spread_of_schedule,
)
from earned.domain.schedule import RevenueSchedule
from earned.domain.slots import slots_of
from tests.calendars import STAMP, months

STAMPS: dict[str, Any] = {
    **dict.fromkeys(("created_by", "updated_by"), ""),
    **dict.fromkeys(("created_at", "updated_at"), STAMP),
}
USD = Currency.of("USD")
JANUARY_15, APRIL_14 = date(2024, 1, 15), date(2024, 4, 14)
ITEM = BilledItem(
    transaction_date=date(2024, 3, 5),
    service=Days(JANUARY_15, date(2024, 4, 15)),
    contract_effective_date=date(2024, 1, 2),
    service_activation_date=date(2024, 1, 3),
    customer_acceptance_date=date(2024, 1, 4),
)
PERIODS = months(date(2024, 1, 1), 4, closed=2)


def rule(model: RuleModel, **options: Any) -> RecognitionRule:
    return completed(
        RecognitionRule(id="", entity_id="", name="A rule", model=model, **options, **STAMPS)
    )


def after(day: DateField, count: int, unit: LengthUnit, which: str = "start") -> dict[str, Any]:
    return {f"{which}_field": day, f"{which}_after": count, f"{which}_unit": unit}


def test_upon_invoicing_is_the_day_of_the_transaction() -> None:
    day = date(2024, 3, 5)

    assert spread_of(rule(RuleModel.UPON_INVOICING), ITEM) == Spread(start=day, end=day)


def test_over_time_is_the_service_period() -> None:
    assert spread_of(rule(RuleModel.DAILY), ITEM) == Spread(start=JANUARY_15, end=APRIL_14)


def test_by_months_is_as_the_rule_distributes() -> None:
    monthly = rule(
        RuleModel.MONTHLY,
        distribution_type=Method.FRONT_LOAD,
        rounding=Rounding.LEADING,
        transaction_date=TransactionDate.NOT_BEFORE,
    )

    assert spread_of(monthly, ITEM) == Spread(
        start=JANUARY_15,
        end=APRIL_14,
        method=Method.FRONT_LOAD,
        rounding=Rounding.LEADING,
        not_before=date(2024, 3, 5),
    )


@pytest.mark.parametrize(
    ("name", "day"),
    [
        (DateField.SERVICE_PERIOD_START, date(2024, 1, 25)),
        (DateField.SERVICE_PERIOD_END, date(2024, 4, 24)),
        (DateField.TRANSACTION_DATE, date(2024, 3, 15)),
        (DateField.CONTRACT_EFFECTIVE_DATE, date(2024, 1, 12)),
        (DateField.SERVICE_ACTIVATION_DATE, date(2024, 1, 13)),
        (DateField.CUSTOMER_ACCEPTANCE_DATE, date(2024, 1, 14)),
    ],
)
def test_a_date_is_so_long_after_another(name: DateField, day: date) -> None:
    specific = rule(RuleModel.SPECIFIC_DATE, **after(name, 10, LengthUnit.DAYS))

    assert spread_of(specific, ITEM) == Spread(start=day, end=day)


def test_without_a_subscription_its_dates_are_that_of_the_transaction() -> None:
    accepted = after(DateField.CUSTOMER_ACCEPTANCE_DATE, 0, LengthUnit.DAYS)
    item = replace(ITEM, customer_acceptance_date=None)

    found = spread_of(rule(RuleModel.SPECIFIC_DATE, **accepted), item)
    assert found == Spread(start=date(2024, 3, 5), end=date(2024, 3, 5))


@pytest.mark.parametrize(
    ("name", "count", "unit", "end"),
    [
        (DateField.RECOGNITION_START, 3, LengthUnit.MONTHS, date(2024, 4, 14)),
        (DateField.RECOGNITION_START, 2, LengthUnit.YEARS, date(2026, 1, 14)),
        (DateField.RECOGNITION_START, 10, LengthUnit.DAYS, date(2024, 1, 24)),
        (DateField.SERVICE_PERIOD_END, 1, LengthUnit.MONTHS, date(2024, 5, 14)),
        (DateField.SERVICE_PERIOD_END, 1, LengthUnit.DAYS, date(2024, 4, 15)),
    ],
)
def test_a_term_has_a_length_or_goes_on_after_the_service(
    name: DateField, count: int, unit: LengthUnit, end: date
) -> None:
    daily = rule(RuleModel.DAILY, **after(name, count, unit, "end"))

    assert spread_of(daily, ITEM) == Spread(start=JANUARY_15, end=end)


def test_a_term_has_at_least_a_day() -> None:
    late = rule(RuleModel.DAILY, **after(DateField.SERVICE_PERIOD_START, 1, LengthUnit.YEARS))

    day = date(2025, 1, 15)
    assert spread_of(late, ITEM) == Spread(start=day, end=day)


def test_a_term_ends_with_the_calendar() -> None:
    item = replace(ITEM, service=Days(date(9999, 12, 1), date(9999, 12, 31)))
    last = date(9999, 12, 30)
    for unit in LengthUnit:
        long = rule(RuleModel.SPECIFIC_DATE, **after(DateField.SERVICE_PERIOD_END, 20, unit))
        assert spread_of(long, item) == Spread(start=last, end=last)


@pytest.mark.parametrize(
    "model",
    [
        RuleModel.MANUAL,
        RuleModel.CUSTOM_UNLIMITED,
        RuleModel.CUSTOM_LIMITED,
        RuleModel.DRAWDOWN,
    ],
)
def test_what_people_or_usage_recognise_waits_in_open_ended(model: RuleModel) -> None:
    made = opening(rule(model), ITEM, 30000, USD, slots_of(PERIODS))

    assert dict(made.amounts_minor) == {"Open-Ended": 30000}
    assert made.spread is None
    assert set(made.remembered.values()) == {None}


def test_a_new_schedule_lies_as_its_rule_says_and_remembers_it() -> None:
    made = opening(rule(RuleModel.DAILY), ITEM, 30000, USD, slots_of(PERIODS))

    assert dict(made.amounts_minor) == {"1": 0, "2": 0, "3": 25333, "4": 4667, "Open-Ended": 0}
    assert made.remembered == {
        "recognition_start": JANUARY_15,
        "recognition_end": APRIL_14,
        "distribution_type": Method.DAILY,
        "recognition_rounding": Rounding.TRAILING,
        "recognition_not_before": None,
    }


def schedule(**changes: Any) -> RevenueSchedule:
    facts: dict[str, Any] = dict.fromkeys(("id", "entity_id", "number", "account_id"), "")
    return RevenueSchedule(
        **facts,
        original_subscription_id="",
        charge_id="",
        amount_minor=30000,
        currency="USD",
        rule_name="A rule",
        schedule_date=JANUARY_15,
        **changes,
        **STAMPS,
    )


@pytest.mark.parametrize(
    "spread",
    [
        None,
        Spread(start=JANUARY_15, end=APRIL_14),
        Spread(
            start=JANUARY_15,
            end=APRIL_14,
            method=Method.BACK_LOAD,
            rounding=Rounding.LEADING,
            not_before=date(2024, 3, 5),
        ),
    ],
)
def test_what_a_schedule_remembers_is_the_spread(spread: Spread | None) -> None:
    assert spread_of_schedule(schedule(**remembered(spread))) == spread
