"""Revenue schedules, their items, and the distributions that made them."""

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint

from earned.storage.columns import day, entity, flag, json, key, refers, stamps, table, text, whole

revenue_schedule = table(
    "revenue_schedule",
    key(),
    entity(),
    text("number"),
    refers("account_id", "account", index=False),
    text("original_subscription_id"),
    text("charge_id"),
    whole("amount_minor"),
    text("currency"),
    text("rule_name"),
    day("schedule_date"),
    refers("fund_id", "fund", null=True, index=False),
    text("reference_id", null=True, length=100),
    text("notes", null=True, length=2000),
    flag("override_accounting_codes"),
    text("recognized_code", null=True),
    text("recognized_code_type", null=True),
    text("deferred_code", null=True),
    text("deferred_code_type", null=True),
    flag("deleted"),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "number"),
    UniqueConstraint("fund_id"),
    Index("ix_revenue_schedule_charge", "entity_id", "charge_id", "updated_at"),
)

revenue_item = table(
    "revenue_item",
    refers("schedule_id", "revenue_schedule", index=False),
    refers("period_id", "accounting_period"),
    entity(),
    whole("amount_minor"),
    json("custom_fields"),
    PrimaryKeyConstraint("schedule_id", "period_id"),
)

distribution = table(
    "distribution",
    key(),
    entity(),
    text("number"),
    refers("schedule_id", "revenue_schedule"),
    text("event_type", length=50),
    text("event_type_system_id", length=50),
    text("notes", null=True),
    day("recognition_start", null=True),
    day("recognition_end", null=True),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "number"),
)

distribution_item = table(
    "distribution_item",
    refers("distribution_id", "distribution", index=False),
    refers("period_id", "accounting_period"),
    entity(),
    whole("amount_minor"),
    PrimaryKeyConstraint("distribution_id", "period_id"),
)
