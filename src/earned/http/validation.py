"""From a JSON object to a request model, and from its complaints to documented problems."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel, to_pascal
from pydantic_core import ErrorDetails, PydanticCustomError

from earned.domain.calendar import parse_day
from earned.domain.errors import EarnedError, Invalid, Kind, Problem, UnknownField
from earned.http.dialect import Dialect
from earned.http.operation import Operation
from earned.http.parameters import REJECT_UNKNOWN_FIELDS

WSDL_MINIMUM = "x-wsdl-minimum"
NEVER = 10**6

CUSTOM_SUFFIXES = ("__c", "__NS", "__QT")


_NO_DAY = "date_parsing"
_DIGITS_SANE = 40


def _day(value: object) -> date:
    """Read a day as it is written; pydantic would take numbers and instants for one too."""
    try:
        return parse_day(value, "")
    except Invalid:
        raise PydanticCustomError(_NO_DAY, "not a day") from None


WireInt = Annotated[int, Field(ge=-(2**31), lt=2**31)]
"""A whole number of a request body that fits into any column."""

WireDay = Annotated[date, BeforeValidator(_day)]
"""A `yyyy-mm-dd` day of a request body."""


class V1Request(BaseModel):
    """A camelCase request body. Custom fields are read from the payload (`custom_fields`)."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)


class ObjectRequest(BaseModel):
    """A PascalCase request body of an object (CRUD) operation."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_pascal)


def custom_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the custom fields of a payload: any JSON value under a name that ends in `__c`.

    The NetSuite and quote fields of the SDK (`__NS`, `__QT`) are kept the same way.
    """
    return {name: value for name, value in payload.items() if name.endswith(CUSTOM_SUFFIXES)}


def known_fields(
    operation: Operation,
    payload: Mapping[str, Any],
    query: Sequence[tuple[str, str]],
    wsdl_version: int,
) -> Mapping[str, Any]:
    """Return the payload without the fields the operation does not know at this WSDL version.

    With `rejectUnknownFields=true` an object operation refuses them instead (seed: create usage).
    """
    if not operation.dialect.is_crud or operation.body is None:
        return payload
    known = _field_minimums(operation.body)
    unknown = [
        name
        for name in payload
        if known.get(name, NEVER) > wsdl_version and not name.endswith(CUSTOM_SUFFIXES)
    ]
    if unknown and (REJECT_UNKNOWN_FIELDS.name, "true") in query:
        raise UnknownField(f"Unknown fields: {', '.join(unknown)}")
    return {name: payload[name] for name in payload if name not in unknown} if unknown else payload


@cache
def _field_minimums(model: type[BaseModel]) -> Mapping[str, int]:
    """Return the wire names of a model's fields and the WSDL version each appeared in."""
    minimums = {}
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra
        minimum = extra.get(WSDL_MINIMUM, 0) if isinstance(extra, dict) else 0
        assert isinstance(minimum, int)
        minimums[field.alias or name] = minimum
    return minimums


def validate(model: type[BaseModel], payload: Mapping[str, Any], dialect: Dialect) -> BaseModel:
    """Return `payload` as `model`. Raises `EarnedError` naming every field at fault, in order."""
    try:
        return model.model_validate(_tamed(payload))
    except ValidationError as error:
        raise EarnedError([_problem(detail, dialect) for detail in error.errors()]) from None


def _tamed(value: Any) -> Any:  # noqa: ANN401 - Any JSON value.
    """Spell out numbers of absurd size: to make an `int` of `1E+999999999` would take forever.

    As text, a field of exact decimals still reads it, and a field of whole numbers refuses it.
    """
    if isinstance(value, Mapping):
        return {name: _tamed(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_tamed(member) for member in value]
    if isinstance(value, Decimal) and value.adjusted() > _DIGITS_SANE:
        return str(value)
    return value


def _problem(detail: ErrorDetails, dialect: Dialect) -> Problem:
    name = ".".join(str(part) for part in detail["loc"])
    kind, text = detail["type"], detail["msg"]
    is_null = detail["input"] is None and kind.endswith(("_type", "_parsing"))
    is_absent = kind == "missing" or is_null
    if is_absent and dialect.is_crud:
        return Problem(Kind.MISSING, f"Missing required value: {name}", name)
    if is_absent:
        return Problem(Kind.MISSING, f"'{name}' may not be null", name)
    return Problem(Kind.INVALID, _complaint(name, kind, text, detail.get("ctx", {})), name)


def _complaint(name: str, kind: str, text: str, context: Mapping[str, Any]) -> str:
    if kind in {"literal_error", "enum"}:
        expected = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        return f"'{name}' value should be one of: {expected}"
    if kind == "string_too_long":
        return f"'{name}' value should be at most {context['max_length']} characters"
    if kind == _NO_DAY:
        return f"'{name}' value should be in yyyy-mm-dd format"
    if kind == "value_error":
        return text.removeprefix("Value error, ")
    return f"'{name}' value is invalid"
