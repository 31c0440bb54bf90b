"""Questions about stored objects: which rows, in which order, from where on (R 8.9).

What is asked is typed by the kind of the column, so that `9 < 10 < 10.5` holds for quantities,
10.00 USD equals 10, and an instant is what it is in whatever zone it was written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum, auto
from zoneinfo import ZoneInfo

from earned.domain.calendar import DAY, WRITTEN_MAX, parse_day, parse_instant
from earned.domain.errors import Invalid, InvalidQuery
from earned.domain.exact import fits, parse_decimal, plain

Row = Mapping[str, object]

_DIGITS_MAX = 40
_WHOLE_MAX = 2**63 - 1
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
# Past this an instant could not be rounded up any more.
_INSTANT_MAX = datetime.max.replace(tzinfo=UTC) - timedelta(seconds=1)


class ValueKind(Enum):
    """What a column holds.

    `KEY` is text compared exactly, `TEXT` without regard to case; `CUSTOM_KEY` and `CUSTOM` are the
    same of custom fields. `AMOUNT` is stored in minor units and asked in major ones, `LAST_DAY` is
    stored half-open and shown as the last day in it.
    """

    KEY = auto()
    TEXT = auto()
    CUSTOM = auto()
    CUSTOM_KEY = auto()
    EXACT = auto()
    AMOUNT = auto()
    WHOLE = auto()
    FLAG = auto()
    DAY = auto()
    LAST_DAY = auto()
    INSTANT = auto()


WORDS = frozenset({ValueKind.KEY, ValueKind.TEXT, ValueKind.CUSTOM, ValueKind.CUSTOM_KEY})


class Operator(StrEnum):
    """How a field is compared. `LIKE` takes a pattern: `%` is any text, `_` any character."""

    EQ = "EQ"
    NE = "NE"
    LT = "LT"
    GT = "GT"
    SW = "SW"
    IN = "IN"
    GE = "GE"
    LE = "LE"
    LIKE = "LIKE"

    def suits(self, kind: ValueKind) -> bool:
        """Texts have a beginning but no order, numbers and dates an order but no beginning."""
        if self in {Operator.EQ, Operator.NE, Operator.IN}:
            return True
        if self is Operator.SW:
            return kind in WORDS
        return kind not in WORDS and kind is not ValueKind.FLAG


@dataclass(frozen=True, slots=True)
class Condition:
    """A column, how to compare it, and with what: one value, or several for IN. None is null."""

    column: str
    kind: ValueKind
    operator: Operator
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """The column that decides the order; rows of equal value, and without one, go by id."""

    column: str
    kind: ValueKind
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """A place between rows: after the row of that id, whose sort column holds `value`.

    Rows stored or removed meanwhile move no other row across it, as counting rows would.
    """

    id: str
    value: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowQuery:
    """Rows of one table that meet every condition, at most `limit` of them.

    With `alternatives`, they meet all conditions of at least one of those too. With `each`, the
    limit counts anew for every value of that column.
    """

    table: str
    conditions: tuple[Condition, ...] = ()
    alternatives: tuple[tuple[Condition, ...], ...] = ()
    sort: Sort | None = None
    after: Position | None = None
    limit: int | None = None
    each: str | None = None


def equal(column: str, *values: object) -> Condition:
    """Return the condition that `column` holds exactly one of `values`."""
    operator = Operator.EQ if len(values) == 1 else Operator.IN
    return Condition(column, ValueKind.KEY, operator, values)


def parse_value(kind: ValueKind, text: str, field: str, zone: ZoneInfo) -> object:
    """Read what a field is compared with. Raises `InvalidQuery`."""
    try:
        value = _PARSERS[kind](text, zone)
    except (Invalid, OverflowError):
        value = None
    if value is None:
        raise InvalidQuery(f"'{field}' value '{text}' should be {_WANTED[kind]}.", field=field)
    return value


def _number(text: str, zone: ZoneInfo) -> Decimal | None:
    """Read a number of any size that a product of two quantities may have, and no more."""
    del zone
    value = parse_decimal(text, "")
    _, digits, exponent = value.as_tuple()
    is_short = len(digits) <= _DIGITS_MAX and abs(int(exponent)) <= _DIGITS_MAX
    return value if is_short else None


def _amount(text: str, zone: ZoneInfo) -> Decimal | None:
    value = _number(text, zone)
    return value if value is not None and fits(value) == (True, True) else None


def _whole(text: str, zone: ZoneInfo) -> int | None:
    value = _number(text, zone)
    if value is None or value != value.to_integral_value():
        return None
    return int(value) if abs(int(value)) <= _WHOLE_MAX else None


def _flag(text: str, zone: ZoneInfo) -> bool | None:
    del zone
    return _FLAGS.get(text.lower())


def _day(text: str, zone: ZoneInfo) -> date:
    del zone
    return parse_day(text, "")


def _last_day(text: str, zone: ZoneInfo) -> date:
    return _day(text, zone) + DAY


def _instant(text: str, zone: ZoneInfo) -> datetime | None:
    # An offset's plus sign that was not percent-encoded arrives as a space.
    plus = text.replace(" ", "+")
    moment = parse_instant(text, zone, WRITTEN_MAX) or parse_instant(plus, zone, WRITTEN_MAX)
    return moment if moment is None or moment < _INSTANT_MAX else None


def _word(text: str, zone: ZoneInfo) -> str | None:
    """Read a text; no database holds a NUL."""
    del zone
    return None if "\x00" in text else text


_PARSERS: Mapping[ValueKind, Callable[[str, ZoneInfo], object]] = {
    ValueKind.KEY: _word,
    ValueKind.TEXT: _word,
    ValueKind.CUSTOM: _word,
    ValueKind.CUSTOM_KEY: _word,
    ValueKind.EXACT: _number,
    ValueKind.AMOUNT: _amount,
    ValueKind.WHOLE: _whole,
    ValueKind.FLAG: _flag,
    ValueKind.DAY: _day,
    ValueKind.LAST_DAY: _last_day,
    ValueKind.INSTANT: _instant,
}


_A_DATE = "a date in yyyy-mm-dd format"
_WANTED: Mapping[ValueKind, str] = {
    ValueKind.KEY: "a text",
    ValueKind.TEXT: "a text",
    ValueKind.CUSTOM: "a text",
    ValueKind.CUSTOM_KEY: "a text",
    ValueKind.EXACT: "a number",
    ValueKind.AMOUNT: "an amount",
    ValueKind.WHOLE: "a whole number",
    ValueKind.FLAG: "true or false",
    ValueKind.DAY: _A_DATE,
    ValueKind.LAST_DAY: _A_DATE,
    ValueKind.INSTANT: "an ISO 8601 date-time",
}


def write_value(kind: ValueKind, value: object) -> str | None:
    """Write a value so that `parse_value` reads the same one."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
    if isinstance(value, date):
        shown = value - DAY if kind is ValueKind.LAST_DAY else value
        return shown.isoformat()
    return None if value is None else str(value)
