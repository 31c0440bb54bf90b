"""Query locators that nobody can go on from any more make way."""

from datetime import datetime

from sqlalchemy import Engine, or_

from earned.domain.locator import IDLE_MAX, KEPT
from earned.storage.expired import delete_expired
from earned.storage.tables.queries import query_locator


def forget_locators(engine: Engine, now: datetime, most: int) -> int:
    """Delete expired locators, `most` of them; return how many."""
    columns = query_locator.c
    expired = or_(columns.used_at <= now - IDLE_MAX, columns.created_at <= now - KEPT)
    return delete_expired(engine, columns.id, expired, most)
