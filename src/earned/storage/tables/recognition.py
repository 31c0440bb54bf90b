"""Recognition rules, and the day from which billing makes revenue schedules on its own."""

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, UniqueConstraint

from earned.domain.recognition import Method, Rounding
from earned.domain.recognition_rule import (
    DESCRIPTION_LENGTH_MAX,
    RULE_NAME_LENGTH_MAX,
    ClosedPeriods,
    DateField,
    LengthUnit,
    RuleModel,
    TransactionDate,
)
from earned.storage.columns import (
    choice,
    day,
    entity,
    flag,
    json,
    key,
    stamps,
    table,
    text,
    whole,
)

recognition_rule = table(
    "recognition_rule",
    key(),
    entity(),
    text("name", length=RULE_NAME_LENGTH_MAX),
    choice("model", RuleModel),
    text("description", null=True, length=DESCRIPTION_LENGTH_MAX),
    flag("active"),
    choice("start_field", DateField, null=True),
    whole("start_after", null=True, least=0),
    choice("start_unit", LengthUnit, null=True),
    choice("end_field", DateField, null=True),
    whole("end_after", null=True, least=0),
    choice("end_unit", LengthUnit, null=True),
    CheckConstraint("end_field IS NULL OR start_field IS NOT NULL", name="term"),
    choice("distribution_type", Method, null=True),
    choice("rounding", Rounding, null=True),
    choice("transaction_date", TransactionDate, null=True),
    choice("closed_periods", ClosedPeriods, null=True),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "name"),
)

revenue_automation = table(
    "revenue_automation",
    entity(),
    day("start_date"),
    stamps(),
    PrimaryKeyConstraint("entity_id"),
)
