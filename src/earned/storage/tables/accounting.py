"""Accounting codes and accounting periods."""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from earned.domain.accounting import PeriodStatus
from earned.storage.columns import (
    choice,
    day,
    entity,
    instant,
    json,
    key,
    stamps,
    table,
    text,
    whole,
)

accounting_code = table(
    "accounting_code",
    key(),
    entity(),
    text("name", length=100),
    text("code_type"),
    text("category", "Assets", "Liabilities", "Revenue", "Equity", "Expenses"),
    text("gl_account_name", null=True, length=255),
    text("gl_account_number", null=True, length=255),
    text("notes", null=True, length=2000),
    text("status", "Active", "Inactive"),
    json("segment_constant_values", null=True),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "name"),
)

accounting_period = table(
    "accounting_period",
    key(),
    entity(),
    text("name", length=100),
    day("start_date", null=True),
    day("end_date", null=True),
    CheckConstraint("start_date <= end_date", name="dates"),
    CheckConstraint("(start_date IS NULL) = (name = 'Open-Ended')", name="open_ended"),
    CheckConstraint("(start_date IS NULL) = (end_date IS NULL)", name="both_dates"),
    CheckConstraint("start_date IS NOT NULL OR status = 'Open'", name="open_ended_is_open"),
    whole("fiscal_year", null=True),
    whole("fiscal_quarter", null=True),
    text("notes", null=True, length=255),
    choice("status", PeriodStatus),
    instant("trial_balance_start", null=True),
    instant("trial_balance_end", null=True),
    json("organization_labels"),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "name"),
    UniqueConstraint("entity_id", "start_date"),
)

# Not a foreign key: the history of a period that was deleted stays.
period_change = table(
    "period_change",
    key(),
    entity(),
    text("period_id"),
    choice("status", PeriodStatus),
    instant("at"),
    text("actor"),
    Index("ix_period_change_entity", "entity_id", "at"),
)
