"""How usage items were rated: `/v1/invoices/invoice-item/{invoice-item-id}/usage-rate-detail`."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from earned.domain.exact import ZERO, plain
from earned.domain.money import Currency, major
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Read
from earned.services.ports import Books
from earned.services.read_rate_detail import read_rate_detail


class RateDetailData(BaseModel):
    """An item of an invoice, and how its amount came about, a line for each part."""

    model_config = ConfigDict(alias_generator=to_camel)

    amount_without_tax: Decimal
    charge_number: str
    invoice_id: str
    invoice_item_id: str
    invoice_number: str
    list_price: str
    quantity: str
    rate_detail: str
    service_period: str
    uom: str | None


class RateDetailAnswer(V1Answer):
    """How a usage item was rated."""

    data: RateDetailData


def _get(books: Books, call: Call) -> Mapping[str, object]:
    found = read_rate_detail(books, call.path["invoice-item-id"])
    item, invoice = found.item, found.invoice
    data = {
        "amountWithoutTax": major(item.amount_minor, Currency.of(invoice.currency)),
        "chargeNumber": found.charge_number,
        "invoiceId": invoice.id,
        "invoiceItemId": item.id,
        "invoiceNumber": invoice.number,
        "listPrice": found.list_price,
        "quantity": plain(item.quantity or ZERO),
        "rateDetail": found.detail,
        "servicePeriod": f"{item.service_start} - {item.service_end}",
        "uom": item.uom,
    }
    return {"data": data, "success": True}


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/invoices/invoice-item/{invoice-item-id}/usage-rate-detail",
        id="GET_UsageRateDetail",
        tag="Usage",
        summary="Retrieve how a usage item of an invoice was rated",
        answer=RateDetailAnswer,
        work=Read(_get),
    ),
)
