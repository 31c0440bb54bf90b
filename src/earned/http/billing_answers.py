"""How billing documents and adjustments look on the wire."""

from typing import Any
from zoneinfo import ZoneInfo

from earned.domain.billing import BillingDocument, DocumentKind, SourceType, source_item_type
from earned.domain.chart import display
from earned.domain.money import major
from earned.domain.stamps import object_stamps, printed
from earned.services.read_documents import AdjustmentView, DocumentView, ItemView

Json = dict[str, Any]


def present_invoice(view: DocumentView) -> Json:
    """Return an invoice as an answer has it. It has no taxes, payments or refunds."""
    document, currency = view.document, view.currency
    nothing = major(0, currency)
    amount = major(document.amount_minor, currency)
    return {
        "id": document.id,
        "invoiceNumber": document.number,
        "accountId": document.account_id,
        "amount": amount,
        "amountWithoutTax": amount,
        "adjustmentAmount": major(view.adjusted_minor, currency),
        "balance": major(view.balance_minor, currency),
        "creditMemoAmount": nothing,
        "paymentAmount": nothing,
        "refundAmount": nothing,
        "taxAmount": nothing,
        "invoiceDate": document.document_date,
        "comments": document.comment,
        "autoPay": document.auto_pay,
        "paymentTerm": document.payment_term,
        "postedBy": document.posted_by,
        "postedDate": document.posted_at and document.posted_at.astimezone(view.zone).date(),
        "billToContactId": view.account.bill_to.get("id"),
        "soldToContactId": view.account.sold_to.get("id"),
        **_document(document, view.zone),
        "dueDate": document.due_date,
    }


def present_credit_memo(view: DocumentView) -> Json:
    """Return a credit memo. None is ever applied, so all of it is unapplied."""
    document, nothing = view.document, major(0, view.currency)
    return {
        **_memo(view),
        "creditMemoDate": document.document_date,
        "appliedAmount": nothing,
        "unappliedAmount": major(view.balance_minor, view.currency),
        "refundAmount": nothing,
        "reversed": False,
        "excludeFromAutoApplyRules": False,
    }


def present_debit_memo(view: DocumentView) -> Json:
    """Return a debit memo. Nothing is ever applied to it, so all of it is to be paid."""
    document = view.document
    return {
        **_memo(view),
        "debitMemoDate": document.document_date,
        "dueDate": document.due_date,
        "beAppliedAmount": major(0, view.currency),
        "balance": major(view.balance_minor, view.currency),
        "autoPay": document.auto_pay,
    }


def present_invoice_item(view: ItemView, zone: ZoneInfo) -> Json:
    """Return an item of an invoice."""
    item, currency = view.item, view.currency
    return {
        "id": item.id,
        "accountingCode": item.contra_code,
        "accountsReceivableAccountingCode": item.receivable_code,
        "availableToCreditAmount": major(max(view.left_minor, 0), currency),
        "balance": major(view.left_minor, currency),
        "chargeAmount": major(item.amount_minor, currency),
        "chargeDate": printed(item.created_at, zone),
        "chargeDescription": item.description,
        "chargeId": item.charge_id,
        "chargeName": item.charge_name,
        "chargeType": view.charge_type,
        "deferredRevenueAccountingCode": item.deferred_code,
        "description": item.description,
        "processingType": item.processing_type,
        "productName": view.product and view.product.name,
        "productRatePlanChargeId": item.product_charge_id,
        "quantity": item.quantity,
        "recognizedRevenueAccountingCode": item.recognized_code,
        "revenueRecognitionRuleName": item.rule_name,
        "revenueScheduleNumber": view.schedule_number,
        "serviceStartDate": item.service_start,
        "serviceEndDate": item.service_end,
        "sku": _sku(view),
        "sourceItemType": _source_type(view),
        "subscriptionId": item.original_subscription_id,
        "subscriptionName": view.subscription_number,
        "taxAmount": major(0, currency),
        "unitOfMeasure": item.uom,
        "unitPrice": item.unit_price,
        **item.custom_fields,
    }


def present_memo_item(view: ItemView, zone: ZoneInfo) -> Json:
    """Return an item of a credit or debit memo."""
    item, currency = view.item, view.currency
    amount, nothing = major(item.amount_minor, currency), major(0, currency)
    if view.document.kind is DocumentKind.CREDIT_MEMO:
        use = {"appliedAmount": nothing, "unappliedAmount": amount, "refundAmount": nothing}
    else:
        use = {"beAppliedAmount": nothing, "balance": amount}
    return {
        "id": item.id,
        "amount": amount,
        "amountWithoutTax": amount,
        **use,
        "chargeId": item.charge_id,
        "comment": item.description,
        "description": item.description,
        "processingType": item.processing_type,
        "quantity": item.quantity,
        "serviceStartDate": item.service_start,
        "serviceEndDate": item.service_end,
        "sku": _sku(view),
        "skuName": item.charge_name,
        "sourceItemId": item.source_item_id or item.product_charge_id,
        "sourceItemType": _source_type(view),
        "subscriptionId": item.original_subscription_id,
        "unitOfMeasure": item.uom,
        "unitPrice": item.unit_price,
        "financeInformation": _finance(view),
        **_by(item.created_by, item.updated_by),
        "createdDate": printed(item.created_at, zone),
        "updatedDate": printed(item.updated_at, zone),
        **item.custom_fields,
    }


def present_adjustment(view: AdjustmentView, zone: ZoneInfo) -> Json:
    """Return an adjustment of an invoice item, in the object dialect."""
    adjustment, item = view.adjustment, view.item
    canceled_at = adjustment.canceled_at
    return {
        "Id": adjustment.id,
        "AccountId": adjustment.account_id,
        "AccountingCode": adjustment.contra_code,
        "AdjustmentDate": adjustment.adjustment_date,
        "AdjustmentNumber": adjustment.number,
        "Amount": major(adjustment.amount_minor, view.currency),
        "CancelledById": adjustment.canceled_by,
        "CancelledDate": canceled_at and printed(canceled_at, zone),
        "Comment": adjustment.comment,
        "CustomerName": view.account.name,
        "CustomerNumber": view.account.number,
        "DeferredRevenueAccount": adjustment.deferred_code,
        "InvoiceId": adjustment.invoice_id,
        "InvoiceItemName": item.charge_name,
        "InvoiceNumber": view.invoice.number,
        "ReasonCode": adjustment.reason_code,
        "RecognizedRevenueAccount": adjustment.recognized_code,
        "ReferenceId": adjustment.reference_id,
        "ServiceStartDate": item.service_start,
        "ServiceEndDate": item.service_end,
        "SourceId": adjustment.item_id,
        "SourceType": "InvoiceDetail",
        "Status": adjustment.status,
        "Type": adjustment.type,
        **object_stamps(adjustment, zone),
        **adjustment.custom_fields,
    }


def _document(document: BillingDocument, zone: ZoneInfo) -> Json:
    return {
        "currency": document.currency,
        "status": document.status,
        "source": document.source,
        "sourceType": document.source_type,
        "sourceId": document.source_id,
        "targetDate": document.target_date,
        **_by(document.created_by, document.updated_by),
        "createdDate": printed(document.created_at, zone),
        "updatedDate": printed(document.updated_at, zone),
        **document.custom_fields,
    }


def _memo(view: DocumentView) -> Json:
    document, currency, zone = view.document, view.currency, view.zone
    is_of_invoice = document.source_type is SourceType.INVOICE
    return {
        "id": document.id,
        "number": document.number,
        "accountId": document.account_id,
        "accountNumber": view.account.number,
        "amount": major(document.amount_minor, currency),
        "taxAmount": major(0, currency),
        "comment": document.comment,
        "reasonCode": document.reason_code,
        "referredInvoiceId": document.source_id if is_of_invoice else None,
        "postedById": document.posted_by,
        "postedOn": document.posted_at and printed(document.posted_at, zone),
        "cancelledById": document.canceled_by,
        "cancelledOn": document.canceled_at and printed(document.canceled_at, zone),
        "billToContactId": view.account.bill_to.get("id"),
        **_document(document, zone),
    }


def _finance(view: ItemView) -> Json:
    """Return codes and rule; a receivable that is no on-account one is not named here."""
    item = view.item
    on_account = item.receivable_code_type == "OnAccountReceivable"
    return {
        **_code("deferredRevenue", item.deferred_code, item.deferred_code_type),
        **_code(
            "onAccount",
            item.receivable_code if on_account else None,
            item.receivable_code_type if on_account else None,
        ),
        **_code("recognizedRevenue", item.recognized_code, item.recognized_code_type),
        "revenueRecognitionRuleName": item.rule_name,
        "revenueScheduleNumber": view.schedule_number,
    }


def _code(use: str, name: str | None, code_type: str | None) -> Json:
    return {
        f"{use}AccountingCode": name,
        f"{use}AccountingCodeType": code_type and display(code_type),
    }


def _source_type(view: ItemView) -> str:
    item = view.item
    return source_item_type(item.source_item_id, item.charge_id, item.product_charge_id)


def _sku(view: ItemView) -> str | None:
    return view.item.sku or (view.product.sku if view.product else None)


def _by(created_by: str, updated_by: str) -> Json:
    return {"createdById": created_by, "updatedById": updated_by}
