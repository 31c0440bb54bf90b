"""Many rows at once, past the parts of SQLAlchemy that would cost more than the database.

A statement is written once for a table. On SQLite an insert takes many rows at once, and a row is
read by a function made for its table. On PostgreSQL all rows travel in one JSON document, written
in C from the domain values and read by `json_populate_recordset` with the types of the table: one
parameter and one round trip, where arrays (`unnest`) cost the driver 25 lists of Python values.
Table and column names come from the table definitions, never from a request.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Protocol

import msgspec
from sqlalchemy import Connection, Dialect, Table

ROWS_MAX: Final = 64
"""The most rows that one SQLite statement inserts."""

Read = Callable[[Any], tuple[object, ...]]
"""Reads a row as SQLite stores it."""

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
class RowsStatement:
    """An insert of many rows at once (SQLite).

    The numbers of rows are powers of two, so that few statements are prepared, and stay so.
    """

    head: str
    marks: str
    tail: str
    read: Read

    def execute(self, connection: Connection, rows: Sequence[object]) -> None:
        """Write `rows`."""
        driver: Any = connection.connection.driver_connection
        done = 0
        for count in _shares(len(rows)):
            statement = f"{self.head}{', '.join([self.marks] * count)}{self.tail}"
            share = map(self.read, rows[done : done + count])
            driver.execute(statement, tuple(chain.from_iterable(share)))
            done += count


@dataclass(frozen=True, slots=True)
class RowStatement:
    """A statement executed for each row (SQLite)."""

    statement: str
    read: Read

    def execute(self, connection: Connection, rows: Sequence[object]) -> None:
        """Write `rows`."""
        driver: Any = connection.connection.driver_connection
        driver.executemany(self.statement, map(self.read, rows))


def _shares(rows: int) -> Iterator[int]:
    """Divide a number of rows into powers of two, the larger ones first."""
    while rows:
        share = min(ROWS_MAX, 1 << (rows.bit_length() - 1))
        yield share
        rows -= share


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
    marks = f"({', '.join('?' for _ in names)})"
    return RowsStatement(f"{target} VALUES ", marks, conflict, _reader(table, names, "row.{}"))


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
    return RowStatement(statement, _reader(table, [*names, *keys], "row['{}']"))


def _recordset(table: Table) -> str:
    return f"json_populate_recordset(NULL::{table.name}, %s)"


def _reader(table: Table, names: Sequence[str], access: str) -> Read:
    """Write the function that reads a row: a loop over 25 columns would cost more than SQLite."""
    conversions = {}
    parts = []
    for name in names:
        value, column = access.format(name), table.c[name]
        conversion = getattr(column.type, "to_sqlite", None)
        if conversion is not None:
            conversions[f"convert_{name}"] = conversion
            converted = f"convert_{name}({value})"
            value = f"None if {value} is None else {converted}" if column.nullable else converted
        parts.append(value)
    read: Read = eval(f"lambda row: ({', '.join(parts)},)", conversions)  # noqa: S307 - Names of ours.
    return read
