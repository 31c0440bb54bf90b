"""Many rows at once, past the parts of SQLAlchemy that would cost more than the database.

A statement is written once for a table; each row becomes a tuple in which only the columns that
need it are converted. On PostgreSQL new rows travel as one array a column (`unnest`), in one round
trip. Table and column names come from the table definitions, never from a request.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table

Convert = Callable[[Any], Any]
Values = tuple[Any, ...]

_written: dict[tuple[object, ...], "BulkStatement"] = {}


@dataclass(frozen=True, slots=True)
class BulkStatement:
    """How rows of one table are written on one database system."""

    statement: str
    values_of: Callable[[Any], Values]
    conversions: Sequence[tuple[int, Convert]]
    by_column: bool = False

    def execute(self, connection: Connection, rows: Sequence[object]) -> None:
        """Write `rows`."""
        converted = [self._convert(self.values_of(row)) for row in rows]
        if self.by_column:
            columns = tuple(map(list, zip(*converted, strict=True)))
            # Past SQLAlchemy's cursor, which would wait for the answer of a pipelined statement.
            driver: Any = connection.connection.driver_connection
            driver.execute(self.statement, columns)
        else:
            connection.exec_driver_sql(self.statement, converted)

    def _convert(self, values: Values) -> Values:
        changed = list(values)
        for place, convert in self.conversions:
            changed[place] = convert(changed[place])
        return tuple(changed)


def bulk_insert(table: Table, dialect: Dialect, overwrite: Sequence[str] = ()) -> BulkStatement:
    """Return the insert of rows, whose attributes are named as the columns.

    With `overwrite`, a row that is there by primary key has those columns overwritten.
    """
    question = (table.name, dialect.name, *overwrite)
    known = _written.get(question)
    if known is None:
        known = _written[question] = _write_insert(table, dialect, overwrite)
    return known


def bulk_update(table: Table, dialect: Dialect, names: Sequence[str]) -> BulkStatement:
    """Return the update by primary key of the columns `names`, from mappings with both."""
    question = (table.name, dialect.name, "update", *names)
    known = _written.get(question)
    if known is None:
        known = _written[question] = _write_update(table, dialect, names)
    return known


def _write_insert(table: Table, dialect: Dialect, overwrite: Sequence[str]) -> BulkStatement:
    names = [column.name for column in table.columns]
    by_column = dialect.name == "postgresql"
    if by_column:
        arrays = (f"%s::{column.type.compile(dialect)}[]" for column in table.columns)
        source = f"SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608 - Names of ours.
    else:
        source = f"VALUES ({', '.join('?' for _ in names)})"
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) {source}"
    if overwrite:
        keys = ", ".join(column.name for column in table.primary_key)
        changes = ", ".join(f"{name} = excluded.{name}" for name in overwrite)
        statement += f" ON CONFLICT ({keys}) DO UPDATE SET {changes}"
    return BulkStatement(
        statement, attrgetter(*names), _conversions(table, dialect, names), by_column
    )


def _write_update(table: Table, dialect: Dialect, names: Sequence[str]) -> BulkStatement:
    keys = [column.name for column in table.primary_key]
    order = [*names, *keys]
    if dialect.name == "postgresql":
        arrays = (f"%s::{table.c[name].type.compile(dialect)}[]" for name in order)
        source = f"FROM unnest({', '.join(arrays)}) AS new ({', '.join(order)})"
        changes = ", ".join(f"{name} = new.{name}" for name in names)
        these = " AND ".join(f"{table.name}.{name} = new.{name}" for name in keys)
        statement = f"UPDATE {table.name} SET {changes} {source} WHERE {these}"  # noqa: S608
    else:
        changes = ", ".join(f"{name} = ?" for name in names)
        these = " AND ".join(f"{name} = ?" for name in keys)
        statement = f"UPDATE {table.name} SET {changes} WHERE {these}"  # noqa: S608
    return BulkStatement(
        statement,
        itemgetter(*order),
        _conversions(table, dialect, order),
        by_column=dialect.name == "postgresql",
    )


def _conversions(
    table: Table, dialect: Dialect, names: Sequence[str]
) -> Sequence[tuple[int, Convert]]:
    found = []
    for place, name in enumerate(names):
        convert = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        if convert:
            found.append((place, convert))
    return found


def changed_names(table: Table, change: Mapping[str, object]) -> Sequence[str]:
    """Return the columns a change sets: all it names but the primary key."""
    return [name for name in change if not table.c[name].primary_key]
