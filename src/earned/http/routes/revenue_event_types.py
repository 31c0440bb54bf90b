"""Types of revenue events: `/v1/settings/finance/revenue-event-types` (R 2.7).

Zuora has them in its user interface only; path and fields are ours, in the words of its requests.
"""

from collections.abc import Mapping
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from earned.domain.errors import NotFound
from earned.domain.event_types import RevenueEventType
from earned.domain.scheduling import BUILT_IN, EVENT_TYPE_LENGTH_MAX
from earned.domain.stamps import v1_stamps
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Read, Write
from earned.http.validation import V1Request
from earned.services.define_event_type import (
    ChangeEventType,
    DefineEventType,
    change_event_type,
    define_event_type,
)
from earned.services.ports import Books
from earned.services.work import single

RESOURCE = 506500
PATH = "/v1/settings/finance/revenue-event-types"
ONE = f"{PATH}/{{event-type-system-id}}"
TAG = "Revenue event types"


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "blank")
    return text


Text = Annotated[
    str, Field(min_length=1, max_length=EVENT_TYPE_LENGTH_MAX), AfterValidator(_not_blank)
]


class NewEventType(V1Request):
    """A type: a label, which may repeat, and a system id, which may not and not end in `__z`."""

    event_type: Text
    event_type_system_id: Text
    active: bool = True


class ChangedEventType(V1Request):
    """What becomes of a type; what is not named stays."""

    event_type: Text = ""
    active: bool = True


class EventTypeFields(V1Answer):
    """A type of revenue events."""

    event_type: str
    event_type_system_id: str
    active: bool
    built_in: bool


class EventTypeList(V1Answer):
    """All types: the built-in ones, then the entity's own by label."""

    revenue_event_types: list[EventTypeFields]


def _new(call: Call) -> DefineEventType:
    body: NewEventType = call.body
    return DefineEventType(
        label=body.event_type, system_id=body.event_type_system_id, active=body.active
    )


def _changed(call: Call) -> ChangeEventType:
    body: ChangedEventType = call.body
    sent = body.model_fields_set
    return ChangeEventType(
        system_id=_key(call),
        label=body.event_type if "event_type" in sent else None,
        active=body.active if "active" in sent else None,
    )


def _key(call: Call) -> str:
    return call.path["event-type-system-id"]


def _done(call: Call, event_type: RevenueEventType) -> Mapping[str, object]:
    del call
    return {"success": True, "eventTypeSystemId": event_type.system_id}


def _list(books: Books, call: Call) -> Mapping[str, object]:
    del call
    built_in = [_built_in(system_id) for system_id in BUILT_IN]
    own = books.event_types.list(order_by=["label", "system_id"])
    zone = books.settings.zone
    return {
        "revenueEventTypes": [*built_in, *(_shown(one, zone) for one in own)],
        "success": True,
    }


def _get(books: Books, call: Call) -> Mapping[str, object]:
    key = _key(call)
    if key in BUILT_IN:
        return {**_built_in(key), "success": True}
    found = books.event_types.find(system_id=key)
    if found is None:
        raise NotFound.by_key(key)
    return {**_shown(found, books.settings.zone), "success": True}


def _built_in(system_id: str) -> Mapping[str, object]:
    return {
        "eventType": BUILT_IN[system_id],
        "eventTypeSystemId": system_id,
        "active": True,
        "builtIn": True,
    }


def _shown(event_type: RevenueEventType, zone: ZoneInfo) -> Mapping[str, object]:
    return {
        "eventType": event_type.label,
        "eventTypeSystemId": event_type.system_id,
        "active": event_type.active,
        "builtIn": False,
        **v1_stamps(event_type, zone),
    }


OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        id="POST_RevenueEventType",
        tag=TAG,
        summary="Define a revenue event type",
        resource=RESOURCE,
        body=NewEventType,
        answer=V1Answer,
        work=Write(single(define_event_type), _new, _done),
    ),
    Operation(
        method="GET",
        path=PATH,
        id="GET_RevenueEventTypes",
        tag=TAG,
        summary="List the revenue event types, built-in ones first",
        answer=EventTypeList,
        work=Read(_list),
    ),
    Operation(
        method="GET",
        path=ONE,
        id="GET_RevenueEventType",
        tag=TAG,
        summary="Retrieve a revenue event type",
        answer=EventTypeFields,
        work=Read(_get),
    ),
    Operation(
        method="PUT",
        path=ONE,
        id="PUT_RevenueEventType",
        tag=TAG,
        summary="Rename, deactivate or activate a revenue event type",
        resource=RESOURCE,
        body=ChangedEventType,
        answer=V1Answer,
        work=Write(single(change_event_type), _changed, _done),
    ),
)
