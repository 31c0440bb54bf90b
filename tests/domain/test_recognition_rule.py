"""Recognition rules: which options a model has, and what they may be."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from earned.domain.errors import EarnedError
from earned.domain.recognition import Method, Rounding
from earned.domain.recognition_rule import (
    PRECONFIGURED,
    ClosedPeriods,
    DateField,
    LengthUnit,
    RecognitionRule,
    RuleModel,
    TransactionDate,
    completed,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def rule(model: RuleModel, **options: Any) -> RecognitionRule:
    return RecognitionRule(
        id="rule",
        entity_id="entity",
        name="A rule",
        model=model,
        created_by="",
        created_at=NOW,
        updated_by="",
        updated_at=NOW,
        **options,
    )


def complaints(one: RecognitionRule) -> list[str]:
    with pytest.raises(EarnedError) as refusal:
        completed(one)
    return [problem.message for problem in refusal.value.problems]


def test_every_entity_has_a_rule_for_each_common_way() -> None:
    assert dict(PRECONFIGURED) == {
        "Recognize upon invoicing": RuleModel.UPON_INVOICING,
        "Recognize daily over time": RuleModel.DAILY,
        "Custom - Unlimited recognition": RuleModel.CUSTOM_UNLIMITED,
        "Recognize by drawdown": RuleModel.DRAWDOWN,
    }


SERVICE = {
    "start_field": DateField.SERVICE_PERIOD_START,
    "start_after": 0,
    "start_unit": LengthUnit.DAYS,
}
TO_ITS_END = {
    "end_field": DateField.SERVICE_PERIOD_END,
    "end_after": 0,
    "end_unit": LengthUnit.DAYS,
}
REGARDLESS = {"transaction_date": TransactionDate.REGARDLESS}
NEXT_OPEN = {"closed_periods": ClosedPeriods.NEXT_OPEN}
TRAILING = {"rounding": Rounding.TRAILING}
BY_DAYS = {"distribution_type": Method.BY_DAYS}


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (RuleModel.UPON_INVOICING, NEXT_OPEN),
        (RuleModel.SPECIFIC_DATE, {**SERVICE, **REGARDLESS, **NEXT_OPEN}),
        (RuleModel.DAILY, {**SERVICE, **TO_ITS_END, **TRAILING, **REGARDLESS, **NEXT_OPEN}),
        (
            RuleModel.MONTHLY,
            {**SERVICE, **TO_ITS_END, **BY_DAYS, **TRAILING, **REGARDLESS, **NEXT_OPEN},
        ),
        (RuleModel.MANUAL, {}),
        (RuleModel.CUSTOM_UNLIMITED, {}),
        (RuleModel.CUSTOM_LIMITED, {}),
        (RuleModel.DRAWDOWN, {}),
    ],
)
def test_a_model_has_defaults_for_its_options_and_no_others(
    model: RuleModel, options: dict[str, Any]
) -> None:
    assert completed(rule(model)) == rule(model, **options)


@pytest.mark.parametrize(
    ("model", "options", "fields"),
    [
        (RuleModel.UPON_INVOICING, {**SERVICE, **TRAILING}, ["recognitionStart", "rounding"]),
        (
            RuleModel.SPECIFIC_DATE,
            {**TO_ITS_END, **BY_DAYS},
            ["recognitionEnd", "distributionType"],
        ),
        (RuleModel.DAILY, BY_DAYS, ["distributionType"]),
        (RuleModel.MANUAL, {**REGARDLESS, **NEXT_OPEN}, ["transactionDate", "closedPeriods"]),
        (RuleModel.CUSTOM_UNLIMITED, NEXT_OPEN, ["closedPeriods"]),
        (RuleModel.DRAWDOWN, TRAILING, ["rounding"]),
    ],
)
def test_an_option_that_the_model_does_not_have_is_refused(
    model: RuleModel, options: dict[str, Any], fields: list[str]
) -> None:
    expected = [f"'{name}' does not apply to the model '{model}'" for name in fields]

    assert complaints(rule(model, **options)) == expected


@pytest.mark.parametrize(
    ("unit", "most"),
    [(LengthUnit.DAYS, 5000), (LengthUnit.MONTHS, 120), (LengthUnit.YEARS, 20)],
)
def test_a_length_has_a_limit(unit: LengthUnit, most: int) -> None:
    start = {**SERVICE, "start_after": most, "start_unit": unit}
    assert completed(rule(RuleModel.DAILY, **start)).start_after == most

    for after in (most + 1, -1):
        assert complaints(rule(RuleModel.DAILY, **{**start, "start_after": after})) == [
            f"'recognitionStart' should be between 0 and {most} {unit} after its date"
        ]


def test_a_term_begins_and_ends_with_dates_that_make_one() -> None:
    itself = {**SERVICE, "start_field": DateField.RECOGNITION_START}
    no_end = {**TO_ITS_END, "end_field": DateField.CONTRACT_EFFECTIVE_DATE}
    no_length = {**TO_ITS_END, "end_field": DateField.RECOGNITION_START}

    assert complaints(rule(RuleModel.DAILY, **itself, **no_end)) == [
        "'recognitionStart' cannot be counted from itself",
        "'recognitionEnd' should be counted from one of: ServicePeriodEnd, RecognitionStart",
    ]
    assert complaints(rule(RuleModel.DAILY, **no_length)) == [
        "'recognitionEnd' should be at least 1 after RecognitionStart"
    ]


def test_a_monthly_rule_is_not_daily() -> None:
    (complaint,) = complaints(rule(RuleModel.MONTHLY, distribution_type=Method.DAILY))

    assert complaint == (
        "'distributionType' value should be one of: Monthly Distribution (Back Load), "
        "Monthly Distribution (Front Load), Monthly Distribution (Proration by Days)"
    )


def test_a_preconfigured_rule_is_known_by_its_name() -> None:
    one = rule(RuleModel.DAILY)

    assert not one.is_preconfigured
    assert replace(one, name="Recognize daily over time").is_preconfigured
