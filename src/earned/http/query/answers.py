"""Models of what object queries answer, for the description of the API."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, WithJsonSchema, create_model

from earned.domain.query import ValueKind
from earned.http.query.fields import Field, QueryObject

_Number = Annotated[Decimal, WithJsonSchema({"type": "number"})]
_TYPES: Mapping[ValueKind, Any] = {
    ValueKind.KEY: str,
    ValueKind.TEXT: str,
    ValueKind.EXACT: _Number,
    ValueKind.AMOUNT: _Number,
    ValueKind.WHOLE: int,
    ValueKind.FLAG: bool,
    ValueKind.DAY: date,
    ValueKind.LAST_DAY: date,
    ValueKind.INSTANT: datetime,
}


class _Answer(BaseModel):
    """Custom fields come beside what is described."""

    model_config = ConfigDict(extra="allow")


def object_answer(asked: QueryObject) -> type[BaseModel]:
    """Return the model of one object. Only its id is always there; relations come if expanded."""
    fields: dict[str, Any] = {known.name: (_type_of(known) | None, None) for known in asked.fields}
    for link in asked.links:
        shape = list[dict[str, Any]] if link.relation.many else dict[str, Any]
        fields[link.name] = (shape | None, None)
    fields["id"] = (str, ...)
    model: type[BaseModel] = create_model(f"Expanded{asked.name}", __base__=_Answer, **fields)
    return model


def page_answer(asked: QueryObject, answer: type[BaseModel]) -> type[BaseModel]:
    """Return the model of a page of objects."""
    name = f"{asked.list_id[0].upper()}{asked.list_id[1:]}Response"
    model: type[BaseModel] = create_model(
        name,
        __base__=_Answer,
        nextPage=(str | None, None),
        data=(list[answer], ...),  # type: ignore[valid-type]
    )
    return model


def _type_of(known: Field) -> Any:  # noqa: ANN401 - A type, or none in particular.
    return Any if known.derived else _TYPES[known.kind]
