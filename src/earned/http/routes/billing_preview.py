"""What an account would be billed: `/v1/operations/billing-preview`. Nothing of it is made."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from earned.domain.billing import BillingDocumentItem, DocumentKind
from earned.domain.errors import Invalid, Missing
from earned.domain.exact import plain
from earned.domain.money import Currency, major
from earned.domain.renewing import Renewal
from earned.domain.subscription import RatePlanCharge
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Write
from earned.http.validation import V1Request, WireDay
from earned.services.preview_billing import BillingPreview, PreviewBilling, preview_billing
from earned.services.work import single

RESOURCE = 509600
Text = Annotated[str, Field(max_length=255)]


class PreviewRequest(V1Request):
    """Whom to bill, through which day.

    `assumeRenewal`: as if subscriptions that renew by themselves were renewed (`Autorenew`), all
    that have an end (`All`), or none. Charge types are one text, separated by commas.
    """

    account_id: Text | None = None
    account_number: Text | None = None
    target_date: WireDay
    assume_renewal: Literal["All", "None", "Autorenew"] | None = None
    charge_type_to_exclude: Text | None = None
    including_draft_items: bool | None = None
    including_evergreen_subscription: bool | None = None


class PreviewAnswer(V1Answer):
    """What would be billed, item by item."""

    account_id: str
    invoice_items: list[dict[str, Any]]
    credit_memo_items: list[dict[str, Any]]


def _command(call: Call) -> PreviewBilling:
    body: PreviewRequest = call.body
    if body.account_id and body.account_number:
        message = "Only one of 'accountId' and 'accountNumber' may be given."
        raise Invalid(message, field="accountId")
    key = body.account_id or body.account_number
    if key is None:
        raise Missing("'accountId' or 'accountNumber' may not be null", field="accountId")
    excluded = (body.charge_type_to_exclude or "").split(",")
    return PreviewBilling(
        account_key=key,
        target=body.target_date,
        renewal=Renewal(body.assume_renewal or Renewal.NONE),
        excluded=[name for name in excluded if name.strip()],
        with_evergreen=bool(body.including_evergreen_subscription),
        with_drafts=bool(body.including_draft_items),
    )


def _answer(call: Call, preview: BillingPreview) -> Mapping[str, object]:
    del call
    invoiced: list[Mapping[str, object]] = []
    credited: list[Mapping[str, object]] = []
    for one in preview.documents:
        for item in one.items:
            currency = Currency.of(one.document.currency)
            charge = preview.charges.get(item.charge_id or "")
            if one.document.kind is DocumentKind.INVOICE:
                invoiced.append(_invoice_item(item, charge, currency))
            else:
                credited.append(_memo_item(item, charge, currency))
    return {
        "success": True,
        "accountId": preview.account.id,
        "invoiceItems": invoiced,
        "creditMemoItems": credited,
    }


def _invoice_item(
    item: BillingDocumentItem, charge: RatePlanCharge | None, currency: Currency
) -> Mapping[str, object]:
    """Return an item of an invoice; amounts and quantities are strings here."""
    return {
        **_item(item, charge),
        "chargeAmount": str(major(item.amount_minor, currency)),
        "chargeDescription": item.description,
        "chargeId": item.charge_id,
        "chargeName": item.charge_name,
        "subscriptionName": charge and charge.subscription_number,
        "taxAmount": str(major(0, currency)),
    }


def _memo_item(
    item: BillingDocumentItem, charge: RatePlanCharge | None, currency: Currency
) -> Mapping[str, object]:
    """Return an item of a credit memo; only its quantity is a string."""
    amount = major(item.amount_minor, currency)
    return {
        **_item(item, charge),
        "amount": amount,
        "amountWithoutTax": amount,
        "ratePlanChargeId": item.charge_id,
        "skuName": item.charge_name,
    }


def _item(item: BillingDocumentItem, charge: RatePlanCharge | None) -> Mapping[str, object]:
    return {
        "chargeNumber": charge and charge.number,
        "chargeType": charge and charge.charge_type,
        "processingType": item.processing_type,
        "quantity": None if item.quantity is None else plain(item.quantity),
        "serviceStartDate": item.service_start,
        "serviceEndDate": item.service_end,
        "subscriptionId": item.original_subscription_id,
        "subscriptionNumber": charge and charge.subscription_number,
        "unitOfMeasure": item.uom,
    }


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/operations/billing-preview",
        id="createBillingPreview",
        tag="Operations",
        summary="Preview what an account would be billed, and nothing of it is made",
        resource=RESOURCE,
        body=PreviewRequest,
        answer=PreviewAnswer,
        work=Write(single(preview_billing), _command, _answer),
    ),
)
