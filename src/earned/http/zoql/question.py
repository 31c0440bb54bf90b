"""From a ZOQL statement to what is asked of the books."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from earned.domain.errors import Invalid
from earned.domain.query import Condition, Position, RowQuery, ValueKind
from earned.domain.zoql import Asked, Comparison, Statement, conditions_of
from earned.http.query.fields import Field, QueryObject
from earned.http.query.shape import CUSTOM, View
from earned.http.zoql.grammar import parse_statement
from earned.http.zoql.objects import ZOQL_OBJECTS
from earned.services.query_objects import ObjectQuery

_ID = "id"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how what is found is shown."""

    rows: RowQuery
    tiers: bool
    view: View

    def page(self, after: Position | None, size: int) -> ObjectQuery:
        """Return the query for the page after a position."""
        rows = RowQuery(
            table=self.rows.table,
            conditions=self.rows.conditions,
            alternatives=self.rows.alternatives,
            after=after,
        )
        return ObjectQuery(rows=rows, page_size=size, tiers=self.tiers)


def parse_question(text: str, zone: ZoneInfo) -> Question:
    """Read a query. Raises `EarnedError` for the first thing that is wrong with it."""
    statement = parse_statement(text)
    asked = _object(statement)
    names = frozenset(_known(asked, name).name.lower() for name in statement.fields)
    alternatives = tuple(
        tuple(
            condition for comparison in every for condition in _conditions(asked, comparison, zone)
        )
        for every in statement.alternatives
    )
    view = View(asked, names | {_ID}, {})
    if len(alternatives) == 1:
        rows = RowQuery(table=asked.table, conditions=alternatives[0])
    else:
        rows = RowQuery(table=asked.table, alternatives=alternatives)
    return Question(rows, asked.tiers, view)


def _object(statement: Statement) -> QueryObject:
    known = ZOQL_OBJECTS.get(statement.object_name.lower())
    if known is None:
        message = f"invalid type for query: {statement.object_name}"
        raise Invalid(message, code="INVALID_TYPE")
    return known


def _conditions(
    asked: QueryObject, comparison: Comparison, zone: ZoneInfo
) -> tuple[Condition, ...]:
    known = _known(asked, comparison.field)
    if known.derived is not None:
        message = f"Cannot use the {known.name} field of {asked.name} in the where clause"
        raise Invalid(message, code="INVALID_FIELD")
    column = known.asked or known.column
    return conditions_of(Asked(known.name, column, known.kind, known.spelled), comparison, zone)


def _known(asked: QueryObject, name: str) -> Field:
    known = asked.by_name.get(name.lower())
    if known is not None:
        return known
    if asked.custom and CUSTOM.fullmatch(name):
        return Field(name=name, column=name, kind=ValueKind.CUSTOM)
    message = f"invalid field for query: {asked.name}.{name.lower()}"
    raise Invalid(message, code="INVALID_FIELD")
