"""Many rows at once, past the parts of SQLAlchemy that would cost more than the database.

A statement is written once for a table. On SQLite it is executed for a tuple a row, in which only
the columns that need it are converted. On PostgreSQL all rows travel in one JSON document, written
in C from the domain values and read by `json_populate_recordset` with the types of the table: one
parameter and one round trip, where arrays (`unnest`) cost the driver 25 lists of Python values.
Table and column names come from the table definitions, never from a request.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, Dialect, Table

Convert = Callable[[Any], Any]
Values = tuple[Any, ...]

_encode = msgspec.json.Encoder(decimal_format="number").encode
_written: dict[tuple[object, ...], "BulkStatement"] = {}


class BulkStatement(Protocol):
    """A way to write rows of one table."""

    def execute(self, connection: Connection, rows: Sequence[object]) -> None:
        """Write `rows`."""


@dataclass(frozen=True, slots=True)
class JsonStatement:
    """One statement for all rows, which are its one parameter (PostgreSQL)."""

    statement: str

    def execute(self, connection: Connection, rows: Sequence[object]) -> None:
        """Write `rows`: dataclasses or mappings named as the columns."""
        # Past SQLAlchemy's cursor, which would wait for the answer of a pipelined statement.
        driver: Any = connection.connection.driver_connection
        driver.execute(self.statement, (_encode(rows).decode(),))


@dataclass(frozen=True, slots=True)
class TupleStatement:
    """A statement executed for each row (SQLite)."""

    statement: str
    values_of: Callable[[Any], Values]
    conversions: Sequence[tuple[int, Convert]]

    def execute(self, connection: Connection, rows: Sequence[object]) -> None:
        """Write `rows`."""
        driver: Any = connection.connection.driver_connection
        driver.executemany(self.statement, [self._convert(self.values_of(row)) for row in rows])

    def _convert(self, values: Values) -> Values:
        changed = list(values)
        for place, convert in self.conversions:
            changed[place] = convert(changed[place])
        return tuple(changed)


def bulk_insert(table: Table, dialect: Dialect, overwrite: Sequence[str] = ()) -> BulkStatement:
    """Return the insert of rows, whose attributes are named as the columns.

    With `overwrite`, a row that is there by primary key has those columns overwritten.
    """
    question = (table.name, dialect.name, "insert", *overwrite)
    if question not in _written:
        _written[question] = _write_insert(table, dialect, overwrite)
    return _written[question]


def bulk_update(table: Table, dialect: Dialect, change: Mapping[str, object]) -> BulkStatement:
    """Return the update by primary key from mappings with the same names as `change`."""
    question = (table.name, dialect.name, "update", *change)
    if question not in _written:
        names = [name for name in change if not table.c[name].primary_key]
        _written[question] = _write_update(table, dialect, names)
    return _written[question]


def _write_insert(table: Table, dialect: Dialect, overwrite: Sequence[str]) -> BulkStatement:
    names = [column.name for column in table.columns]
    columns = ", ".join(names)
    keys = ", ".join(column.name for column in table.primary_key)
    changes = ", ".join(f"{name} = excluded.{name}" for name in overwrite)
    conflict = f" ON CONFLICT ({keys}) DO UPDATE SET {changes}" if overwrite else ""
    target = f"INSERT INTO {table.name} ({columns})"
    if dialect.name == "postgresql":
        source = f"SELECT {columns} FROM {_recordset(table)}"  # noqa: S608 - Names of ours.
        return JsonStatement(f"{target} {source}{conflict}")
    marks = ", ".join("?" for _ in names)
    statement = f"{target} VALUES ({marks}){conflict}"
    return TupleStatement(statement, attrgetter(*names), _conversions(table, names))


def _write_update(table: Table, dialect: Dialect, names: Sequence[str]) -> BulkStatement:
    name, keys = table.name, [column.name for column in table.primary_key]
    if dialect.name == "postgresql":
        changes = ", ".join(f"{column} = new.{column}" for column in names)
        these = " AND ".join(f"{name}.{column} = new.{column}" for column in keys)
        source = f"FROM {_recordset(table)} AS new WHERE {these}"
        return JsonStatement(f"UPDATE {name} SET {changes} {source}")  # noqa: S608 - Names of ours.
    changes = ", ".join(f"{column} = ?" for column in names)
    these = " AND ".join(f"{column} = ?" for column in keys)
    statement = f"UPDATE {name} SET {changes} WHERE {these}"  # noqa: S608 - Names of ours.
    order = [*names, *keys]
    return TupleStatement(statement, itemgetter(*order), _conversions(table, order))


def _recordset(table: Table) -> str:
    return f"json_populate_recordset(NULL::{table.name}, %s)"


def _conversions(table: Table, names: Sequence[str]) -> Sequence[tuple[int, Convert]]:
    """Return what SQLite needs converted, by place."""
    found = []
    for place, name in enumerate(names):
        column = table.c[name]
        convert = getattr(column.type, "to_sqlite", None)
        if convert is not None:
            found.append((place, _or_none(convert) if column.nullable else convert))
    return found


def _or_none(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)
