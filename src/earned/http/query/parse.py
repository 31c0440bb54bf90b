"""From the parameters of an object query to what is asked; every fault is named at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from earned.domain.errors import InvalidQuery
from earned.domain.query import (
    Condition,
    Operator,
    Position,
    RowQuery,
    Sort,
    ValueKind,
    parse_value,
)
from earned.http.query.cursor import read_cursor
from earned.http.query.faults import Faults
from earned.http.query.fields import Field, QueryObject
from earned.http.query.shape import CUSTOM, Parameters, View, parse_shape
from earned.services.query_objects import ObjectQuery

PAGE_SIZE = 10
PAGE_SIZE_MAX = 99
FILTERS_MAX = 50
LIST_MAX = 200

_FILTER = re.compile(r"([^.:]+)\.([A-Za-z]+):(.*)", re.DOTALL)
_SORT = re.compile(r"([^.]+)\.(ASC|DESC)", re.IGNORECASE)
_LIST = re.compile(r"\[(.+)\]", re.DOTALL)
_NULL = "null"
_TAKE_NULL = frozenset({Operator.EQ, Operator.NE, Operator.IN})
_OPERATORS = {operator.value: operator for operator in Operator if operator is not Operator.LIKE}


@dataclass(frozen=True, slots=True)
class Question:
    """An object query, and how its answer is shown."""

    query: ObjectQuery
    view: View
    nulls: bool


def parse_list(asked: QueryObject, parameters: Parameters, zone: ZoneInfo) -> Question:
    """Read what is asked of a list. Raises `EarnedError` with a problem for every fault."""
    faults = Faults()
    conditions = _conditions(asked, parameters, zone, faults)
    sort = _sort(asked, parameters, faults)
    after = _position(parameters, sort, zone, faults)
    rows = RowQuery(table=asked.table, conditions=conditions, sort=sort, after=after)
    return _question(asked, rows, parameters, faults)


def parse_one(asked: QueryObject, parameters: Parameters) -> Question:
    """Read what is asked of one object: only what shapes the answer counts."""
    return _question(asked, RowQuery(table=asked.table), parameters, Faults())


def _question(
    asked: QueryObject, rows: RowQuery, parameters: Parameters, faults: Faults
) -> Question:
    page_size = _page_size(parameters, faults)
    nulls = _first(parameters, "includenullfields", "") == "true"
    expansions, view = parse_shape(asked, parameters, faults)
    faults.refuse()
    query = ObjectQuery(rows=rows, page_size=page_size, expansions=expansions, tiers=asked.tiers)
    return Question(query, view, nulls)


def _page_size(parameters: Parameters, faults: Faults) -> int:
    text = _first(parameters, "pagesize", str(PAGE_SIZE))
    if re.fullmatch("[0-9]{1,2}", text) and text.strip("0"):
        return int(text)
    faults.add("pageSize", f"'pageSize' value should be between 1 and {PAGE_SIZE_MAX}.")
    return PAGE_SIZE


def _conditions(
    asked: QueryObject, parameters: Parameters, zone: ZoneInfo, faults: Faults
) -> tuple[Condition, ...]:
    written = _all(parameters, "filter[]")
    if len(written) > FILTERS_MAX:
        faults.add("filter[]", f"'filter[]' can be given at most {FILTERS_MAX} times.")
    return tuple(
        condition
        for text in written[:FILTERS_MAX]
        for condition in faults.attempt(_condition, asked, text, zone)
    )


def _condition(asked: QueryObject, text: str, zone: ZoneInfo) -> Condition:
    match = _FILTER.fullmatch(text)
    if match is None:
        raise _bad_filter(f"'filter[]' value '{text}' should be written as field.OPERATOR:value.")
    known = _field(asked, match[1], "filter[]")
    operator = _operator(match[2])
    if not operator.suits(known.kind):
        raise _bad_filter(f"Operator {operator} cannot be used with field '{known.name}'.")
    texts = _list(match[3]) if operator is Operator.IN else [match[3]]
    values = tuple(_value(known, part, zone) for part in texts)
    if None in values and operator not in _TAKE_NULL:
        raise _bad_filter(f"Operator {operator} cannot be used with null.")
    return Condition(known.asked or known.column, known.kind, operator, values)


def _value(known: Field, text: str, zone: ZoneInfo) -> object:
    """Read one value; `null` is None, and ids are written in lower case."""
    if text == _NULL:
        return None
    wanted = text.lower() if known.kind is ValueKind.KEY else text
    return parse_value(known.kind, wanted, known.name, zone)


def _operator(text: str) -> Operator:
    operator = _OPERATORS.get(text.upper())
    if operator is None:
        known = ", ".join(_OPERATORS)
        raise _bad_filter(f"Operator '{text}' should be one of: {known}.")
    return operator


def _list(text: str) -> Sequence[str]:
    match = _LIST.fullmatch(text)
    values = [part.strip() for part in match[1].split(",")] if match else []
    if not 0 < len(values) <= LIST_MAX:
        raise _bad_filter(f"Operator IN takes a list of 1 to {LIST_MAX} values: [a,b].")
    return values


def _sort(asked: QueryObject, parameters: Parameters, faults: Faults) -> Sort | None:
    written = _all(parameters, "sort[]")
    if len(written) > 1:
        faults.add("sort[]", "'sort[]' can be given once, for one field.")
    found = faults.attempt(_sort_by, asked, written[0]) if written else ()
    return found[0] if found else None


def _sort_by(asked: QueryObject, text: str) -> Sort:
    match = _SORT.fullmatch(text)
    if match is None:
        message = f"'sort[]' value '{text}' should be written as field.ASC or field.DESC."
        raise InvalidQuery(message, field="sort[]")
    known = _field(asked, match[1], "sort[]")
    if asked.tiers or known.kind is ValueKind.CUSTOM:
        raise _unusable(known, asked, "sort[]")
    return Sort(known.column, known.kind, descending=match[2].upper() == "DESC")


def _field(asked: QueryObject, name: str, parameter: str) -> Field:
    known = asked.by_name.get(name.strip().lower())
    if known is None and asked.custom and CUSTOM.fullmatch(name):
        return Field(name=name, column=name, kind=ValueKind.CUSTOM)
    if known is None:
        raise InvalidQuery(f"Field '{name}' does not exist on {asked.name}.", field=parameter)
    if known.derived is not None:
        raise _unusable(known, asked, parameter)
    return known


def _position(
    parameters: Parameters, sort: Sort | None, zone: ZoneInfo, faults: Faults
) -> Position | None:
    cursor = _first(parameters, "cursor", "")
    found = faults.attempt(read_cursor, cursor, sort, zone) if cursor else ()
    return found[0] if found else None


def _unusable(known: Field, asked: QueryObject, parameter: str) -> InvalidQuery:
    message = f"Field '{known.name}' of {asked.name} cannot be used in {parameter}."
    return InvalidQuery(message, field=parameter)


def _bad_filter(message: str) -> InvalidQuery:
    return InvalidQuery(message, field="filter[]")


def _first(parameters: Parameters, name: str, default: str) -> str:
    return next((value for known, value in parameters if known.lower() == name), default)


def _all(parameters: Parameters, name: str) -> Sequence[str]:
    return [value for known, value in parameters if known.lower() == name]
