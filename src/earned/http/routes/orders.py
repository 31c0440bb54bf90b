"""Orders: `/v1/orders`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from earned.domain.errors import Missing
from earned.http.answers import V1Answer
from earned.http.done import done
from earned.http.operation import Call, Operation, Parameter, Read, Traffic, Write
from earned.http.order_actions import OrderedSubscription
from earned.http.order_answers import (
    OrderAnswer,
    OrderList,
    OrderPlaced,
    OrderPreview,
    billed_order,
    present_order,
    previewed_order,
)
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.routes.accounts import NewAccount
from earned.http.subscribing import Extended
from earned.http.validation import V1Request, WireDay, custom_fields
from earned.services.create_account import CreateAccount
from earned.services.delete_order import DeleteOrder, delete_order
from earned.services.find import account_by_key, order_by_number, orders_of, subscription_by_key
from earned.services.order_and_bill import Billing, OrderAndBill, order_and_bill
from earned.services.place_order import PlaceOrder, SubscriptionOrder
from earned.services.ports import Books
from earned.services.preview_order import PreviewOrder, preview_order
from earned.services.work import single

RESOURCE = 503000
TAG = "Orders"
PAGE_SIZE = 20
_BILLED = frozenset({"BillingDocs", "LegacyInvoices"})
_STATUS = Parameter("status", "Only orders of that status.", {"type": "string"})


class BillingOptions(V1Request):
    """How what was ordered is billed; both dates are today unless they are said."""

    target_date: WireDay | None = None
    document_date: WireDay | None = None
    generate_draft_invoice: bool | None = None
    charge_type_to_exclude: Annotated[list[str], Field(max_length=3)] | None = None
    credit_memo_reason_code: Annotated[str, Field(max_length=25)] | None = None


class ProcessingOptions(V1Request):
    """Whether what was ordered is billed in the same request. Payments are not collected."""

    run_billing: bool | None = None
    billing_options: BillingOptions | None = None


class NewOrder(Extended):
    """The body of a request to create an order."""

    order_date: WireDay
    subscriptions: Annotated[list[OrderedSubscription], Field(min_length=1)]
    existing_account_number: Annotated[str, Field(max_length=70)] | None = None
    existing_account_id: str | None = None
    new_account: NewAccount | None = None
    order_number: Annotated[str, Field(min_length=1, max_length=100, pattern="^[^/]+$")] | None = (
        None
    )
    category: Literal["NewSales", "Return"] | None = None
    description: Annotated[str, Field(max_length=500)] | None = None
    status: Literal["Completed"] | None = None
    processing_options: ProcessingOptions | None = None


class PreviewOptions(V1Request):
    """What a preview tells: what would be billed, and through which day.

    That is a day that is said, a number of billing periods on, or else the end of the term.
    """

    preview_thru_type: Literal["SpecificDate", "TermEnd", "NumberOfPeriods"] | None = None
    preview_number_of_periods: Annotated[int, Field(ge=1, le=1200)] | None = None
    preview_types: list[str] | None = None
    specific_preview_thru_date: WireDay | None = None
    document_date: WireDay | None = None
    charge_type_to_exclude: Annotated[list[str], Field(max_length=3)] | None = None

    def through(self) -> tuple[date | None, int | None]:
        """Return the day, or how many billing periods. Raises `Missing` for what is not said."""
        day, periods = self.specific_preview_thru_date, self.preview_number_of_periods
        kind = self.preview_thru_type
        if kind == "SpecificDate" and day is None:
            raise _missing("specificPreviewThruDate")
        if kind == "NumberOfPeriods" and periods is None:
            raise _missing("previewNumberOfPeriods")
        if kind == "NumberOfPeriods":
            return None, periods
        return (None if kind == "TermEnd" else day), None


def _missing(name: str) -> Missing:
    return Missing(f"'previewOptions.{name}' may not be null", field=f"previewOptions.{name}")


class PreviewAccount(V1Request):
    """For whom an order is previewed that has no account yet."""

    currency: Annotated[str, Field(min_length=3, max_length=3)]
    bill_cycle_day: int = 1


class PreviewedOrder(NewOrder):
    """The body of a request to preview an order."""

    preview_options: PreviewOptions | None = None
    preview_account_info: PreviewAccount | None = None


def _command(call: Call) -> PlaceOrder:
    body: NewOrder = call.body
    return PlaceOrder(
        order_date=body.order_date,
        subscriptions=[
            SubscriptionOrder(
                actions=[action.command(item, body.order_date) for action in item.order_actions],
                number=item.subscription_number,
                sent=sent,
            )
            for item, sent in zip(body.subscriptions, call.payload["subscriptions"], strict=True)
        ],
        existing_account_number=body.existing_account_number,
        existing_account_id=body.existing_account_id,
        new_account=_new_account(body, call.payload),
        order_number=body.order_number,
        category=body.category or "NewSales",
        description=body.description,
        custom_fields=body.custom,
    )


def _billed(call: Call) -> OrderAndBill:
    options = call.body.processing_options
    if options is None or not options.run_billing:
        return OrderAndBill(order=_command(call))
    said = options.billing_options or BillingOptions()
    billing = Billing(
        target_date=said.target_date,
        document_date=said.document_date,
        is_draft=bool(said.generate_draft_invoice),
        excluded=said.charge_type_to_exclude,
        reason_code=said.credit_memo_reason_code,
    )
    return OrderAndBill(order=_command(call), billing=billing)


def _new_account(body: NewOrder, payload: Mapping[str, Any]) -> CreateAccount | None:
    if body.new_account is None:
        return None
    sent = payload["newAccount"]
    return CreateAccount(
        **body.new_account.model_dump(exclude={"bill_to_contact", "sold_to_contact"}),
        bill_to_contact=sent["billToContact"],
        sold_to_contact=sent.get("soldToContact"),
        custom_fields=custom_fields({**sent, **(sent.get("customFields") or {})}),
    )


def _preview(call: Call) -> PreviewOrder:
    body: PreviewedOrder = call.body
    options = body.preview_options or PreviewOptions()
    day, periods = options.through()
    order, nobody = _command(call), body.preview_account_info
    if nobody is not None and order.new_account is None:
        account = CreateAccount(name="Preview", bill_to_contact={}, **nobody.model_dump())
        order = replace(order, new_account=account)
    return PreviewOrder(
        order=order,
        billing=bool(_BILLED & set(options.preview_types or ())),
        through=day,
        periods=periods,
        document_date=options.document_date,
        excluded=options.charge_type_to_exclude,
    )


def _delete(call: Call) -> DeleteOrder:
    return DeleteOrder(number=call.path["orderNumber"])


def _get(books: Books, call: Call) -> Mapping[str, object]:
    order = order_by_number(books, call.path["orderNumber"])
    return {"order": present_order(books, order), "success": True}


def _list(books: Books, call: Call) -> Mapping[str, object]:
    return _page(books, call)


def _page(books: Books, call: Call, **criteria: object) -> Mapping[str, object]:
    """Answer a page of orders, the newest first; what was deleted is gone."""
    page = page_of(call, PAGE_SIZE)
    if status := call.first("status"):
        criteria["status"] = status
    rows = books.orders.list(
        deleted=False,
        order_by=["-order_date", "-id"],
        limit=page.limit,
        offset=page.offset,
        **criteria,  # type: ignore[arg-type]
    )
    return answer_page(call, page, "orders", rows, lambda order: present_order(books, order))


def _of_subscription(books: Books, call: Call) -> Mapping[str, object]:
    number = subscription_by_key(books, call.path["subscriptionNumber"]).number
    return _page(books, call, id=orders_of(books, number=number))


def _of_owner(books: Books, call: Call) -> Mapping[str, object]:
    account = account_by_key(books, call.path["accountNumber"])
    return _page(books, call, id=orders_of(books, account_id=account.id))


def _of_payer(books: Books, call: Call) -> Mapping[str, object]:
    account = account_by_key(books, call.path["accountNumber"])
    return _page(books, call, id=orders_of(books, invoice_owner_id=account.id))


def _listing(id_: str, path: str, summary: str, work: Read) -> Operation:
    return Operation(
        method="GET",
        path=path,
        id=id_,
        tag=TAG,
        summary=summary,
        answer=OrderList,
        parameters=(*page_parameters(PAGE_SIZE), _STATUS),
        work=work,
    )


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/orders",
        id="createOrder",
        tag=TAG,
        summary="Create an order: new subscriptions, and changes of those that are there",
        resource=RESOURCE,
        body=NewOrder,
        answer=OrderPlaced,
        traffic=Traffic.HIGH_VOLUME,
        work=Write(single(order_and_bill), _billed, billed_order),
    ),
    Operation(
        method="POST",
        path="/v1/orders/preview",
        id="previewOrder",
        tag=TAG,
        summary="Preview an order: what it would make, and nothing of it is made",
        resource=RESOURCE,
        body=PreviewedOrder,
        answer=OrderPreview,
        work=Write(single(preview_order), _preview, previewed_order),
    ),
    Operation(
        method="DELETE",
        path="/v1/orders/{orderNumber}",
        id="deleteOrder",
        tag=TAG,
        summary="Delete the latest order of its subscriptions: what it did is undone",
        answer=V1Answer,
        work=Write(single(delete_order), _delete, done),
    ),
    _listing("getOrders", "/v1/orders", "List orders, the newest first", Read(_list)),
    _listing(
        "getOrdersBySubscriptionNumber",
        "/v1/orders/subscription/{subscriptionNumber}",
        "List the orders that changed a subscription",
        Read(_of_subscription),
    ),
    _listing(
        "getOrdersBySubscriptionOwner",
        "/v1/orders/subscriptionOwner/{accountNumber}",
        "List the orders that changed subscriptions of an account",
        Read(_of_owner),
    ),
    _listing(
        "getOrdersByInvoiceOwner",
        "/v1/orders/invoiceOwner/{accountNumber}",
        "List the orders that changed subscriptions that an account pays for",
        Read(_of_payer),
    ),
    Operation(
        method="GET",
        path="/v1/orders/{orderNumber}",
        id="getOrder",
        tag=TAG,
        summary="Retrieve an order by its number",
        answer=OrderAnswer,
        work=Read(_get),
    ),
)
