"""Billing documents, their items, and adjustments of invoice items."""

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint
from sqlalchemy.schema import SchemaItem

from earned.domain.bill_run import BillRunStatus
from earned.domain.billing import (
    AdjustmentStatus,
    AdjustmentType,
    DocumentKind,
    DocumentStatus,
    RecognizedBy,
    SourceType,
)
from earned.storage.columns import (
    choice,
    day,
    entity,
    exact,
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
from earned.storage.types import Strings


def codes() -> tuple[SchemaItem, ...]:
    """The accounting codes that a transaction keeps, by name and type."""
    return (
        *text("receivable_code", null=True),
        *text("receivable_code_type"),
        *text("contra_code", null=True),
        *text("contra_code_type"),
        *text("recognized_code", null=True),
        *text("recognized_code_type", null=True),
        *text("deferred_code", null=True),
        *text("deferred_code_type", null=True),
    )


# A draft was never posted, what is posted was, and what is canceled may have been.
billing_document = table(
    "billing_document",
    key(),
    entity(),
    choice("kind", DocumentKind),
    text("number", length=32),
    refers("account_id", "account", index=False),
    text("currency"),
    day("document_date"),
    day("due_date", null=True),
    day("target_date", null=True),
    choice("status", DocumentStatus),
    whole("amount_minor", least=0),
    text("source"),
    choice("source_type", SourceType),
    text("source_id", null=True),
    text("reason_code", null=True),
    text("comment", null=True, length=255),
    text("payment_term", null=True),
    flag("auto_pay"),
    instant("posted_at", null=True),
    text("posted_by", null=True),
    CheckConstraint(
        "status = 'Canceled' OR (status = 'Posted') = (posted_at IS NOT NULL)", name="posted"
    ),
    CheckConstraint("(posted_at IS NULL) = (posted_by IS NULL)", name="posted_by"),
    instant("canceled_at", null=True),
    text("canceled_by", null=True),
    CheckConstraint("(status = 'Canceled') = (canceled_at IS NOT NULL)", name="canceled"),
    CheckConstraint("(canceled_at IS NULL) = (canceled_by IS NULL)", name="canceled_by"),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "kind", "number"),
    Index("ix_billing_document_account", "entity_id", "account_id", "kind"),
    Index("ix_billing_document_date", "entity_id", "document_date"),
    Index("ix_billing_document_source", "entity_id", "source_id"),
)

billing_document_item = table(
    "billing_document_item",
    key(),
    entity(),
    refers("document_id", "billing_document", index=False),
    whole("place", least=1),
    refers("account_id", "account", index=False),
    text("charge_id", null=True),
    whole("charge_segment", null=True, least=1),
    text("original_subscription_id", null=True),
    refers("product_charge_id", "product_rate_plan_charge", null=True),
    refers("fund_id", "fund", null=True, index=False),
    flag("is_rated"),
    CheckConstraint("fund_id IS NULL OR NOT is_rated", name="one_series"),
    CheckConstraint(
        "(charge_id IS NULL) = (original_subscription_id IS NULL)", name="subscribed_charge"
    ),
    text("charge_name", length=255),
    text("description", null=True, length=1000),
    text("sku", null=True, length=255),
    text("uom", null=True),
    exact("quantity", null=True),
    exact("unit_price", null=True),
    whole("amount_minor"),
    day("service_start"),
    day("service_end"),
    CheckConstraint("service_start <= service_end", name="service"),
    text("processing_type", "Charge"),
    refers("source_item_id", "billing_document_item", null=True),
    text("rule_name", null=True),
    choice("recognized_by", RecognizedBy),
    codes(),
    text("reversal_id", null=True),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("document_id", "place"),
    UniqueConstraint("reversal_id"),
    Index("ix_billing_document_item_charge", "charge_id"),
    Index("ix_billing_document_item_subscription", "original_subscription_id"),
)

invoice_item_adjustment = table(
    "invoice_item_adjustment",
    key(),
    entity(),
    text("number", length=32),
    refers("account_id", "account"),
    refers("invoice_id", "billing_document"),
    refers("item_id", "billing_document_item"),
    choice("type", AdjustmentType),
    day("adjustment_date"),
    whole("amount_minor", least=1),
    text("currency"),
    choice("status", AdjustmentStatus),
    text("reason_code", null=True),
    text("reference_id", null=True, length=60),
    text("comment", null=True, length=255),
    codes(),
    instant("canceled_at", null=True),
    text("canceled_by", null=True),
    text("reversal_id", null=True),
    CheckConstraint("(status = 'Canceled') = (canceled_at IS NOT NULL)", name="canceled"),
    CheckConstraint("(status = 'Canceled') = (reversal_id IS NOT NULL)", name="reversal"),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "number"),
    UniqueConstraint("reversal_id"),
    Index("ix_invoice_item_adjustment_date", "entity_id", "adjustment_date"),
)

bill_run = table(
    "bill_run",
    key(),
    entity(),
    text("number", length=32),
    text("name", null=True, length=255),
    choice("status", BillRunStatus),
    day("target_date"),
    day("invoice_date"),
    flag("auto_post"),
    flag("auto_renewal"),
    json("excluded_charge_types"),
    json("filters"),
    json("account_ids"),
    json("subscription_ids"),
    Column("organization_ids", Strings, nullable=True),
    text("billed_through"),
    json("errors"),
    whole("document_count", least=0),
    stamps(),
    UniqueConstraint("entity_id", "number"),
    Index("ix_bill_run_status", "status"),
)

# Which item billed a usage record: of an invoice, or of a credit memo that takes it back.
processed_usage = table(
    "processed_usage",
    key(),
    entity(),
    refers("account_id", "account", index=False),
    refers("usage_id", "usage_record"),
    refers("guided_id", "guided_usage"),
    text("charge_id"),
    whole("charge_segment", least=1),
    refers("invoice_item_id", "billing_document_item", null=True),
    refers("credit_memo_item_id", "billing_document_item", null=True),
    CheckConstraint("(invoice_item_id IS NULL) <> (credit_memo_item_id IS NULL)", name="one_item"),
    day("billing_period_start_date"),
    day("billing_period_end_date"),
    exact("quantity"),
    whole("amount_minor"),
    text("currency"),
    stamps(),
)
