"""Large files, which are recorded in sets of rows."""

from pkgutil import resolve_name

from earned.domain.usage_import import UsageImport
from earned.engine.usage_files.reading import kind_of
from earned.services.import_usage import Tally
from earned.services.ports import Books

LARGE_BYTES = 1024 * 1024
"""From here on it is faster to work on sets of rows."""


def record_large(books: Books, found: UsageImport, content: bytes, tally: Tally) -> bool:
    """Record an import's file if it is large. What does so takes a while to load."""
    if len(content) < LARGE_BYTES:
        return False
    record = resolve_name("earned.engine.bulk.uploading:record_upload")
    record(books, found, content, kind_of(found.file_name, content), tally)
    return True
