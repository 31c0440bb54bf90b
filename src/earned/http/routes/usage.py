"""Usage records: `/v1/object/usage`."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from earned.domain.calendar import in_zone
from earned.domain.usage import UsageRecord
from earned.http.answers import ObjectChanged
from earned.http.dialect import Dialect
from earned.http.operation import Call, Operation, Parameter, Read, Write
from earned.http.validation import WSDL_MINIMUM, ObjectRequest, custom_fields
from earned.services.change_usage import ChangeUsage, change_usage, usage_by_id
from earned.services.delete_usage import DeleteUsage, delete_usage
from earned.services.ports import Books
from earned.services.record_usage import RECORD_USAGE, RecordUsage
from earned.services.work import single

RESOURCE = 504000
UNIQUE_KEY_SINCE = 114

REJECT_UNKNOWN = Parameter(
    "rejectUnknownFields",
    "Whether the call fails if the body has unknown fields.",
    {"type": "boolean", "default": False},
)


class NewUsage(ObjectRequest):
    """A usage record. It is checked in the order of `docs/reference/usage.md`."""

    quantity: Decimal
    start_date_time: datetime
    uom: str = Field(alias="UOM")
    account_id: Annotated[str, Field(max_length=32)] | None = None
    account_number: Annotated[str, Field(max_length=50)] | None = None
    charge_id: Annotated[str, Field(max_length=32)] | None = None
    charge_number: Annotated[str, Field(max_length=50)] | None = None
    description: Annotated[str, Field(max_length=200)] | None = None
    end_date_time: datetime | None = None
    subscription_id: Annotated[str, Field(max_length=32)] | None = None
    subscription_number: Annotated[str, Field(max_length=100)] | None = None
    unique_key: str | None = Field(
        default=None, max_length=255, json_schema_extra={WSDL_MINIMUM: UNIQUE_KEY_SINCE}
    )
    product_rate_plan_charge_number: SkipJsonSchema[str | None] = None  # Known, to be refused.


class ChangedUsage(ObjectRequest):
    """What of a usage record may change. `RbeStatus` is accepted and ignored."""

    quantity: Decimal | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None
    uom: str | None = Field(default=None, alias="UOM")
    description: Annotated[str, Field(max_length=200)] | None = None
    rbe_status: str | None = None


def _command(call: Call) -> RecordUsage:
    return RecordUsage(fields=call.payload, custom_fields=custom_fields(call.payload))


def _recorded(call: Call, usage: UsageRecord) -> Mapping[str, object]:
    del call
    return {"Id": usage.id, "Success": True}


def _change(call: Call) -> ChangeUsage:
    return ChangeUsage(
        id=call.path["id"], fields=call.payload, custom_fields=custom_fields(call.payload)
    )


def _delete(call: Call) -> DeleteUsage:
    return DeleteUsage(id=call.path["id"])


def _deleted(call: Call, usage: UsageRecord) -> Mapping[str, object]:
    del call
    return {"id": usage.id, "success": True}


def _get(books: Books, call: Call) -> Mapping[str, object]:
    """Answer a record as it was sent, its times in the entity's zone (U 3.7)."""
    usage, zone = usage_by_id(books, call.path["id"]), books.settings.zone
    times = {
        "StartDateTime": usage.start_date_time,
        "EndDateTime": usage.end_date_time,
        "CreatedDate": usage.created_at,
        "UpdatedDate": usage.updated_at,
        "SubmissionDateTime": usage.updated_at,
    }
    answer = {
        "Id": usage.id,
        "AccountId": usage.account_id,
        "AccountNumber": usage.account_number,
        "SubscriptionId": usage.subscription_id,
        "SubscriptionNumber": usage.subscription_number,
        "ChargeId": usage.charge_id,
        "ChargeNumber": usage.charge_number,
        "UOM": usage.uom,
        "Quantity": usage.quantity,
        "Description": usage.description,
        "UniqueKey": usage.unique_key,
        "RbeStatus": usage.rbe_status,
        "SourceType": usage.source_type,
        "CreatedById": usage.created_by,
        "UpdatedById": usage.updated_by,
        **{name: instant and in_zone(instant, zone) for name, instant in times.items()},
        **usage.custom_fields,
    }
    return {name: value for name, value in answer.items() if value is not None}


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/object/usage",
        id="createUsage",
        tag="Usage",
        summary="CRUD: Create a usage record",
        dialect=Dialect.OBJECT,
        resource=RESOURCE,
        body=NewUsage,
        strict=False,
        answer=ObjectChanged,
        parameters=(REJECT_UNKNOWN,),
        hot=True,
        work=Write(RECORD_USAGE, _command, _recorded),
    ),
    Operation(
        method="GET",
        path="/v1/object/usage/{id}",
        id="getUsage",
        tag="Usage",
        summary="CRUD: Retrieve a usage record",
        dialect=Dialect.OBJECT,
        work=Read(_get),
    ),
    Operation(
        method="PUT",
        path="/v1/object/usage/{id}",
        id="updateUsage",
        tag="Usage",
        summary="CRUD: Update a usage record",
        dialect=Dialect.OBJECT,
        resource=RESOURCE,
        body=ChangedUsage,
        strict=False,
        answer=ObjectChanged,
        parameters=(REJECT_UNKNOWN,),
        work=Write(single(change_usage, structural=False), _change, _recorded),
    ),
    Operation(
        method="DELETE",
        path="/v1/object/usage/{id}",
        id="deleteUsage",
        tag="Usage",
        summary="CRUD: Delete a usage record",
        dialect=Dialect.OBJECT,
        work=Write(single(delete_usage, structural=False), _delete, _deleted),
    ),
)
