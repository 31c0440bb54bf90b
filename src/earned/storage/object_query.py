"""Rows for object queries: conditions, order and positions, exact on both databases."""

import operator as compare
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    UnaryExpression,
    and_,
    case,
    cast,
    collate,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.sql.selectable import NamedFromClause

from earned.domain.exact import multiply
from earned.domain.money import SCALE_MAX, SCALE_USUAL, SCALES
from earned.domain.query import (
    WORDS,
    Condition,
    Operator,
    Position,
    Row,
    RowQuery,
    Sort,
    ValueKind,
)
from earned.domain.tenancy import Scope
from earned.storage.repository import visible_rows
from earned.storage.selections import OWNER_LENGTH, asked_rows, owner_of
from earned.storage.types import Instant, Whole

Clause = ColumnElement[bool]
Expression = ColumnElement[Any]
Comparison = Callable[[Any, Any], Any]

_ORDER: dict[Operator, Comparison] = {
    Operator.LT: compare.lt,
    Operator.GT: compare.gt,
    Operator.LE: compare.le,
    Operator.GE: compare.ge,
}
_NARROW = frozenset({Operator.EQ, Operator.IN})
_PLUS = custom_op[Any]("+", precedence=15)
_GLOB = str.maketrans({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"})
_PAST_HEX = "g"
_MICROSECOND = timedelta(microseconds=1)
_MILLISECOND = timedelta(milliseconds=1)


def find_rows(connection: Connection, scope: Scope, query: RowQuery) -> Sequence[Row]:
    """Return the rows that are asked for: visible in the scope, and not deleted."""
    table = asked_rows(query.table)
    terms = _Terms(table, connection.dialect.name)
    clauses = [*terms.visible(scope, query), *(terms.meets(row) for row in query.conditions)]
    if query.alternatives:
        clauses.append(or_(*(terms.meets_all(every) for every in query.alternatives)))
    if query.after is not None:
        clauses.append(terms.after(query.sort, query.after))
    if query.each is None:
        statement = select(table).where(*clauses).order_by(*terms.order(query.sort))
        statement = statement.limit(query.limit)
    else:
        statement = _first_of_each(table, clauses, query.each, query.limit)
    return [dict(row) for row in connection.execute(statement).mappings()]


def _first_of_each(
    table: NamedFromClause, clauses: Sequence[Clause], each: str, limit: int | None
) -> Select[Any]:
    place = func.row_number().over(partition_by=table.c[each], order_by=table.c.id)
    ranked = select(table, place.label("place_of_each")).where(*clauses).subquery()
    columns = [ranked.c[column.name] for column in table.c]
    return select(*columns).where(ranked.c.place_of_each <= limit).order_by(ranked.c.id)


class _Terms:
    """The columns of a table or selection as they are compared in one database."""

    def __init__(self, table: NamedFromClause, dialect: str) -> None:
        self._table = table
        self._owner = owner_of(table)
        self._is_sqlite = dialect == "sqlite"

    def visible(self, scope: Scope, query: RowQuery) -> Sequence[Clause]:
        """Return the clauses for what the scope may see. Deleted rows are seen by nobody."""
        table = self._table
        clauses = [self._entity(query) == scope.entity_id]
        organized = visible_rows(table, scope.organization_ids)
        if organized is not None:
            clauses.append(organized)
        clauses += [self._owned(one) for one in query.conditions if self._owner is not None]
        if "deleted" in table.c:
            clauses.append(table.c.deleted == literal(False, table.c.deleted.type))  # noqa: FBT003
        return clauses

    def _owned(self, condition: Condition) -> Clause:
        """Narrow the rows of certain ids, which no index has, by what they are of."""
        owner = self._owner
        if owner is None or condition.column != "id" or condition.operator not in _NARROW:
            return true()
        begins = [str(value)[:OWNER_LENGTH] for value in condition.values]
        return or_(*(and_(owner >= begin, owner < begin + _PAST_HEX) for begin in begins))

    def _entity(self, query: RowQuery) -> Expression:
        """Return the entity's column.

        Where no key narrows the rows, SQLite must not look them up by entity, all of them, only to
        sort them by id: the plus sign keeps it on the primary key, where a page is ten rows away.
        """
        column = self._table.c.entity_id
        has_key = any(
            condition.kind is ValueKind.KEY and condition.operator in _NARROW
            for condition in query.conditions
            if self._owner is None or condition.column != "id"
        )
        if has_key or not self._is_sqlite:
            return column
        return UnaryExpression(column, operator=_PLUS, type_=column.type)

    def meets(self, condition: Condition) -> Clause:
        """Return the clause for a condition. What does not match includes what is null."""
        expression = self._expression(condition.column, condition.kind)
        match condition.operator:
            case Operator.NE:
                return self._differs(expression, condition.kind, condition.values[0])
            case Operator.IN:
                return self._is_any(expression, condition.kind, condition.values)
            case Operator.EQ:
                return self._is(expression, condition.kind, condition.values[0])
            case Operator.SW:
                return _begins(expression, str(condition.values[0]))
            case Operator.LIKE:
                return self._like(expression, str(condition.values[0]))
            case _:
                return self._compares(expression, condition)

    def meets_all(self, conditions: Sequence[Condition]) -> Clause:
        """Return the clause for conditions that all hold."""
        return and_(true(), *map(self.meets, conditions))

    def order(self, sort: Sort | None) -> Sequence[Expression]:
        """Order by the sort column, nulls last whatever the direction, and then by id."""
        key = self._table.c.id
        if sort is None:
            return [key.asc()] if self._owner is None else [self._owner.asc(), key.asc()]
        expression = self._sorted(sort.column, sort.kind)
        nulls = [expression.is_(None)] if self._has_nulls(sort) else []
        if sort.descending:
            return [*nulls, expression.desc(), key.desc()]
        return [*nulls, expression.asc(), key.asc()]

    def after(self, sort: Sort | None, position: Position) -> Clause:
        """Return the clause for rows behind a position in that order."""
        key = self._table.c.id
        if sort is None and self._owner is not None:
            return and_(self._owner >= position.id[:OWNER_LENGTH], key > position.id)
        if sort is None:
            return key > position.id
        behind: Comparison = compare.lt if sort.descending else compare.gt
        expression = self._sorted(sort.column, sort.kind)
        further: Clause = behind(key, position.id)
        if position.value is None:
            return and_(expression.is_(None), further)
        value = _bound(expression, sort.kind, _stored(sort.kind, position.value))
        same = and_(expression == value, further)
        ahead = or_(behind(expression, value), same)
        return or_(ahead, expression.is_(None)) if self._has_nulls(sort) else ahead

    def _has_nulls(self, sort: Sort) -> bool:
        return bool(getattr(self._table.c[sort.column], "nullable", True))

    def _expression(self, column: str, kind: ValueKind) -> Expression:
        if kind in {ValueKind.CUSTOM, ValueKind.CUSTOM_KEY}:
            return self._custom(column)
        if kind is ValueKind.AMOUNT:
            return _comparable_amount(self._table, column)
        return self._table.c[column]

    def _sorted(self, column: str, kind: ValueKind) -> Expression:
        """Return the expression to order by: text by its bytes, decimals by their value."""
        expression = self._expression(column, kind)
        if kind in WORDS:
            return expression if self._is_sqlite else collate(expression, "C")
        if kind is ValueKind.EXACT and self._is_sqlite:
            return collate(expression, "exact")
        return expression

    def _custom(self, name: str) -> Expression:
        """Return a custom field as text: a string as it is, anything else as JSON writes it."""
        fields = type_coerce(self._table.c.custom_fields, Text)
        if not self._is_sqlite:
            # PostgreSQL cannot unfold a string with a NUL in it, and fails on trying.
            unreadable = func.strpos(fields, "\\u0000") > 0
            return case((unreadable, None), else_=cast(fields, JSON)[name].astext)
        path = f'$."{name}"'
        kind = func.json_type(fields, path)
        return case(
            (kind == "text", func.json_extract(fields, path)),
            (kind == "null", None),
            else_=fields.op("->")(path),
        )

    def _is(self, expression: Expression, kind: ValueKind, value: object) -> Clause:
        if value is None:
            return expression.is_(None)
        if kind in {ValueKind.TEXT, ValueKind.CUSTOM}:
            return func.lower(expression) == func.lower(literal(value, Text))
        if kind in {ValueKind.AMOUNT, ValueKind.INSTANT}:
            low, high = _span(kind, value)
            return and_(expression >= low, expression < high)
        return expression == _bound(expression, kind, value)

    def _is_any(self, expression: Expression, kind: ValueKind, values: Sequence[object]) -> Clause:
        if kind is ValueKind.KEY and None not in values:
            return expression.in_(values)
        return or_(false(), *(self._is(expression, kind, value) for value in values))

    def _differs(self, expression: Expression, kind: ValueKind, value: object) -> Clause:
        if value is None:
            return expression.is_not(None)
        return or_(expression.is_(None), not_(self._is(expression, kind, value)))

    def _compares(self, expression: Expression, condition: Condition) -> Clause:
        kind, value = condition.kind, condition.values[0]
        if kind in {ValueKind.AMOUNT, ValueKind.INSTANT}:
            return _beyond(expression, condition.operator, _span(kind, value))
        ordered = self._sorted(condition.column, kind)
        clause: Clause = _ORDER[condition.operator](ordered, _bound(expression, kind, value))
        return clause

    def _like(self, expression: Expression, pattern: str) -> Clause:
        """Match a pattern with regard to case, for which the databases have different words."""
        if self._is_sqlite:
            return expression.op("GLOB", is_comparison=True)(literal(_glob(pattern), Text))
        escaped = pattern.replace("\\", "\\\\")
        return expression.op("LIKE", is_comparison=True)(literal(escaped, Text))


def _begins(expression: Expression, start: str) -> Clause:
    """Compare the first characters, so that `%` and `_` are characters like others."""
    beginning = func.substr(expression, 1, len(start))
    return func.lower(beginning) == func.lower(literal(start, Text))


def _glob(pattern: str) -> str:
    """Write a pattern as SQLite's `GLOB` does; what is special there stands for itself in it."""
    return pattern.translate(_GLOB)


def _bound(expression: Expression, kind: ValueKind, value: object) -> Expression:
    return literal(value, Text() if kind in WORDS else expression.type)


def _comparable_amount(table: NamedFromClause, column: str) -> Expression:
    """Return an amount in the smallest unit of any currency, so that currencies compare.

    The factors are written out: hundreds of conditions would be thousands of parameters otherwise.
    """
    return table.c[column] * literal_column(_FACTOR.format(table=table.name), Whole)


_FACTOR = (
    "CASE {table}.currency "
    + " ".join(f"WHEN '{code}' THEN {10 ** (SCALE_MAX - scale)}" for code, scale in SCALES.items())
    + f" ELSE {10 ** (SCALE_MAX - SCALE_USUAL)} END"
)


def _stored(kind: ValueKind, value: object) -> object:
    """Return a sort value as the expression that is sorted by holds it."""
    if kind is not ValueKind.AMOUNT:
        return value
    assert isinstance(value, Decimal)
    return int(multiply(value, Decimal(10**SCALE_MAX)))


def _span(kind: ValueKind, value: object) -> tuple[Expression, Expression]:
    """Return the half-open range of stored values that are shown as `value`.

    Instants are shown in milliseconds; an amount finer than any currency is no stored value.
    """
    if kind is ValueKind.INSTANT:
        assert isinstance(value, datetime)
        is_shown = value.microsecond % 1000 == 0
        end = value + (_MILLISECOND if is_shown else _MICROSECOND)
        return literal(value, Instant()), literal(end, Instant())
    assert isinstance(value, Decimal)
    exact = multiply(value, Decimal(10**SCALE_MAX))
    low = exact.to_integral_value(ROUND_CEILING)
    return literal(int(low), Whole), literal(int(low) + (low == exact), Whole)


def _beyond(
    expression: Expression, operator: Operator, span: tuple[Expression, Expression]
) -> Clause:
    low, high = span
    match operator:
        case Operator.LT:
            return expression < low
        case Operator.GE:
            return expression >= low
        case Operator.LE:
            return expression < high
        case _:
            return expression >= high
