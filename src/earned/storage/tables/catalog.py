"""Units of measure, products, rate plans and charges, and the columns every charge has."""

from sqlalchemy import CheckConstraint, Column, UniqueConstraint
from sqlalchemy.schema import SchemaItem

from earned.domain.breakage import BreakagePolicy
from earned.storage.columns import (
    day,
    entity,
    exact,
    flag,
    json,
    key,
    refers,
    stamps,
    table,
    text,
    whole,
)
from earned.storage.types import Tiers

unit_of_measure = table(
    "unit_of_measure",
    key(),
    entity(),
    text("name", length=50),
    text("displayed_as", length=50),
    whole("decimal_places", least=0),
    CheckConstraint("decimal_places <= 9", name="decimal_places_most"),
    text("rounding_mode", "Up", "Down"),
    flag("active"),
    text("usage_log_file_label", null=True),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "name"),
)

product = table(
    "product",
    key(),
    entity(),
    text("number"),
    text("name", length=100),
    text("sku", null=True),
    text("category", null=True),
    text("description", null=True),
    day("effective_start_date"),
    day("effective_end_date"),
    CheckConstraint("effective_start_date <= effective_end_date", name="effective_dates"),
    flag("allow_feature_changes"),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "number"),
    UniqueConstraint("entity_id", "sku"),
)

product_rate_plan = table(
    "product_rate_plan",
    key(),
    entity(),
    text("number"),
    refers("product_id", "product"),
    text("name", length=255),
    text("description", null=True),
    day("effective_start_date", null=True),
    day("effective_end_date", null=True),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "number"),
)


def charge_terms() -> tuple[SchemaItem, ...]:
    """The columns of `ChargeTerms`, the same in the catalog and on a subscription."""
    return (
        *text("name", length=100),
        *text("description", null=True),
        *text("charge_type", "OneTime", "Recurring", "Usage"),
        *text("charge_model"),
        *text("uom", null=True),
        *exact("default_quantity", null=True),
        *exact("included_units", null=True),
        Column("tiers", Tiers, nullable=False),
        *text("list_price_base", null=True),
        *text("billing_period", null=True),
        *whole("specific_billing_period", null=True),
        *text("billing_period_alignment", null=True),
        *text("billing_timing", null=True),
        *text("bill_cycle_type", null=True),
        *whole("bill_cycle_day", null=True),
        *text("trigger_event", null=True),
        *text("end_date_condition", null=True),
        *whole("up_to_periods", null=True),
        *text("up_to_periods_type", null=True),
        *text("rating_group", null=True),
        *_prepaid_terms(),
        *_revenue_terms(),
    )


def _prepaid_terms() -> tuple[SchemaItem, ...]:
    return (
        *flag("is_prepaid"),
        *text("prepaid_operation_type", "topup", "drawdown", null=True),
        *exact("prepaid_quantity", null=True, signed=False),
        *text("prepaid_uom", null=True),
        *text("validity_period_type", null=True),
        *text(
            "validity_period_alignment",
            *("ChargeStart", "TermStart", "TermEnd", "SpecificDate"),
            null=True,
        ),
        *day("validity_period_anchor_date", null=True),
        *text("validity_period_proration_option", "ProrateUnits", "NoProrate", null=True),
        *whole("specific_validity_period_length", null=True, least=1),
        *text("credit_option", "TimeBased", "ConsumptionBased", "FullCreditBack", null=True),
        *text("breakage_policy", *BreakagePolicy, null=True),
        *exact("expected_breakage_rate", null=True, signed=False),
        *exact("drawdown_rate", null=True, signed=False),
        *text("drawdown_uom", null=True),
        *flag("is_rollover"),
        *text("rollover_apply", "ApplyFirst", "ApplyLast", null=True),
        *whole("rollover_periods", null=True, least=1),
        *whole("rollover_period_length", null=True, least=1),
        *text("rollover_period_type", "Day", "Month", "Quarter", "Annual", null=True),
        *whole("rollover_fund_priority", null=True),
        *text(
            "rollover_end_date_type",
            *("ChargeEndDate", "SubscriptionTerm", "SpecificDate"),
            null=True,
        ),
        *day("rollover_end_date", null=True),
        *text("charge_function", null=True),
        *text("commitment_type", "UNIT", "CURRENCY", null=True),
        *text("commitment_level", null=True),
        *whole("drawdown_priority", null=True),
        *flag("fund_support_account_hierarchy"),
        *text("proration_option", null=True),
    )


def _revenue_terms() -> tuple[SchemaItem, ...]:
    return (
        *text("accounting_code", null=True),
        *text("recognized_revenue_account", null=True),
        *text("deferred_revenue_account", null=True),
        *text("adjustment_revenue_account", null=True),
        *text("revenue_recognition_rule_name", null=True),
        *text("rev_rec_code", null=True),
        *text("rev_rec_trigger_condition", null=True),
        *flag("exclude_booking_from_revenue"),
        *flag("exclude_billing_from_revenue"),
        *flag("use_discount_specific_accounting_code"),
    )


product_rate_plan_charge = table(
    "product_rate_plan_charge",
    key(),
    entity(),
    text("number"),
    refers("product_rate_plan_id", "product_rate_plan"),
    charge_terms(),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "number"),
)
