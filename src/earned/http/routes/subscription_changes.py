"""What is done to a subscription by its own path, each of it by an order of its own."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Write
from earned.http.routes.subscriptions import RESOURCE, TAG
from earned.http.validation import V1Request, WireDay
from earned.services.cancel_subscription import CancelSubscription
from earned.services.order_one import OrderOne, order_one
from earned.services.place_order import Placed
from earned.services.renew_subscription import RenewSubscription
from earned.services.work import single


class Renewal(V1Request):
    """The body of a request to renew a subscription; what only billing needs is ignored."""

    order_date: WireDay | None = None


class Cancellation(V1Request):
    """The body of a request to cancel a subscription; what only billing needs is ignored."""

    cancellation_policy: Annotated[str, Field(min_length=1, max_length=50)]
    cancellation_effective_date: WireDay | None = None
    order_date: WireDay | None = None


class SubscriptionChanged(V1Answer):
    """The new version of a subscription, and the order that made it."""

    subscription_id: str
    order_number: str


def _renew(call: Call) -> OrderOne:
    body: Renewal = call.body
    sent = {"type": "RenewSubscription", "renewSubscription": {}}
    return OrderOne(
        key=call.path["subscription-key"],
        action=RenewSubscription(),
        order_date=body.order_date,
        sent=sent,
    )


def _cancel(call: Call) -> OrderOne:
    body: Cancellation = call.body
    day = body.cancellation_effective_date
    said = {"cancellationPolicy": body.cancellation_policy}
    if day is not None:
        said["cancellationEffectiveDate"] = day.isoformat()
    return OrderOne(
        key=call.path["subscription-key"],
        action=CancelSubscription(policy=body.cancellation_policy, day=day),
        order_date=body.order_date,
        sent={"type": "CancelSubscription", "cancelSubscription": said},
    )


def _renewed(call: Call, placed: Placed) -> Mapping[str, object]:
    del call
    (version,) = placed.subscriptions
    return {
        **_changed(placed),
        "termStartDate": version.term_start_date,
        "termEndDate": version.term_end_date,
    }


def _cancelled(call: Call, placed: Placed) -> Mapping[str, object]:
    del call
    (version,) = placed.subscriptions
    return {**_changed(placed), "cancelledDate": version.cancelled_date}


def _changed(placed: Placed) -> Mapping[str, object]:
    (version,) = placed.subscriptions
    return {
        "success": True,
        "subscriptionId": version.id,
        "orderNumber": placed.order.number,
        "accountNumber": placed.account.number,
        "status": placed.order.status,
        "subscriptionNumbers": [version.number],
    }


OPERATIONS = (
    Operation(
        method="PUT",
        path="/v1/subscriptions/{subscription-key}/renew",
        id="renewSubscription",
        tag=TAG,
        summary="Renew a subscription by its renewal terms",
        resource=RESOURCE,
        body=Renewal,
        answer=SubscriptionChanged,
        work=Write(single(order_one), _renew, _renewed),
    ),
    Operation(
        method="PUT",
        path="/v1/subscriptions/{subscription-key}/cancel",
        id="cancelSubscription",
        tag=TAG,
        summary="Cancel a subscription, and credit what was prepaid",
        resource=RESOURCE,
        body=Cancellation,
        answer=SubscriptionChanged,
        work=Write(single(order_one), _cancel, _cancelled),
    ),
)
