"""Large files, which are recorded in sets of rows."""

from collections.abc import Iterator
from pkgutil import resolve_name

from earned.domain.usage_import import UsageImport
from earned.services.import_usage import Tally
from earned.services.ports import Books

LARGE_BYTES = 1024 * 1024
"""From here on it is faster to work on sets of rows."""


def record_large(books: Books, found: UsageImport, parts: Iterator[bytes], tally: Tally) -> bool:
    """Record an import's file if it is large. What does so takes a while to load."""
    if found.size < LARGE_BYTES:
        return False
    record = resolve_name("earned.engine.bulk.uploading:record_upload")
    record(books, found, parts, tally)
    return True
