"""Requests that touch the closed January of 2024: billing documents, schedules of their items."""

from collections.abc import Iterator
from typing import Any

from tests.api import Api
from tests.builders import writing
from tests.http.billing import ADJUSTMENTS, CREDIT_MEMOS, DEBIT_MEMOS, INVOICES, SCHEDULES, Shop
from tests.http.by_hand import new_amounts
from tests.http.closed import Keys, Request, World, constant

JAN, FEB = "Jan'2024", "Feb'2024"
DAY = "2024-01-31"
RANGE = {
    "recognitionStart": "2024-01-01",
    "recognitionEnd": "2024-03-31",
    "revenueEvent": {"eventType": "Revenue Distributed"},
}
# What a schedule is made of, by its path: the name of its key, and its amount.
ITEMS = {
    "invoice-items": ("InvoiceItem", "item", "300"),
    "invoice-item-adjustments": ("InvoiceItemAdjustment", "adjustment", "-5"),
    "credit-memo-items": ("CreditMemoItem", "credit_item", "-10"),
    "debit-memo-items": ("DebitMemoItem", "debit_item", "20"),
}
BILL_RUN = {"invoiceDate": "2024-01-15", "batches": ["AllBatches"]}
RUNS = ("run", "other_run")
DRAFTS = ("draft_invoice", "draft_credit", "draft_debit")


def close_january(api: Api, action: str = "close") -> World:
    """Make documents of January, posted ones and some that were thrown away, and close it.

    A draft would be in the way of a close, but not of pending close; there are some then.
    """
    shop = Shop(api, months=(1, 2, 3), automatic=False)
    invoice = shop.posted(shop.item(), shop.item())
    credit = shop.memo_of(CREDIT_MEMOS, invoice, "10")
    debit = shop.memo_of(DEBIT_MEMOS, invoice, "20")
    keys = {
        **_drafts(shop),
        "account": shop.account.number,
        "charge": shop.charge.id,
        "invoice": invoice["id"],
        "invoice_number": invoice["invoiceNumber"],
        "item": shop.items(invoice)[1]["id"],
        "adjusted": shop.items(invoice)[0]["id"],
        "adjustment": shop.adjust(invoice, 5),
        "credit": credit["id"],
        "credit_number": credit["number"],
        "credit_item": shop.item_of(CREDIT_MEMOS, credit)["id"],
        "debit": debit["id"],
        "debit_number": debit["number"],
        "debit_item": shop.item_of(DEBIT_MEMOS, debit)["id"],
        "later": shop.draft(invoiceDate="2024-02-15")["id"],
        **_runs(shop),
    }
    if action == "close":
        for name, path in zip(DRAFTS, (INVOICES, CREDIT_MEMOS, DEBIT_MEMOS), strict=True):
            shop.put(f"{path}/{keys[name]}/cancel")
        for name in RUNS:
            shop.put(f"/v1/bill-runs/{keys[name]}/cancel")
    shop.put(f"/v1/accounting-periods/{shop.periods[JAN]}/{action}")
    return World(api, JAN, keys)


def _drafts(shop: Shop) -> dict[str, str]:
    made = (shop.draft(), shop.memo(CREDIT_MEMOS), shop.memo(DEBIT_MEMOS))
    ids = {name: one["id"] for name, one in zip(DRAFTS, made, strict=True)}
    numbers = (one.get("invoiceNumber") or one["number"] for one in made)
    return ids | {f"{name}_number": n for name, n in zip(DRAFTS, numbers, strict=True)}


def _runs(shop: Shop) -> dict[str, str]:
    """Run billing twice, for what invoices by hand have not billed."""
    keys = {}
    for name, target in zip(RUNS, ("2024-05-01", "2024-06-01"), strict=True):
        run = shop.api.made("/v1/bill-runs", {**BILL_RUN, "targetDate": target})
        assert run["documentCount"] == 1
        keys[name] = run["id"]
        (document,) = drafts_of(shop.api, run["billRunNumber"])
        keys[f"{name}_invoice_number"] = document
    return keys


def drafts_of(api: Api, run_number: str) -> list[str]:
    with writing(api) as books:
        return [one.number for one in books.documents.list(source_id=run_number)]


def _invoice(keys: Keys) -> dict[str, Any]:
    item = {"amount": "5", "chargeName": "Setup", "serviceStartDate": "2024-01-15"}
    return {"accountNumber": keys["account"], "invoiceDate": DAY, "invoiceItems": [item]}


def _memo(keys: Keys) -> dict[str, Any]:
    charge = {"amount": "5", "ratePlanChargeId": keys["charge"], "serviceStartDate": "2024-01-15"}
    return {"accountNumber": keys["account"], "effectiveDate": DAY, "charges": [charge]}


def _memo_of_invoice(keys: Keys) -> dict[str, Any]:
    item = {"invoiceItemId": keys["adjusted"], "amount": "5"}
    return {"effectiveDate": DAY, "items": [item]}


def _adjustment(keys: Keys) -> dict[str, Any]:
    return {
        "AdjustmentDate": DAY,
        "Amount": 5,
        "InvoiceId": keys["invoice"],
        "SourceId": keys["adjusted"],
        "SourceType": "InvoiceDetail",
        "Type": "Credit",
    }


def _kept(document: str, name: str, action: str) -> str:
    """Return how it is refused to do something to a document of January 15."""
    return (
        f"{document} {{{name}_number}} cannot be {action}:"
        " its date, 2024-01-15, is in a closed accounting period."
    )


def _of_memos(path: str, suffix: str, name: str) -> Iterator[Request]:
    words = f"{name} memo"
    closed = f"The {words} date cannot be in a closed accounting period."
    document = words.capitalize()
    yield Request(f"POST_{suffix}FromPrpc", "POST", path, _memo, closed)
    by_invoice = f"{path}/invoice/{{invoice}}"
    yield Request(f"POST_{suffix}FromInvoice", "POST", by_invoice, _memo_of_invoice, closed)
    canceled = _kept(document, name, "canceled")
    yield Request(f"PUT_Cancel{suffix}", "PUT", f"{path}/{{{name}}}/cancel", refusal=canceled)
    draft = f"draft_{name}"
    deleted = _kept(document, draft, "deleted")
    yield Request(f"DELETE_{suffix}", "DELETE", f"{path}/{{{draft}}}", refusal=deleted)


INVOICE_CLOSED = "The invoice date cannot be in a closed accounting period."
ADJUSTMENT_CLOSED = "The adjustment date cannot be in a closed accounting period."
INTO_CLOSED = f"Revenue cannot be distributed into closed accounting period '{JAN}'."
REFUSED = (
    Request("POST_StandaloneInvoice", "POST", INVOICES, _invoice, INVOICE_CLOSED),
    Request(
        "PUT_PostInvoice",
        "PUT",
        INVOICES + "/{later}/post",
        constant(invoiceDate=DAY),
        INVOICE_CLOSED,
    ),
    Request(
        "PUT_CancelInvoice",
        "PUT",
        INVOICES + "/{invoice}/cancel",
        refusal=_kept("Invoice", "invoice", "canceled"),
    ),
    Request(
        "DELETE_Invoice",
        "DELETE",
        INVOICES + "/{draft_invoice}",
        refusal=_kept("Invoice", "draft_invoice", "deleted"),
    ),
    Request(
        "createBillRun",
        "POST",
        "/v1/bill-runs",
        constant(**BILL_RUN | {"invoiceDate": DAY, "targetDate": "2024-09-01"}),
        INVOICE_CLOSED,
    ),
    Request(
        "generateBillingDocuments",
        "POST",
        "/v1/accounts/{account}/billing-documents/generate",
        constant(effectiveDate=DAY, targetDate="2024-09-01"),
        "The effective date cannot be in a closed accounting period.",
    ),
    *_of_memos(CREDIT_MEMOS, "CreditMemo", "credit"),
    *_of_memos(DEBIT_MEMOS, "DebitMemo", "debit"),
    Request(
        "Object_POSTInvoiceItemAdjustment", "POST", ADJUSTMENTS, _adjustment, ADJUSTMENT_CLOSED
    ),
    Request(
        "Object_PUTInvoiceItemAdjustment",
        "PUT",
        ADJUSTMENTS + "/{adjustment}",
        constant(Status="Canceled"),
        ADJUSTMENT_CLOSED,
    ),
    *(
        Request(
            f"POST_RSfor{suffix}_ManualDistribution",
            "POST",
            f"{SCHEDULES}/{path}/{{{key}}}",
            constant(
                revenueDistributions=new_amounts({JAN: amount}),
                revenueEvent=RANGE["revenueEvent"],
            ),
            INTO_CLOSED,
        )
        for path, (suffix, key, amount) in ITEMS.items()
    ),
)
PASSING = tuple(
    Request(
        f"POST_RSfor{suffix}_DistributeByDateRange",
        "POST",
        f"{SCHEDULES}/{path}/{{{key}}}/distribute-revenue-with-date-range",
        constant(**RANGE),
    )
    for path, (suffix, key, _) in ITEMS.items()
)
# Nothing but pending close leaves a draft in a period that is closed to somebody.
PENDING = (
    Request(
        "postBillRun",
        "PUT",
        "/v1/bill-runs/{run}/post",
        refusal=_kept("Invoice", "run_invoice", "posted"),
    ),
    Request(
        "cancelBillRun",
        "PUT",
        "/v1/bill-runs/{other_run}/cancel",
        refusal=_kept("Invoice", "other_run_invoice", "deleted"),
    ),
    Request(
        "PUT_PostInvoice",
        "PUT",
        INVOICES + "/{draft_invoice}/post",
        refusal=_kept("Invoice", "draft_invoice", "posted"),
    ),
    Request(
        "PUT_PostCreditMemo",
        "PUT",
        CREDIT_MEMOS + "/{draft_credit}/post",
        refusal=_kept("Credit memo", "draft_credit", "posted"),
    ),
    Request(
        "PUT_PostDebitMemo",
        "PUT",
        DEBIT_MEMOS + "/{draft_debit}/post",
        refusal=_kept("Debit memo", "draft_debit", "posted"),
    ),
)
