"""Usage records: `/v1/object/usage`."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from earned.domain.usage import UsageRecord
from earned.http.answers import ObjectChanged
from earned.http.dialect import Dialect
from earned.http.operation import Call, Operation, Parameter, Write
from earned.http.validation import CUSTOM_SUFFIXES, WSDL_MINIMUM, ObjectRequest
from earned.services.record_usage import RECORD_USAGE, RecordUsage

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


def _command(call: Call) -> RecordUsage:
    payload = call.payload
    custom = {name: payload[name] for name in payload if name.endswith(CUSTOM_SUFFIXES)}
    return RecordUsage(fields=payload, custom_fields=custom)


def _recorded(call: Call, usage: UsageRecord) -> Mapping[str, object]:
    del call
    return {"Id": usage.id, "Success": True}


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
)
