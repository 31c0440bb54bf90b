"""Thresholds of prepaid units, and the notifications of their crossing: the outbox."""

from sqlalchemy import Index

from earned.domain.notifying import Mode, State
from earned.storage.columns import (
    choice,
    entity,
    exact,
    flag,
    instant,
    key,
    refers,
    stamps,
    table,
    text,
    whole,
)

threshold = table(
    "threshold",
    key(),
    entity(),
    text("name", length=100),
    choice("mode", Mode),
    exact("value", signed=False),
    text("uom", null=True),
    text("url", length=2000),
    text("secret", length=200),
    flag("active"),
    flag("deleted"),
    stamps(),
)

notification = table(
    "notification",
    key(),
    entity(),
    refers("account_id", "account", index=False),
    refers("threshold_id", "threshold", index=False),
    refers("validity_period_summary_id", "validity_period_summary", index=False),
    choice("mode", Mode),
    exact("value", signed=False),
    exact("total_balance", signed=False),
    exact("remaining_balance", signed=False),
    text("body"),
    choice("state", State),
    whole("attempts", least=0),
    instant("next_attempt_at", null=True),
    whole("last_status", null=True),
    text("last_error", null=True),
    instant("created_at"),
    instant("delivered_at", null=True),
    Index("ix_notification_due", "next_attempt_at"),
)
