"""Rows whose time is over make way, a few at a time."""

from sqlalchemy import ColumnElement, Engine, Table, delete, select


def delete_expired(engine: Engine, table: Table, expired: ColumnElement[bool], most: int) -> int:
    """Delete the rows that are expired, `most` of them; return how many.

    A transaction of its own, beside the writer's: what the writer has at hand is not touched.
    """
    (key,) = table.primary_key.columns
    wanted = select(key).where(expired).limit(most)
    options = {"sqlite_begin": "IMMEDIATE"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        return connection.execute(delete(table).where(key.in_(wanted))).rowcount
