"""Large files, which are recorded in sets of rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pkgutil import resolve_name

from earned.domain.usage_import import UsageImport
from earned.services.import_usage import RecordFile, records_none
from earned.services.ports import Books

LARGE_BYTES = 1024 * 1024
"""From here on it is faster to work on sets of rows."""

Check = Callable[[], None]
"""Raises where the work should not go on."""


@contextmanager
def prepared(books: Books, found: UsageImport, go_on: Check) -> Iterator[RecordFile]:
    """Lend what records an import's file, if it is a large one: it is read and checked already.

    The books are not needed beyond that. What does so takes a while to load.
    """
    if found.size < LARGE_BYTES:
        yield records_none
        return
    prepare = resolve_name("earned.engine.bulk.uploading:prepared_upload")
    with prepare(books, found, go_on) as record:
        yield record
