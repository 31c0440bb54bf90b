"""Orders: `/v1/orders`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from earned.domain.account import Account
from earned.domain.stamps import printed
from earned.domain.subscription import Order, Subscription
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Read, Traffic, Write
from earned.http.order_actions import OrderedSubscription
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.routes.accounts import NewAccount
from earned.http.subscribing import Extended
from earned.http.validation import WireDay, custom_fields
from earned.services.create_account import CreateAccount
from earned.services.find import account_by_key, order_by_number
from earned.services.place_order import Placed, PlaceOrder, SubscriptionOrder, place_order
from earned.services.ports import Books
from earned.services.work import single

RESOURCE = 503000
TAG = "Orders"
PAGE_SIZE = 20


class NewOrder(Extended):
    """The body of a request to create an order; what only billing needs is ignored."""

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
    processing_options: dict[str, Any] | None = None


class OrderPlaced(V1Answer):
    """What an order made."""

    order_id: str
    order_number: str
    account_id: str
    account_number: str
    status: str
    subscription_numbers: list[str]
    subscription_ids: list[str]


class OrderAnswer(V1Answer):
    """An order."""

    order: dict[str, object]


class OrderList(V1Answer):
    """A page of orders."""

    orders: list[dict[str, object]]


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


def _placed(call: Call, placed: Placed) -> Mapping[str, object]:
    del call
    return {
        "success": True,
        "orderId": placed.order.id,
        "orderNumber": placed.order.number,
        "accountId": placed.account.id,
        "accountNumber": placed.account.number,
        "status": placed.order.status,
        "subscriptionNumbers": [made.number for made in placed.subscriptions],
        "subscriptionIds": [made.id for made in placed.subscriptions],
        "subscriptions": [_subscription(made, placed.account) for made in placed.subscriptions],
        "invoiceNumbers": [],
        "invoiceIds": [],
        "creditMemoNumbers": [],
        "creditMemoIds": [],
    }


def _subscription(subscription: Subscription, account: Account) -> Mapping[str, object]:
    owned = subscription.account_id == account.id
    return {
        "subscriptionId": subscription.id,
        "subscriptionNumber": subscription.number,
        "subscriptionOwnerId": subscription.account_id,
        "subscriptionOwnerNumber": account.number if owned else None,
        "status": subscription.status,
    }


def _present(books: Books, order: Order) -> Mapping[str, object]:
    account = account_by_key(books, order.account_id)
    zone = books.settings.zone
    return {
        "orderId": order.id,
        "orderNumber": order.number,
        "orderDate": order.order_date,
        "status": order.status,
        "category": order.category,
        "description": order.description,
        "currency": account.currency,
        "existingAccountNumber": account.number,
        "subscriptions": order.subscriptions,
        "customFields": order.custom_fields,
        "createdBy": order.created_by,
        "createdDate": printed(order.created_at, zone),
        "updatedBy": order.updated_by,
        "updatedDate": printed(order.updated_at, zone),
    }


def _get(books: Books, call: Call) -> Mapping[str, object]:
    order = order_by_number(books, call.path["orderNumber"])
    return {"order": _present(books, order), "success": True}


def _list(books: Books, call: Call) -> Mapping[str, object]:
    page = page_of(call, PAGE_SIZE)
    rows = books.orders.list(order_by=["-order_date", "-id"], limit=page.limit, offset=page.offset)
    return answer_page(call, page, "orders", rows, lambda order: _present(books, order))


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/orders",
        id="createOrder",
        tag=TAG,
        summary="Create an order: subscribe, or add products to a subscription",
        resource=RESOURCE,
        body=NewOrder,
        answer=OrderPlaced,
        traffic=Traffic.HIGH_VOLUME,
        work=Write(single(place_order), _command, _placed),
    ),
    Operation(
        method="GET",
        path="/v1/orders",
        id="getOrders",
        tag=TAG,
        summary="List orders, the newest first",
        answer=OrderList,
        parameters=page_parameters(PAGE_SIZE),
        work=Read(_list),
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
