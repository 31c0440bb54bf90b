"""The shape of every report: columns, rows and totals, the same over HTTP and in a file.

Amounts are exact decimals in major units with the decimals of their currency; amounts of different
currencies are never added.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from earned.domain.exact import subtract
from earned.domain.money import Currency, major

Value = str | date | Decimal | int | bool | None
Row = Sequence[Value]

COMPARED, CHANGE = "Compared", "Change"

_Pair = tuple[Row | None, Row | None]


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    DAY = "day"
    STATUS = "status"
    FLAG = "flag"
    COUNT = "count"
    UNITS = "units"
    AMOUNT = "amount"

    @property
    def is_number(self) -> bool:
        """Whether two values of it have a difference."""
        return self in {Kind.COUNT, Kind.UNITS, Kind.AMOUNT}


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its wire name. The key columns together tell rows apart.

    A column of an accounting period has the period's own name, and says whether what lies in it is
    recognised.
    """

    name: str
    kind: Kind = Kind.TEXT
    is_key: bool = False
    period: "PeriodOf | None" = None

    @property
    def identity(self) -> tuple[str, bool]:
        """What tells it from other columns: a period may have any name."""
        return self.name, self.period is not None


@dataclass(frozen=True, slots=True)
class PeriodOf:
    """The accounting period a column is of, and which of its three figures: its own, or two more.

    `figure` is empty, `Compared` or `Change`.
    """

    name: str
    status: str | None
    start_date: date | None
    end_date: date | None
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A table with its totals, one row of totals for each currency at least.

    Of a long one, only some of the rows may be here: `skipped` says how many come before them.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    totals: Sequence[Row] = ()
    skipped: int = 0

    def window(self, wanted: "Window") -> Sequence[Row]:
        """Return the rows that are wanted, all of which are here."""
        start = wanted.offset - self.skipped
        return self.rows[start : start + wanted.limit]


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a long report are wanted."""

    offset: int
    limit: int


def amount(minor: int, currency: str) -> Decimal:
    """Return minor units as a report shows them."""
    return major(minor, Currency.of(currency))


def compare(report: Report, other: Report) -> Report:
    """Set a report beside the same report of another moment, row by row.

    Each number gets two companions: what it is in the other report, and the change from there. A
    row or a period that only one of them has counts as zero in the other.
    """
    plan = list(_plan(report.columns, other.columns))
    return Report(
        report.name,
        [column for column, _ in plan],
        _beside(report.rows, other.rows, report, other, plan),
        _beside(report.totals, other.totals, report, other, plan),
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a column of a comparison comes from: places in both rows, and which figure it is."""

    here: int | None
    there: int | None
    figure: str = ""


def _plan(columns: Sequence[Column], others: Sequence[Column]) -> Iterator[tuple[Column, _Source]]:
    """Yield the columns of a comparison, in the order of the report that has more of them."""
    ours = {column.identity: place for place, column in enumerate(columns)}
    theirs = {column.identity: place for place, column in enumerate(others)}
    for column in columns if len(columns) >= len(others) else others:
        here, there = ours.get(column.identity), theirs.get(column.identity)
        own = columns[here] if here is not None else column
        yield from _figures(own, others[there] if there is not None else None, _Source(here, there))


def _figures(
    column: Column, other: Column | None, source: _Source
) -> Iterator[tuple[Column, _Source]]:
    yield column, source
    figures = (COMPARED, CHANGE) if column.kind.is_number else (COMPARED,)
    if column.is_key or not (column.kind.is_number or column.kind is Kind.STATUS):
        return
    for figure in figures:
        period = column.period and replace(column.period, figure=figure)
        if period and figure == COMPARED:
            period = replace(period, status=other.period.status if other and other.period else None)
        name = f"{column.name} {figure.lower()}" if period else f"{column.name}{figure}"
        yield replace(column, name=name, period=period), replace(source, figure=figure)


def _beside(
    rows: Sequence[Row],
    others: Sequence[Row],
    report: Report,
    other: Report,
    plan: Sequence[tuple[Column, _Source]],
) -> Sequence[Row]:
    known = _by_key(others, other.columns)
    ours = _by_key(rows, report.columns)
    pairs: list[tuple[Row | None, Row | None]] = [
        (row, known.get(key)) for key, row in ours.items()
    ]
    pairs += [(None, row) for key, row in known.items() if key not in ours]
    return [[_value(column, source, pair) for column, source in plan] for pair in pairs]


def _by_key(rows: Sequence[Row], columns: Sequence[Column]) -> Mapping[tuple[Value, ...], Row]:
    keys = [place for place, column in enumerate(columns) if column.is_key]
    return {tuple(row[place] for place in keys): row for row in rows}


def _value(column: Column, source: _Source, pair: _Pair) -> Value:
    row, other = pair
    here = row[source.here] if row is not None and source.here is not None else None
    there = other[source.there] if other is not None and source.there is not None else None
    if not column.kind.is_number:
        return there if source.figure or here is None else here
    if here is None and there is None:
        return None
    values = {"": _number(here, there), COMPARED: _number(there, here)}
    if source.figure == CHANGE:
        return _change(values[""], values[COMPARED])
    return values[source.figure]


def _number(value: Value, model: Value) -> Decimal | int:
    """Return a number, or the zero that is written like `model`."""
    if isinstance(value, Decimal | int):
        return value
    if isinstance(model, Decimal):
        exponent = model.as_tuple().exponent
        assert isinstance(exponent, int)
        return Decimal(0).scaleb(min(exponent, 0))
    return 0


def _change(value: Decimal | int, other: Decimal | int) -> Decimal | int:
    if isinstance(value, Decimal) and isinstance(other, Decimal):
        return subtract(value, other)
    return int(value) - int(other)
