"""Thresholds of prepaid units, and the notifications of their crossing: `/v1/notifications`.

Zuora makes these of event triggers and callouts in its user interface; paths and fields are ours.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from earned.domain.errors import InvalidQuery, NotFound
from earned.domain.notifying import Mode, Notification, State, Threshold
from earned.domain.stamps import v1_stamps
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Parameter, Read, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.validation import V1Request
from earned.services.define_threshold import (
    ChangeThreshold,
    DefineThreshold,
    change_threshold,
    define_threshold,
    delete_threshold,
    threshold_by_key,
)
from earned.services.ports import Books
from earned.services.resend_notification import resend_notification
from earned.services.show_notification import wire_notification
from earned.services.work import single

RESOURCE = 511000
THRESHOLDS = "/v1/notifications/thresholds"
THRESHOLD = f"{THRESHOLDS}/{{threshold-id}}"
DELIVERIES = "/v1/notifications/deliveries"
TAG = "Notifications"

Name = Annotated[str, Field(min_length=1, max_length=100)]
Address = Annotated[str, Field(max_length=2000, description="Where to tell it, by POST.")]
Secret = Annotated[
    str, Field(max_length=200, description="Signs what is sent, 16 to 200 characters; kept secret.")
]


class NewThreshold(V1Request):
    """Below how much of a validity period whom to tell."""

    name: Name
    mode: Mode = Field(description="Whether `value` is a percentage of the total, or units.")
    value: Decimal
    uom: str | None = Field(default=None, description="Of prepaid balances in this unit only.")
    url: Address
    secret: Secret
    active: bool = True


class ChangedThreshold(V1Request):
    """What becomes of a threshold; what is not named stays."""

    name: Name | None = None
    mode: Mode | None = None
    value: Decimal | None = None
    uom: str | None = None
    url: Address | None = None
    secret: Secret | None = None
    active: bool | None = None


class ThresholdMade(V1Answer):
    """The id of a threshold."""

    id: str


class ThresholdFields(V1Answer):
    """A threshold. Its secret is never shown."""

    id: str
    name: str
    mode: Mode
    value: Decimal
    uom: str | None
    url: str
    active: bool


class ThresholdList(V1Answer):
    """All thresholds, in the order they were defined."""

    thresholds: list[ThresholdFields]


class DeliveryFields(V1Answer):
    """A notification, and how far it has come."""

    id: str
    threshold_id: str
    account_id: str
    validity_period_id: str
    total_balance: Decimal
    remaining_balance: Decimal
    state: State
    attempts: int
    next_attempt_date: datetime | None
    last_status: int | None
    last_error: str | None
    created_date: datetime
    delivered_date: datetime | None


class DeliveryList(V1Answer):
    """Notifications, the newest first."""

    deliveries: list[DeliveryFields]
    next_page: str | None = None


def _new(call: Call) -> DefineThreshold:
    body: NewThreshold = call.body
    return DefineThreshold(**body.model_dump(include=set(NewThreshold.model_fields)))


def _changed(call: Call) -> ChangeThreshold:
    body: ChangedThreshold = call.body
    sent = body.model_dump(exclude_unset=True, include=set(ChangedThreshold.model_fields))
    changes = {name: value for name, value in sent.items() if value is not None or name == "uom"}
    return ChangeThreshold(key=_key(call), changes=changes)


def _key(call: Call) -> str:
    return call.path["threshold-id"]


def _made(call: Call, threshold: Threshold) -> Mapping[str, object]:
    del call
    return {"success": True, "id": threshold.id}


def _get(books: Books, call: Call) -> Mapping[str, object]:
    found = threshold_by_key(books, _key(call))
    return {**_shown(found, books.settings.zone), "success": True}


def _list(books: Books, call: Call) -> Mapping[str, object]:
    del call
    found = books.thresholds.list(deleted=False, order_by=["id"])
    zone = books.settings.zone
    return {"thresholds": [_shown(one, zone) for one in found], "success": True}


def _shown(threshold: Threshold, zone: ZoneInfo) -> Mapping[str, object]:
    return {
        "id": threshold.id,
        "name": threshold.name,
        "mode": threshold.mode,
        "value": threshold.value,
        "uom": threshold.uom,
        "url": threshold.url,
        "active": threshold.active,
        **v1_stamps(threshold, zone),
    }


def _deliveries(books: Books, call: Call) -> Mapping[str, object]:
    page, criteria = page_of(call), _criteria(call)
    found = books.notifications.list(
        order_by=["-id"], limit=page.limit, offset=page.offset, **criteria
    )
    zone = books.settings.zone
    return answer_page(call, page, "deliveries", found, lambda one: wire_notification(one, zone))


def _criteria(call: Call) -> Mapping[str, Any]:
    state = call.first("state")
    if not state:
        return {}
    if state not in set(State):
        raise InvalidQuery(f"'state' value should be one of: {', '.join(State)}", field="state")
    return {"state": State(state)}


def _delivery(books: Books, call: Call) -> Mapping[str, object]:
    key = call.path["delivery-id"]
    found = books.notifications.find(id=key)
    if found is None:
        raise NotFound.by_key(key)
    shown = wire_notification(found, books.settings.zone)
    return {**shown, "body": found.body, "success": True}


def _resent(call: Call, one: Notification) -> Mapping[str, object]:
    del call
    return {"success": True, "id": one.id}


OPERATIONS = (
    Operation(
        method="POST",
        path=THRESHOLDS,
        id="POST_Threshold",
        tag=TAG,
        summary="Define a threshold of prepaid units",
        resource=RESOURCE,
        body=NewThreshold,
        answer=ThresholdMade,
        work=Write(single(define_threshold), _new, _made),
    ),
    Operation(
        method="GET",
        path=THRESHOLDS,
        id="GET_Thresholds",
        tag=TAG,
        summary="List the thresholds",
        answer=ThresholdList,
        work=Read(_list),
    ),
    Operation(
        method="GET",
        path=THRESHOLD,
        id="GET_Threshold",
        tag=TAG,
        summary="Retrieve a threshold",
        answer=ThresholdFields,
        work=Read(_get),
    ),
    Operation(
        method="PUT",
        path=THRESHOLD,
        id="PUT_Threshold",
        tag=TAG,
        summary="Change a threshold",
        resource=RESOURCE,
        body=ChangedThreshold,
        answer=ThresholdMade,
        work=Write(single(change_threshold), _changed, _made),
    ),
    Operation(
        method="DELETE",
        path=THRESHOLD,
        id="DELETE_Threshold",
        tag=TAG,
        summary="Delete a threshold",
        answer=ThresholdMade,
        work=Write(single(delete_threshold), _key, _made),
    ),
    Operation(
        method="GET",
        path=DELIVERIES,
        id="GET_Deliveries",
        tag=TAG,
        summary="List notifications and how far they have come",
        answer=DeliveryList,
        parameters=(
            *page_parameters(),
            Parameter("state", "Only those.", {"type": "string", "enum": list(State)}),
        ),
        work=Read(_deliveries),
    ),
    Operation(
        method="GET",
        path=f"{DELIVERIES}/{{delivery-id}}",
        id="GET_Delivery",
        tag=TAG,
        summary="Retrieve a notification, with what is sent",
        answer=DeliveryFields,
        work=Read(_delivery),
    ),
    Operation(
        method="POST",
        path=f"{DELIVERIES}/{{delivery-id}}/resend",
        id="POST_ResendDelivery",
        tag=TAG,
        summary="Send a notification again",
        answer=ThresholdMade,
        work=Write(
            single(resend_notification, structural=False),
            lambda call: call.path["delivery-id"],
            _resent,
        ),
    ),
)
