"""Invoices of their own: `/v1/invoices`. Everything is done before the answer is sent."""

from collections.abc import Mapping
from functools import partial

from earned.domain.billing import BillingDocument, DocumentKind
from earned.http.billing_answers import present_invoice, present_invoice_item
from earned.http.billing_models import (
    DocumentDeleted,
    DocumentDone,
    InvoiceAnswer,
    InvoiceItemList,
    NewInvoice,
    NewInvoiceItem,
    PostedOn,
)
from earned.http.operation import Call, Operation, Read, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.validation import custom_fields
from earned.services.cancel_document import NamedDocument, cancel_document, delete_document
from earned.services.draft_document import DocumentFacts, DraftDocument, draft_document
from earned.services.draft_items import NewItem
from earned.services.item_codes import NamedCodes
from earned.services.ports import Books
from earned.services.post_document import PostDocument, post_document
from earned.services.read_documents import DocumentView, read_document, read_items, view_document
from earned.services.work import single

RESOURCE = 509000
PATH = "/v1/invoices"
ONE = f"{PATH}/{{invoice-key}}"
TAG = "Invoices"
PAGE_SIZE = 20
KIND = DocumentKind.INVOICE


def _new(call: Call) -> DraftDocument:
    body: NewInvoice = call.body
    facts = DocumentFacts(
        document_date=body.invoice_date,
        due_date=body.due_date,
        number=body.invoice_number,
        comment=body.comments,
        payment_term=body.payment_term,
        auto_pay=bool(body.auto_pay),
        post=body.status == "Posted",
        custom_fields=custom_fields(call.payload),
    )
    sent = call.payload["invoiceItems"]
    return DraftDocument(
        kind=KIND,
        account_id=body.account_id,
        account_number=body.account_number,
        currency=body.currency,
        facts=facts,
        items=[_item(*pair) for pair in zip(body.invoice_items, sent, strict=True)],
    )


def _item(body: NewInvoiceItem, sent: Mapping[str, object]) -> NewItem:
    return NewItem(
        amount=body.amount,
        charge_key=body.rate_plan_charge_id,
        product_charge_key=body.product_rate_plan_charge_id,
        charge_name=body.charge_name,
        description=body.description,
        sku=body.sku,
        uom=body.uom,
        quantity=body.quantity,
        unit_price=body.unit_price,
        service_start=body.service_start_date,
        service_end=body.service_end_date,
        codes=NamedCodes(
            receivable=body.accounts_receivable_accounting_code,
            accounting=body.accounting_code,
            deferred=body.deferred_revenue_accounting_code,
            recognized=body.recognized_revenue_accounting_code,
        ),
        rule_name=body.revenue_recognition_rule_name,
        copies_charge=True,
        custom_fields=custom_fields(sent),
    )


def _drafted(books: Books, command: DraftDocument) -> DocumentView:
    return view_document(books, draft_document(books, command))


def _created(call: Call, view: DocumentView) -> Mapping[str, object]:
    del call
    return {**present_invoice(view), "success": True}


def _named(call: Call) -> NamedDocument:
    return NamedDocument(kind=KIND, key=call.path["invoice-key"])


def _posted(call: Call) -> PostDocument:
    body: PostedOn | None = call.body
    day = body.invoice_date if body else None
    return PostDocument(kind=KIND, key=call.path["invoice-key"], document_date=day)


def _done(call: Call, document: BillingDocument) -> Mapping[str, object]:
    del call
    return {"id": document.id, "jobStatus": "Completed", "success": True}


def _deleted(call: Call, document: BillingDocument) -> Mapping[str, object]:
    del call
    return {
        "objectId": document.id,
        "objectType": "Invoice",
        "operationType": "Delete",
        "status": "Completed",
        "success": True,
    }


def _get(books: Books, call: Call) -> Mapping[str, object]:
    view = read_document(books, KIND, call.path["invoice-key"])
    return {**present_invoice(view), "success": True}


def _items(books: Books, call: Call) -> Mapping[str, object]:
    page = page_of(call, PAGE_SIZE)
    found = read_items(books, KIND, call.path["invoice-key"], page.limit, page.offset)
    present = partial(present_invoice_item, zone=books.settings.zone)
    return answer_page(call, page, "invoiceItems", found, present)


OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        id="POST_StandaloneInvoice",
        tag=TAG,
        summary="Create a standalone invoice",
        resource=RESOURCE,
        body=NewInvoice,
        answer=InvoiceAnswer,
        work=Write(single(_drafted, structural=False), _new, _created),
    ),
    Operation(
        method="GET",
        path=ONE,
        id="GET_Invoice",
        tag=TAG,
        summary="Retrieve an invoice",
        answer=InvoiceAnswer,
        work=Read(_get),
    ),
    Operation(
        method="GET",
        path=f"{ONE}/items",
        id="GET_InvoiceItems",
        tag=TAG,
        summary="List the items of an invoice",
        parameters=page_parameters(PAGE_SIZE),
        answer=InvoiceItemList,
        work=Read(_items),
    ),
    Operation(
        method="PUT",
        path=f"{ONE}/post",
        id="PUT_PostInvoice",
        tag=TAG,
        summary="Post an invoice",
        resource=RESOURCE,
        body=PostedOn,
        body_required=False,
        answer=DocumentDone,
        work=Write(single(post_document, structural=False), _posted, _done),
    ),
    Operation(
        method="PUT",
        path=f"{ONE}/cancel",
        id="PUT_CancelInvoice",
        tag=TAG,
        summary="Cancel an invoice",
        answer=DocumentDone,
        work=Write(single(cancel_document, structural=False), _named, _done),
    ),
    Operation(
        method="DELETE",
        path=ONE,
        id="DELETE_Invoice",
        tag=TAG,
        summary="Delete an invoice that was never posted",
        answer=DocumentDeleted,
        work=Write(single(delete_document, structural=False), _named, _deleted),
    ),
)
