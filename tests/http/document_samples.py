"""A sound request for every operation on billing documents."""

from collections.abc import Mapping
from typing import Any

from tests.api import Api
from tests.builders import Sold

INVOICES, CREDIT_MEMOS, DEBIT_MEMOS = "/v1/invoices", "/v1/credit-memos", "/v1/debit-memos"
ADJUSTMENTS = "/v1/object/invoice-item-adjustment"
SERVICE = {"serviceStartDate": "2026-01-01", "serviceEndDate": "2026-01-31"}
EVENT = {"revenueEvent": {"eventType": "Revenue Distributed", "notes": "x"}}
RANGE = {**EVENT, "recognitionStart": "2026-01-15", "recognitionEnd": "2026-02-14", "notes": "x"}
FINANCE = {"revenueRecognitionRuleName": "Recognize upon invoicing"}

Sample = tuple[str, Mapping[str, Any] | None]
"""A key for the path, and a body."""


def documents(api: Api, sold: Sold) -> dict[str, Sample]:
    """Draft and post what requests can be made of."""
    charge = sold.charge("Project")
    item = {
        "amount": "30.5",
        "ratePlanChargeId": charge.number,
        "quantity": 1,
        "unitPrice": "30.5",
        "description": "x",
        "revenueRecognitionRuleName": "Custom - Unlimited recognition",
        **SERVICE,
    }
    invoice = {
        "accountId": charge.account_id,
        "currency": "USD",
        "invoiceDate": "2026-01-15",
        "dueDate": "2026-02-15",
        "comments": "x",
        "invoiceItems": [item, {**SERVICE, "amount": 2, "chargeName": "Setup", "uom": "x"}],
    }
    memo = {
        "accountId": charge.account_id,
        "effectiveDate": "2026-01-15",
        "comment": "x",
        "reasonCode": "x",
        "charges": [
            {**SERVICE, "amount": 30, "ratePlanChargeId": charge.id, "financeInformation": FINANCE}
        ],
    }
    # In February, so that January may be closed.
    draft = api.made(INVOICES, {**invoice, "invoiceDate": "2026-02-15"})["id"]
    posted = api.made(INVOICES, {**invoice, "status": "Posted"})["id"]
    february = {**memo, "effectiveDate": "2026-02-15"}
    memos = {path: api.made(path, february)["id"] for path in (CREDIT_MEMOS, DEBIT_MEMOS)}
    billed = api.found(f"{INVOICES}/{posted}/items")["invoiceItems"][0]["id"]
    of_invoice = {
        "effectiveDate": "2026-01-15",
        "items": [{"invoiceItemId": billed, "amount": "1.5", "skuName": "x", **SERVICE}],
    }
    adjustment = {
        "AdjustmentDate": "2026-01-15",
        "Amount": 1,
        "InvoiceId": posted,
        "SourceId": billed,
        "Type": "Credit",
        "Comment": "x",
    }
    adjusted = api.made(ADJUSTMENTS, adjustment)["Id"]
    on_draft = ("GET_Invoice", "GET_InvoiceItems", "PUT_CancelInvoice", "DELETE_Invoice")
    account = {"filterType": "Account", "accountId": charge.account_id}
    run = {"targetDate": "2026-02-01", "invoiceDate": "2026-02-15", "billRunFilters": [account]}
    made = api.made("/v1/bill-runs", run)["id"]
    generate = {"effectiveDate": "2026-02-15", "targetDate": "2026-03-01"}
    return {
        "createBillRun": ("", {**run, "name": "x", "chargeTypeToExclude": ["usage"]}),
        "listBillRuns": ("", None),
        "getBillingDocuments": ("", None),
        **dict.fromkeys(("getBillRun", "cancelBillRun", "deleteBillRun"), (made, None)),
        "postBillRun": (made, {"invoiceDate": "2026-02-16"}),
        "generateBillingDocuments": (charge.account_id, generate),
        "POST_StandaloneInvoice": ("", invoice),
        "PUT_PostInvoice": (draft, {"invoiceDate": "2026-02-16"}),
        "POST_CreditMemoFromPrpc": ("", memo),
        "POST_DebitMemoFromPrpc": ("", {**memo, "dueDate": "2026-02-15"}),
        "POST_CreditMemoFromInvoice": (posted, of_invoice),
        "POST_DebitMemoFromInvoice": (posted, of_invoice),
        "Object_POSTInvoiceItemAdjustment": ("", adjustment),
        "Object_PUTInvoiceItemAdjustment": (adjusted, {"Status": "Canceled", "ReasonCode": "x"}),
        "Object_GETInvoiceItemAdjustment": (adjusted, None),
        **dict.fromkeys(on_draft, (draft, None)),
        **_on_memos("CreditMemo", memos[CREDIT_MEMOS]),
        **_on_memos("DebitMemo", memos[DEBIT_MEMOS]),
        **_schedules(api, invoice, memo),
    }


def _on_memos(suffix: str, key: str) -> dict[str, Sample]:
    names = (f"GET_{suffix}", f"GET_{suffix}Items", f"PUT_Post{suffix}", f"PUT_Cancel{suffix}")
    return dict.fromkeys((*names, f"DELETE_{suffix}"), (key, None))


def _schedules(api: Api, invoice: Mapping[str, Any], memo: Mapping[str, Any]) -> dict[str, Sample]:
    """Post two transactions of each kind: one for a schedule of amounts, one for one of days."""
    found: dict[str, Sample] = {}
    for way, body in (("ManualDistribution", EVENT), ("DistributeByDateRange", RANGE)):
        posted = api.made(INVOICES, {**invoice, "status": "Posted"})["id"]
        billed = api.found(f"{INVOICES}/{posted}/items")["invoiceItems"][0]["id"]
        adjustment = {
            "AdjustmentDate": "2026-01-15",
            "Amount": 1,
            "InvoiceId": posted,
            "SourceId": billed,
            "Type": "Charge",
        }
        found[f"POST_RSforInvoiceItem_{way}"] = (billed, body)
        adjusted = api.made(ADJUSTMENTS, adjustment)["Id"]
        found[f"POST_RSforInvoiceItemAdjustment_{way}"] = (adjusted, body)
        for path, suffix in ((CREDIT_MEMOS, "CreditMemoItem"), (DEBIT_MEMOS, "DebitMemoItem")):
            made = api.made(path, {**memo, "autoPost": True})["id"]
            (item,) = api.found(f"{path}/{made}/items")["items"]
            found[f"POST_RSfor{suffix}_{way}"] = (item["id"], body)
            found[f"GET_RSby{suffix}"] = (item["id"], None)
        found["GET_RSbyInvoiceItem"] = (billed, None)
        found["GET_RSbyInvoiceItemAdjustment"] = (adjusted, None)
    return found
