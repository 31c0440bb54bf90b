"""Invoices, memos, adjustments and bill runs, as object queries show them."""

from collections.abc import Mapping, Sequence
from typing import cast

from earned.domain.bill_run import ALL_BATCHES, ALL_DAYS
from earned.domain.billing import source_item_type
from earned.domain.query import Row, ValueKind
from earned.http.query.fields import (
    STAMPS,
    Derived,
    Field,
    Link,
    QueryObject,
    amounts,
    constant,
    days,
    derived,
    exacts,
    flags,
    instants,
    keys,
    many,
    one,
    texts,
)

_ACCOUNT = one("account", "Account", "account", "account_id")


def _none_of(names: str) -> tuple[Field, ...]:
    """Amounts of what there is none of: payments, taxes, and what memos are applied to."""
    return tuple(
        Field(name=name, kind=ValueKind.AMOUNT, derived=constant(0)) for name in names.split()
    )


def _source_item_type(row: Row) -> object:
    return source_item_type(row["source_item_id"], row["charge_id"], row["product_charge_id"])


def _if_all(value: str) -> Derived:
    """Show a value for bill runs that are for everybody."""
    return lambda row: None if row["filters"] else value


def _excluded(row: Row) -> object:
    return ",".join(cast(Sequence[str], row["excluded_charge_types"])) or None


def _errors(row: Row) -> object:
    errors = cast(Sequence[Mapping[str, object]], row["errors"])
    return "; ".join(str(error["message"]) for error in errors) or None


_DOCUMENT = (
    *STAMPS,
    *keys("accountId"),
    *texts("currency status source sourceType", comments="comment"),
    *amounts(balance="balance_minor"),
    *days("targetDate"),
)

_MEMO = (
    *_DOCUMENT,
    *keys("invoiceId", postedById="posted_by", cancelledById="canceled_by"),
    *texts("reasonCode", memoNumber="number"),
    *amounts(totalAmount="amount_minor", totalAmountWithoutTax="amount_minor"),
    *_none_of("taxAmount"),
    *days(memoDate="document_date"),
    *instants(postedOn="posted_at", cancelledOn="canceled_at"),
)

# Columns refer to original charges and subscriptions; their rows are those of the latest version.
_ITEM = (
    *STAMPS,
    *keys(ratePlanChargeId="charge_id", productRatePlanChargeId="product_charge_id"),
    *keys(subscriptionId="original_subscription_id"),
    *texts("chargeName chargeNumber description processingType subscriptionNumber"),
    *exacts("quantity unitPrice"),
    *_none_of("taxAmount"),
    *days(serviceStartDate="service_start", serviceEndDate="service_end"),
    *instants(chargeDate="created_at"),
    *derived(sourceItemType=_source_item_type),
)

_MEMO_ITEM = (
    *_ITEM,
    *keys(invoiceItemId="source_item_id"),
    *texts("sku", unitOfMeasure="uom"),
    *amounts(amount="amount_minor", amountWithoutTax="amount_minor"),
)


def _of_item(*links: Link) -> tuple[Link, ...]:
    subscribed = "original_subscription_id=original_id"
    charged = "charge_id=original_id", "charge_segment=segment"
    return (
        *links,
        one("subscription", "Subscription", "subscription", subscribed, latest=True),
        one("ratePlanCharge", "RatePlanCharge", "rate_plan_charge", *charged, latest=True),
    )


INVOICE = QueryObject(
    name="Invoice",
    path="invoices",
    table="invoice",
    list_id="queryInvoices",
    key_id="queryInvoiceByKey",
    number="number",
    fields=(
        *_DOCUMENT,
        *keys(postedBy="posted_by"),
        *texts("paymentTerm sourceId", invoiceNumber="number"),
        *amounts(amount="amount_minor", amountWithoutTax="amount_minor"),
        *amounts(adjustmentAmount="adjusted_minor"),
        *_none_of("taxAmount paymentAmount refundAmount creditMemoAmount"),
        *days("dueDate", invoiceDate="document_date"),
        *flags("autoPay"),
        *instants(postedDate="posted_at"),
    ),
    links=(_ACCOUNT, many("invoiceItems", "InvoiceItem", "invoice_item", "id=document_id")),
)

INVOICE_ITEM = QueryObject(
    name="InvoiceItem",
    path="invoice-items",
    table="invoice_item",
    list_id="queryInvoiceItems",
    key_id="queryInvoiceItemByKey",
    fields=(
        *_ITEM,
        *keys("accountId", invoiceId="document_id"),
        *texts(accountingCode="contra_code", revenueRecognitionRuleName="rule_name"),
        *texts(sKU="sku", uOM="uom"),
        *amounts(chargeAmount="amount_minor"),
    ),
    links=_of_item(one("invoice", "Invoice", "invoice", "document_id")),
)

CREDIT_MEMO = QueryObject(
    name="CreditMemo",
    path="credit-memos",
    table="credit_memo",
    list_id="queryCreditMemos",
    key_id="queryCreditMemoByKey",
    number="number",
    fields=(
        *_MEMO,
        *texts("sourceId"),
        *_none_of("appliedAmount refundAmount"),
        *derived(reversed=constant(value=False), excludeFromAutoApplyRules=constant(value=False)),
    ),
    links=(
        _ACCOUNT,
        many("creditMemoItems", "CreditMemoItem", "credit_memo_item", "id=document_id"),
    ),
)

CREDIT_MEMO_ITEM = QueryObject(
    name="CreditMemoItem",
    path="credit-memo-items",
    table="credit_memo_item",
    list_id="queryCreditMemoItems",
    key_id="queryCreditMemoItemByKey",
    fields=(
        *_MEMO_ITEM,
        *keys(creditMemoId="document_id"),
        *texts(revenueRecognitionRuleName="rule_name"),
        *_none_of("appliedToOthersAmount"),
    ),
    links=_of_item(),
)

DEBIT_MEMO = QueryObject(
    name="DebitMemo",
    path="debit-memos",
    table="debit_memo",
    list_id="queryDebitMemos",
    key_id="queryDebitMemoByKey",
    number="number",
    fields=(*_MEMO, *texts("paymentTerm"), *days("dueDate"), *flags("autoPay")),
    links=(
        _ACCOUNT,
        many("debitMemoItems", "DebitMemoItem", "debit_memo_item", "id=document_id"),
    ),
)

DEBIT_MEMO_ITEM = QueryObject(
    name="DebitMemoItem",
    path="debit-memo-items",
    table="debit_memo_item",
    list_id="queryDebitMemoItems",
    key_id="queryDebitMemoItemByKey",
    fields=(
        *_MEMO_ITEM,
        *keys(debitMemoId="document_id"),
        *_none_of("beAppliedByOthersAmount"),
    ),
    links=_of_item(),
)

INVOICE_ITEM_ADJUSTMENT = QueryObject(
    name="InvoiceItemAdjustment",
    path="invoice-item-adjustments",
    table="invoice_item_adjustment",
    list_id="queryInvoiceItemAdjustments",
    key_id="queryInvoiceItemAdjustmentByKey",
    number="number",
    fields=(
        *STAMPS,
        *keys("accountId invoiceId", sourceId="item_id", cancelledById="canceled_by"),
        *texts("type status reasonCode referenceId comment", adjustmentNumber="number"),
        *texts(accountingCode="contra_code", deferredRevenueAccount="deferred_code"),
        *texts(recognizedRevenueAccount="recognized_code"),
        *amounts(amount="amount_minor"),
        *days("adjustmentDate"),
        *instants(cancelledDate="canceled_at"),
        *derived(sourceType=constant("InvoiceDetail")),
    ),
    links=(
        _ACCOUNT,
        one("invoice", "Invoice", "invoice", "invoice_id"),
        one("invoiceItem", "InvoiceItem", "invoice_item", "item_id"),
    ),
)

BILLING_RUN = QueryObject(
    name="BillingRun",
    path="billing-runs",
    table="bill_run",
    list_id="queryBillingRuns",
    key_id="queryBillingRunByKey",
    number="number",
    custom=False,
    fields=(
        *STAMPS,
        *texts("name status", billingRunNumber="number"),
        *days("targetDate invoiceDate"),
        *flags("autoPost autoRenewal"),
        *derived(
            batches=_if_all(ALL_BATCHES),
            billCycleDay=_if_all(ALL_DAYS),
            chargeTypeToExclude=_excluded,
            errorMessage=_errors,
            autoEmail=constant(value=False),
            noEmailForZeroAmountInvoice=constant(value=False),
            includeSubscriptions=constant(value=True),
            includeOrderLineItems=constant(value=False),
        ),
    ),
)

BILLING = (
    INVOICE,
    INVOICE_ITEM,
    CREDIT_MEMO,
    CREDIT_MEMO_ITEM,
    DEBIT_MEMO,
    DEBIT_MEMO_ITEM,
    INVOICE_ITEM_ADJUSTMENT,
    BILLING_RUN,
)
