"""Units of measure: `/v1/object/unit-of-measure`."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from earned.domain.catalog import UnitOfMeasure
from earned.domain.stamps import object_stamps
from earned.http.answers import ObjectChanged
from earned.http.dialect import Dialect
from earned.http.object_answers import ObjectDeleted, changed, deleted
from earned.http.operation import Call, Operation, Read, Write
from earned.http.validation import ObjectRequest, custom_fields
from earned.services.change_unit import ChangeUnit, change_unit, delete_unit
from earned.services.create_unit import CreateUnit, create_unit
from earned.services.find import row_by_id
from earned.services.ports import Books
from earned.services.work import single

RESOURCE = 502300
PATH = "/v1/object/unit-of-measure"

Name = Annotated[str, Field(min_length=1, max_length=50)]
Places = Annotated[int, Field(ge=0, le=9)]
Mode = Literal["Up", "Down"]


class NewUnit(ObjectRequest):
    """A unit of measure."""

    name: Name = Field(alias="UomName")
    displayed_as: Annotated[str, Field(max_length=50)] | None = None
    decimal_places: Places
    rounding_mode: Mode = "Up"
    active: bool = True
    usage_log_file_label: Annotated[str, Field(max_length=50)] | None = None


class ChangedUnit(ObjectRequest):
    """What becomes of a unit of measure; what is not named stays."""

    name: Name = Field(default="", alias="UomName")
    displayed_as: Annotated[str, Field(min_length=1, max_length=50)] = ""
    decimal_places: Places = 0
    rounding_mode: Mode = "Up"
    active: bool = True
    usage_log_file_label: Annotated[str, Field(max_length=50)] | None = None


def _new(call: Call) -> CreateUnit:
    body: NewUnit = call.body
    return CreateUnit(**body.model_dump(), custom_fields=custom_fields(call.payload))


def _changed(call: Call) -> ChangeUnit:
    body: ChangedUnit = call.body
    return ChangeUnit(
        id=call.path["id"],
        changes=body.model_dump(exclude_unset=True),
        custom_fields=custom_fields(call.payload),
    )


def _get(books: Books, call: Call) -> Mapping[str, object]:
    unit: UnitOfMeasure = row_by_id(books.units, call.path["id"])
    return {
        "Id": unit.id,
        "UomName": unit.name,
        "DisplayedAs": unit.displayed_as,
        "DecimalPlaces": unit.decimal_places,
        "RoundingMode": unit.rounding_mode,
        "Active": unit.active,
        "UsageLogFileLabel": unit.usage_log_file_label,
        **object_stamps(unit, books.settings.zone),
        **unit.custom_fields,
    }


OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        id="createUnitOfMeasure",
        tag="Catalog",
        summary="CRUD: Create a unit of measure",
        dialect=Dialect.OBJECT,
        resource=RESOURCE,
        body=NewUnit,
        answer=ObjectChanged,
        work=Write(single(create_unit), _new, changed),
    ),
    Operation(
        method="GET",
        path=f"{PATH}/{{id}}",
        id="getUnitOfMeasure",
        tag="Catalog",
        summary="CRUD: Retrieve a unit of measure",
        dialect=Dialect.OBJECT,
        work=Read(_get),
    ),
    Operation(
        method="PUT",
        path=f"{PATH}/{{id}}",
        id="updateUnitOfMeasure",
        tag="Catalog",
        summary="CRUD: Update a unit of measure",
        dialect=Dialect.OBJECT,
        resource=RESOURCE,
        body=ChangedUnit,
        answer=ObjectChanged,
        work=Write(single(change_unit), _changed, changed),
    ),
    Operation(
        method="DELETE",
        path=f"{PATH}/{{id}}",
        id="deleteUnitOfMeasure",
        tag="Catalog",
        summary="CRUD: Delete a unit of measure",
        dialect=Dialect.OBJECT,
        answer=ObjectDeleted,
        work=Write(single(delete_unit), lambda call: call.path["id"], deleted),
    ),
)
