"""Customer accounts."""

from sqlalchemy import UniqueConstraint

from earned.storage.columns import entity, flag, json, key, refers, stamps, table, text, whole

account = table(
    "account",
    key(),
    entity(),
    refers("organization_id", "organization", null=True),
    text("number"),
    text("name", length=255),
    text("currency"),
    text("status", "Active", "Draft", "Canceled"),
    whole("bill_cycle_day", least=0),
    refers("parent_id", "account", null=True),
    flag("roll_up_usage"),
    flag("auto_pay"),
    text("batch", null=True),
    text("crm_id", null=True),
    text("notes", null=True),
    text("payment_term", null=True),
    text("sales_rep", null=True),
    json("bill_to"),
    json("sold_to"),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "number"),
)
