"""What a ZOQL statement says, and what its conditions mean (R 8.10).

Texts are compared with regard to case, unlike in object queries; nulls, numbers, amounts and dates
as there. Between conditions `and` binds tighter than `or`: a statement is a list of alternatives,
each a list of conditions that all hold.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from zoneinfo import ZoneInfo

from earned.domain.errors import Invalid, InvalidQuery
from earned.domain.query import WORDS, Condition, Operator, ValueKind, parse_value

CONDITIONS_MAX = 200
WILDCARDS_MAX = 2
PATTERN_MAX = 1000


class LiteralKind(Enum):
    """How a value is written: in quotes, as a number, `true` or `false`, or `null`."""

    STRING = auto()
    NUMBER = auto()
    FLAG = auto()
    NULL = auto()


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it is written, without its quotes."""

    kind: LiteralKind
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field, an operator, and what the field is compared with."""

    field: str
    operator: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class Statement:
    """Which fields of which object, and the alternatives that its conditions leave."""

    fields: tuple[str, ...]
    object_name: str
    alternatives: tuple[tuple[Comparison, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A field that is asked by: the column it stands for, and how its stored values are spelled."""

    name: str
    column: str
    kind: ValueKind
    spelled: Mapping[str, str]


OPERATORS: Mapping[str, Operator] = {
    "=": Operator.EQ,
    "!=": Operator.NE,
    "<": Operator.LT,
    "<=": Operator.LE,
    ">": Operator.GT,
    ">=": Operator.GE,
    "like": Operator.LIKE,
}

_EQUALITY = frozenset({Operator.EQ, Operator.NE})
_DATES = frozenset({ValueKind.DAY, ValueKind.LAST_DAY, ValueKind.INSTANT})
_OFFSET = re.compile(r"T.*(?:Z|[+-][0-9]{2}:?[0-9]{2})", re.DOTALL)
_CASED = {ValueKind.TEXT: ValueKind.KEY, ValueKind.CUSTOM: ValueKind.CUSTOM_KEY}


def conditions_of(asked: Asked, comparison: Comparison, zone: ZoneInfo) -> tuple[Condition, ...]:
    """Return what a comparison asks of the rows; all of it holds.

    Raises `InvalidQuery` for an operator that the field does not have, `Invalid` for a value that
    it cannot have.
    """
    operator = OPERATORS[comparison.operator]
    _check_operator(asked, operator, comparison)
    kind = _CASED.get(asked.kind, asked.kind)
    if comparison.literal.kind is LiteralKind.NULL:
        return (Condition(asked.column, kind, operator, (None,)),)
    _check_literal(asked, comparison.literal)
    if asked.spelled:
        return _spelled(asked, operator, comparison.literal.text)
    return (Condition(asked.column, kind, operator, (_value(asked, comparison, zone),)),)


def _check_operator(asked: Asked, operator: Operator, comparison: Comparison) -> None:
    is_null = comparison.literal.kind is LiteralKind.NULL
    if is_null and operator not in _EQUALITY:
        raise InvalidQuery(f"Operator {comparison.operator} cannot be used with null.")
    is_flag, is_word = asked.kind is ValueKind.FLAG, asked.kind in WORDS
    if operator in _EQUALITY:
        return
    if is_flag or asked.spelled or (operator is Operator.LIKE and not is_word):
        raise InvalidQuery(
            f"Operator {comparison.operator} cannot be used with field '{asked.name}'."
        )
    if operator is Operator.LIKE:
        _check_pattern(comparison.literal.text)


def _check_pattern(pattern: str) -> None:
    """Refuse a pattern that would take a database long to match, or that it cannot read."""
    if pattern.count("%") > WILDCARDS_MAX:
        raise InvalidQuery(f"A pattern has at most {WILDCARDS_MAX} percent signs.")
    if len(pattern) > PATTERN_MAX:
        raise InvalidQuery(f"A pattern has at most {PATTERN_MAX} characters.")


def _check_literal(asked: Asked, literal: Literal) -> None:
    """Refuse a value that is written as one of another kind."""
    if asked.kind is ValueKind.CUSTOM:
        return
    if asked.kind in WORDS or asked.kind in _DATES:
        wanted, is_fit = "in single quotes", literal.kind is LiteralKind.STRING
    elif asked.kind is ValueKind.FLAG:
        wanted, is_fit = "true or false", literal.kind is not LiteralKind.NUMBER
    else:
        wanted, is_fit = "a number", literal.kind is not LiteralKind.FLAG
    if not is_fit:
        raise Invalid(f"'{asked.name}' value {literal.text} should be {wanted}.", field=asked.name)


def _spelled(asked: Asked, operator: Operator, text: str) -> tuple[Condition, ...]:
    """Compare with every stored value that is spelled as `text`."""
    stored = [value for value, shown in asked.spelled.items() if shown == text]
    if text not in asked.spelled:
        stored.append(text)
    if operator is Operator.EQ:
        return (Condition(asked.column, ValueKind.KEY, Operator.IN, tuple(stored)),)
    return tuple(Condition(asked.column, ValueKind.KEY, Operator.NE, (value,)) for value in stored)


def _value(asked: Asked, comparison: Comparison, zone: ZoneInfo) -> object:
    """Read a value. Ids are stored in lower case, so they are asked in it."""
    text = comparison.literal.text
    if asked.kind is ValueKind.INSTANT and not _OFFSET.search(text):
        message = f"'{asked.name}' value '{text}' should be a dateTime with an offset."
        raise Invalid(message, field=asked.name)
    wanted = text.lower() if asked.kind is ValueKind.KEY else text
    try:
        return parse_value(asked.kind, wanted, asked.name, zone)
    except InvalidQuery as fault:
        raise Invalid(str(fault), field=asked.name) from None
