"""Usage that was billed is locked until its document is canceled (U 2.15, U 2.19)."""

from earned.domain.errors import RuleBroken
from earned.domain.processed_usage import BILLED, NOT_DELETED
from earned.domain.usage import UsageRecord
from earned.services.ports import Books


def is_billed(books: Books, usage: UsageRecord) -> bool:
    """Say whether a document in force bills a record."""
    return books.entire.processed_usage.find(usage_id=usage.id) is not None


def refuse_billed(books: Books, usage: UsageRecord) -> None:
    """Refuse to change what was billed of a record. Raises `RuleBroken` (U 2.15)."""
    if is_billed(books, usage):
        raise RuleBroken(BILLED, code="ValidateException")


def refuse_deleting_billed(books: Books, usage: UsageRecord) -> None:
    """Refuse to delete a record that was billed. Raises `RuleBroken` (U 3.7)."""
    if is_billed(books, usage):
        raise RuleBroken(NOT_DELETED, code="CANNOT_DELETE")
