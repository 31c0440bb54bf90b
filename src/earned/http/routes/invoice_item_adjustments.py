"""Adjustments of invoice items: `/v1/object/invoice-item-adjustment`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from earned.domain.billing import AdjustmentStatus, AdjustmentType
from earned.http.answers import ObjectChanged
from earned.http.billing_answers import present_adjustment
from earned.http.dialect import Dialect
from earned.http.object_answers import changed
from earned.http.operation import Call, Operation, Read, Write
from earned.http.validation import ObjectRequest, WireDay, custom_fields
from earned.services.adjust_item import (
    AdjustItem,
    ChangeAdjustment,
    adjust_item,
    change_adjustment,
)
from earned.services.item_codes import NamedCodes
from earned.services.ports import Books
from earned.services.read_documents import read_adjustment
from earned.services.work import single

RESOURCE = 509300
PATH = "/v1/object/invoice-item-adjustment"
TAG = "Invoice item adjustments"

Key = Annotated[str, Field(max_length=255)]
Text = Annotated[str, Field(max_length=255)]


class NewAdjustment(ObjectRequest):
    """Less or more of an invoice item. It is processed at once."""

    adjustment_date: WireDay
    amount: Annotated[str | Decimal, Field(description="Rounded to the currency.")]
    source_id: Key
    source_type: Literal["InvoiceDetail"] = "InvoiceDetail"
    type: AdjustmentType
    invoice_id: Key | None = None
    invoice_number: Key | None = None
    adjustment_number: Annotated[str, Field(max_length=32)] | None = None
    reason_code: Text | None = None
    reference_id: Annotated[str, Field(max_length=60)] | None = None
    comment: Text | None = None
    accounting_code: Text | None = None
    deferred_revenue_account: Text | None = None
    recognized_revenue_account: Text | None = None


class ChangedAdjustment(ObjectRequest):
    """What becomes of an adjustment. `Canceled` is for good."""

    status: AdjustmentStatus = AdjustmentStatus.PROCESSED
    reason_code: Text | None = None


def _new(call: Call) -> AdjustItem:
    body: NewAdjustment = call.body
    return AdjustItem(
        type=body.type,
        amount=body.amount,
        adjustment_date=body.adjustment_date,
        invoice_id=body.invoice_id,
        invoice_number=body.invoice_number,
        item_id=body.source_id,
        number=body.adjustment_number,
        reason_code=body.reason_code,
        reference_id=body.reference_id,
        comment=body.comment,
        codes=NamedCodes(
            accounting=body.accounting_code,
            deferred=body.deferred_revenue_account,
            recognized=body.recognized_revenue_account,
        ),
        custom_fields=custom_fields(call.payload),
    )


def _changed(call: Call) -> ChangeAdjustment:
    body: ChangedAdjustment = call.body
    return ChangeAdjustment(
        key=call.path["id"],
        changes=body.model_dump(exclude_unset=True),
        custom_fields=custom_fields(call.payload),
    )


def _get(books: Books, call: Call) -> Mapping[str, object]:
    return present_adjustment(read_adjustment(books, call.path["id"]), books.settings.zone)


OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        id="Object_POSTInvoiceItemAdjustment",
        tag=TAG,
        summary="CRUD: Create an invoice item adjustment",
        dialect=Dialect.OBJECT,
        resource=RESOURCE,
        body=NewAdjustment,
        answer=ObjectChanged,
        work=Write(single(adjust_item, structural=False), _new, changed),
    ),
    Operation(
        method="GET",
        path=f"{PATH}/{{id}}",
        id="Object_GETInvoiceItemAdjustment",
        tag=TAG,
        summary="CRUD: Retrieve an invoice item adjustment",
        dialect=Dialect.OBJECT,
        work=Read(_get),
    ),
    Operation(
        method="PUT",
        path=f"{PATH}/{{id}}",
        id="Object_PUTInvoiceItemAdjustment",
        tag=TAG,
        summary="CRUD: Update or cancel an invoice item adjustment",
        dialect=Dialect.OBJECT,
        resource=RESOURCE,
        body=ChangedAdjustment,
        answer=ObjectChanged,
        work=Write(single(change_adjustment, structural=False), _changed, changed),
    ),
)
