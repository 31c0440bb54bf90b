"""Rows that the database makes itself: `INSERT ... SELECT` with the defaults of the domain."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, Text, func, insert, literal, null

Given = Mapping[str, ColumnElement[Any]]

_COUNTING = {"preserve_rowcount": True}
_BEGINNING, _ID_DIGITS = 16, 8
_NUMBER_DIGITS = 8


def columns_of(table: Table, kind: type, given: Given) -> list[ColumnElement[Any]]:
    """Return a column for each field of `kind`: the one that is given, else the field's default."""
    return [given[one.name] if one.name in given else _default(table, one) for one in fields(kind)]


def insert_rows(connection: Connection, table: Table, kind: type, rows: Select[Any]) -> int:
    """Insert what `rows` selects, columns in the order of the fields of `kind`; count it."""
    statement = insert(table).from_select([one.name for one in fields(kind)], rows)
    return connection.execute(statement, execution_options=_COUNTING).rowcount


def made_id(connection: Connection, first: str, place: ColumnElement[int]) -> ColumnElement[str]:
    """Return the id at a place: as `first`, with the place as hexadecimal digits in the middle.

    Ids of parts of a row begin like the row's, so the place comes before their own digits.
    """
    digits = (
        func.printf(f"%0{_ID_DIGITS}x", place)
        if connection.dialect.name == "sqlite"
        else func.lpad(func.to_hex(place), _ID_DIGITS, "0")
    )
    end = first[_BEGINNING + _ID_DIGITS :]
    return literal(first[:_BEGINNING]).concat(digits).concat(literal(end))


def made_number(
    connection: Connection, first: str, place: ColumnElement[int]
) -> ColumnElement[str]:
    """Return the number at a place, the first of which is `first`: `RE-00000012` at place 1."""
    kind, _, digits = first.rpartition("-")
    count = place + (int(digits) - 1)
    if connection.dialect.name == "sqlite":
        return literal(f"{kind}-").concat(func.printf(f"%0{_NUMBER_DIGITS}d", count))
    written = count.cast(Text)
    width = func.greatest(func.length(written), _NUMBER_DIGITS)
    return literal(f"{kind}-").concat(func.lpad(written, width, "0"))


def _default(table: Table, one: "Field[Any]") -> ColumnElement[Any]:
    value = one.default if one.default_factory is MISSING else one.default_factory()
    assert value is not MISSING, f"{table.name}.{one.name} has to be given"
    return null() if value is None else literal(value, table.c[one.name].type)
