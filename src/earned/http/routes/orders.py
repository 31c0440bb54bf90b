"""Orders: `/v1/orders`."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from earned.domain.account import Account
from earned.domain.errors import Missing
from earned.domain.stamps import printed
from earned.domain.subscription import Order, Subscription
from earned.domain.terms import TriggerDates, TriggerEvent
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Read, Traffic, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.routes.accounts import NewAccount
from earned.http.subscribing import (
    Extended,
    OrderedRatePlan,
    Period,
    RenewalSetting,
    TermType,
    length,
)
from earned.http.validation import V1Request, WireDay, custom_fields
from earned.services.add_product import AddProduct
from earned.services.create_account import CreateAccount
from earned.services.find import account_by_key, order_by_number
from earned.services.place_order import (
    OrderAction,
    Placed,
    PlaceOrder,
    SubscriptionOrder,
    place_order,
)
from earned.services.ports import Books
from earned.services.subscribe import NewSubscription
from earned.services.work import single

RESOURCE = 503000
TAG = "Orders"
PAGE_SIZE = 20

Number = Annotated[str, Field(min_length=1, max_length=100)]


class TriggerDateBody(V1Request):
    """A day that starts charges."""

    name: Literal["ContractEffective", "ServiceActivation", "CustomerAcceptance"]
    trigger_date: WireDay | None = None


class InitialTerm(V1Request):
    """How long a subscription lasts: a number of periods, or to an end."""

    term_type: TermType
    period: Annotated[int, Field(ge=1, le=36_500)] | None = None
    period_type: Period = "Month"
    start_date: WireDay | None = None
    end_date: WireDay | None = None


class RenewalTerm(V1Request):
    """How long a renewal lasts."""

    period: Annotated[int, Field(ge=0, le=36_500)]
    period_type: Period = "Month"


class Terms(V1Request):
    """The terms of a subscription; of several renewal terms the first counts."""

    initial_term: InitialTerm
    renewal_terms: list[RenewalTerm] | None = None
    renewal_setting: RenewalSetting = "RENEW_WITH_SPECIFIC_TERM"
    auto_renew: bool = False


class OrderedProduct(OrderedRatePlan):
    """A rate plan, or the rate plans of a product."""

    rate_plan_overrides: list[OrderedRatePlan] | None = None


class CreateSubscription(V1Request):
    """A subscription to create."""

    terms: Terms
    subscribe_to_rate_plans: list[OrderedRatePlan] | None = None
    subscribe_to_products: list[OrderedProduct] | None = None
    subscription_number: Number | None = None
    subscription_owner_account_number: str | None = None
    currency: Annotated[str, Field(min_length=3, max_length=3)] | None = None
    notes: Annotated[str, Field(max_length=500)] | None = None

    def plans(self) -> list[OrderedRatePlan]:
        """Return the rate plans it subscribes to, by whichever name they are given."""
        products = self.subscribe_to_products or []
        nested = [plan for product in products for plan in product.rate_plan_overrides or [product]]
        return [*(self.subscribe_to_rate_plans or []), *nested]


class Action(V1Request):
    """One thing an order does to a subscription."""

    type: Literal["CreateSubscription", "AddProduct"]
    trigger_dates: list[TriggerDateBody] | None = None
    create_subscription: CreateSubscription | None = None
    add_product: OrderedRatePlan | None = None


class OrderedSubscription(Extended):
    """What an order does to one subscription: a new one, or the one with that number."""

    order_actions: Annotated[list[Action], Field(min_length=1)]
    subscription_number: Number | None = None
    notes: Annotated[str, Field(max_length=500)] | None = None


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
                actions=[_action(action, item, body.order_date) for action in item.order_actions],
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


def _action(action: Action, item: OrderedSubscription, order_date: date) -> OrderAction:
    days: dict[str, date | None] = {
        given.name: given.trigger_date for given in action.trigger_dates or ()
    }
    triggers = TriggerDates.of(
        days.get(TriggerEvent.CONTRACT_EFFECTIVE) or order_date,
        days.get(TriggerEvent.SERVICE_ACTIVATION),
        days.get(TriggerEvent.CUSTOMER_ACCEPTANCE),
    )
    if action.type == "CreateSubscription":
        if action.create_subscription is None:
            raise _missing("createSubscription")
        return _new_subscription(action.create_subscription, item, triggers)
    if action.add_product is None:
        raise _missing("addProduct")
    return AddProduct(
        triggers=triggers, rate_plan=action.add_product.chosen(), custom_fields=item.custom
    )


def _missing(name: str) -> Missing:
    return Missing(f"'{name}' may not be null", field=name)


def _new_subscription(
    new: CreateSubscription, item: OrderedSubscription, triggers: TriggerDates
) -> NewSubscription:
    initial, renewals = new.terms.initial_term, new.terms.renewal_terms or []
    return NewSubscription(
        triggers=triggers,
        term_type=initial.term_type,
        number=new.subscription_number or item.subscription_number,
        initial_term=length(initial.period, initial.period_type),
        term_start_date=initial.start_date,
        term_end_date=None if initial.period else initial.end_date,
        renewal_term=length(renewals[0].period, renewals[0].period_type) if renewals else None,
        renewal_setting=new.terms.renewal_setting,
        auto_renew=new.terms.auto_renew,
        currency=new.currency,
        owner_key=new.subscription_owner_account_number,
        notes=new.notes or item.notes,
        rate_plans=[plan.chosen() for plan in new.plans()],
        custom_fields=item.custom,
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
