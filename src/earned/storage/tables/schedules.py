"""Revenue schedules, their items, and the distributions that made them."""

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, UniqueConstraint

from earned.domain.recognition import Method, Rounding
from earned.domain.schedule import LinkedType
from earned.storage.columns import (
    choice,
    day,
    entity,
    flag,
    instant,
    json,
    key,
    refers,
    stamps,
    table,
    text,
    whole,
)

revenue_schedule = table(
    "revenue_schedule",
    key(),
    entity(),
    text("number"),
    refers("account_id", "account", index=False),
    text("original_subscription_id", null=True),
    text("charge_id", null=True),
    text("product_charge_id", null=True),
    CheckConstraint("charge_id IS NULL OR product_charge_id IS NULL", name="one_charge"),
    CheckConstraint(
        "charge_id IS NOT NULL OR product_charge_id IS NOT NULL OR linked_id IS NOT NULL",
        name="some_origin",
    ),
    whole("amount_minor"),
    text("currency"),
    text("rule_name"),
    day("schedule_date"),
    refers("fund_id", "fund", null=True, index=False),
    refers("rating_result_id", "rating_result", null=True),
    refers("credited_fund_id", "fund", null=True),
    refers("rolled_fund_id", "fund", null=True),
    choice("linked_type", LinkedType, null=True),
    text("linked_id", null=True),
    text("linked_number", null=True),
    CheckConstraint("(linked_id IS NULL) = (linked_type IS NULL)", name="linked"),
    CheckConstraint("linked_id IS NULL OR reference_id IS NULL", name="linked_or_referred"),
    refers("reverses_id", "revenue_schedule", null=True, index=False),
    CheckConstraint("reverses_id IS NULL OR linked_id IS NOT NULL", name="reverses_linked"),
    day("recognition_start", null=True),
    day("recognition_end", null=True),
    choice("distribution_type", Method, null=True),
    choice("recognition_rounding", Rounding, null=True),
    day("recognition_not_before", null=True),
    text("reference_id", null=True, length=100),
    text("notes", null=True, length=2000),
    flag("override_accounting_codes"),
    text("recognized_code", null=True),
    text("recognized_code_type", null=True),
    text("deferred_code", null=True),
    text("deferred_code_type", null=True),
    flag("deleted"),
    instant("deleted_at", null=True),
    CheckConstraint("(deleted = 1) = (deleted_at IS NOT NULL)", name="deleted").ddl_if("sqlite"),
    CheckConstraint("deleted = (deleted_at IS NOT NULL)", name="deleted").ddl_if("postgresql"),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "number"),
    UniqueConstraint("fund_id"),
    Index("ix_revenue_schedule_charge", "entity_id", "charge_id", "updated_at"),
)
# A billing transaction has one schedule, and one more that takes it back if it is canceled.
Index(
    "uq_revenue_schedule_linked",
    revenue_schedule.c.entity_id,
    revenue_schedule.c.linked_id,
    unique=True,
    sqlite_where=revenue_schedule.c.reverses_id.is_(None),
    postgresql_where=revenue_schedule.c.reverses_id.is_(None),
)
# Without the others: SQLite would look for what takes nothing back here, which is nearly all.
Index(
    "uq_revenue_schedule_reverses",
    revenue_schedule.c.reverses_id,
    unique=True,
    sqlite_where=revenue_schedule.c.reverses_id.is_not(None),
    postgresql_where=revenue_schedule.c.reverses_id.is_not(None),
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
    json("custom_fields"),
    PrimaryKeyConstraint("distribution_id", "period_id"),
)

revenue_event_type = table(
    "revenue_event_type",
    key(),
    entity(),
    text("label", length=50),
    text("system_id", length=50),
    flag("active"),
    stamps(),
    UniqueConstraint("entity_id", "system_id"),
)

# What each event gave in each run of collecting, so that revenue can be traced to usage. Events may
# cancel one another out: then there is no distribution. The event is not a foreign key: it outlives
# a row that is lost, and says what to restore.
collected = table(
    "collected",
    refers("schedule_id", "revenue_schedule", null=True, index=False),
    refers("distribution_id", "distribution", null=True, index=False),
    refers("period_id", "accounting_period", index=False),
    text("event_id"),
    entity(),
    whole("amount_minor"),
    instant("created_at"),
    Index("ix_collected_distribution", "distribution_id", "period_id"),
    Index("ix_collected_event", "event_id"),
    Index("ix_collected_schedule", "schedule_id", "period_id"),
)
