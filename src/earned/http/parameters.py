"""Query parameters: those an operation documents, checked for what every flag must be."""

from collections.abc import Sequence
from functools import cache

from earned.domain.errors import EarnedError, Invalid, Kind, MissingParameter, Problem
from earned.http.dialect import Dialect
from earned.http.operation import Call, Operation, Parameter

REJECT_UNKNOWN_FIELDS = Parameter(
    "rejectUnknownFields",
    "Whether the call fails if the request body contains unknown fields.",
    {"type": "boolean", "default": False},
)
_FLAGS = frozenset({"true", "false"})


def check_parameters(operation: Operation, query: Sequence[tuple[str, str]]) -> None:
    """Refuse a query without a required parameter, or with a flag that is not true or false."""
    for parameter in parameters_of(operation):
        values = [value for name, value in query if name == parameter.name]
        if parameter.required and not any(values):
            raise MissingParameter(f"'{parameter.name}' may not be null", field=parameter.name)
        if parameter.schema.get("type") == "boolean" and not _FLAGS.issuperset(values):
            message = f"'{parameter.name}' value should be one of: true, false"
            kind = Kind.INVALID_QUERY if operation.dialect is Dialect.QUERY else Kind.INVALID
            raise EarnedError([Problem(kind, message, parameter.name)])


@cache
def parameters_of(operation: Operation) -> tuple[Parameter, ...]:
    """Return the query parameters of an operation.

    Operations on objects that take a payload have one in common.
    """
    if not operation.dialect.is_crud or operation.body is None:
        return operation.parameters
    own = [name for name in operation.parameters if name.name != REJECT_UNKNOWN_FIELDS.name]
    return (*own, REJECT_UNKNOWN_FIELDS)


def choice_of(call: Call, name: str, allowed: Sequence[str]) -> str:
    """Return one of the values that a parameter may have, the first if it is unset."""
    value = call.first(name) or allowed[0]
    if value not in allowed:
        raise Invalid(f"'{name}' value should be one of: {', '.join(allowed)}", field=name)
    return value
