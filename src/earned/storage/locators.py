"""Query locators that nobody can go on from any more make way."""

from datetime import datetime

from sqlalchemy import Engine, delete, or_, select

from earned.domain.locator import IDLE_MAX, KEPT
from earned.storage.tables.queries import query_locator


def forget_locators(engine: Engine, now: datetime, most: int) -> int:
    """Delete expired locators, `most` of them; return how many. In a transaction of its own."""
    columns = query_locator.c
    expired = or_(columns.used_at <= now - IDLE_MAX, columns.created_at <= now - KEPT)
    wanted = select(columns.id).where(expired).limit(most)
    options = {"sqlite_begin": "IMMEDIATE"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        return connection.execute(delete(query_locator).where(columns.id.in_(wanted))).rowcount
