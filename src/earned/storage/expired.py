"""Rows whose time is over make way, a few at a time."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Engine, delete, select


def delete_expired(
    engine: Engine, key: Column[Any], expired: ColumnElement[bool], most: int
) -> int:
    """Delete the rows that are expired, those of `most` keys; return how many.

    A transaction of its own, beside the writer's: what the writer has at hand is not touched.
    """
    wanted = select(key).where(expired).limit(most)
    options = {"sqlite_begin": "IMMEDIATE"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        return connection.execute(delete(key.table).where(key.in_(wanted))).rowcount
