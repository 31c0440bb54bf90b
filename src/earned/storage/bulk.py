"""Many rows at once, past the parts of SQLAlchemy that would cost more than the database.

The statement is made once for a table; each row becomes a tuple in which only the columns that
need it are converted. On PostgreSQL the rows travel as one array a column (`unnest`), in one round
trip.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table

Convert = Callable[[Any], Any]

_made: dict[tuple[str, str], "BulkInsert"] = {}


@dataclass(frozen=True, slots=True)
class BulkInsert:
    """How rows of one table are written on one database system."""

    statement: str
    values_of: Callable[[Any], tuple[Any, ...]]
    conversions: Sequence[tuple[int, Convert]]
    by_column: bool

    def execute(self, connection: Connection, rows: Sequence[object]) -> None:
        """Insert `rows`, whose attributes are named as the columns."""
        converted = [self._convert(self.values_of(row)) for row in rows]
        if self.by_column:
            columns = tuple(map(list, zip(*converted, strict=True)))
            connection.exec_driver_sql(self.statement, columns)
        else:
            connection.exec_driver_sql(self.statement, converted)

    def _convert(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        changed = list(values)
        for place, convert in self.conversions:
            changed[place] = convert(changed[place])
        return tuple(changed)


def bulk_insert(table: Table, dialect: Dialect) -> BulkInsert:
    """Return the insert into all columns of `table`."""
    known = _made.get((table.name, dialect.name))
    if known is None:
        known = _made[table.name, dialect.name] = _make(table, dialect)
    return known


def _make(table: Table, dialect: Dialect) -> BulkInsert:
    names = [column.name for column in table.columns]
    processors = [
        column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns
    ]
    conversions = [(place, convert) for place, convert in enumerate(processors) if convert]
    target = f"INSERT INTO {table.name} ({', '.join(names)})"
    by_column = dialect.name == "postgresql"
    if by_column:
        types = [column.type.compile(dialect) for column in table.columns]
        arrays = ", ".join(f"%s::{kind}[]" for kind in types)
        statement = f"{target} SELECT * FROM unnest({arrays})"
    else:
        statement = f"{target} VALUES ({', '.join('?' for _ in names)})"
    return BulkInsert(statement, attrgetter(*names), conversions, by_column)
