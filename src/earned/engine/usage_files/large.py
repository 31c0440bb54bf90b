"""Large files, which are recorded in sets of rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pkgutil import resolve_name

from earned.domain.usage_import import UsageImport
from earned.engine.usage_files.archive import unfolded_bytes
from earned.engine.usage_files.reading import SIGNATURE_BYTES, kind_of
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
    if not _is_large(books, found):
        yield records_none
        return
    prepare = resolve_name("earned.engine.bulk.uploading:prepared_upload")
    with prepare(books, found, go_on) as record:
        yield record


def _is_large(books: Books, found: UsageImport) -> bool:
    """Say whether a file is large, or unfolds to one; a short Parquet file may have any length."""
    if found.size >= LARGE_BYTES:
        return True
    content = b"".join(books.parts(found.id))
    kind = kind_of(found.file_name, content[:SIGNATURE_BYTES])
    if kind in {".zip", ".xlsx"}:
        return unfolded_bytes(BytesIO(content)) >= LARGE_BYTES
    return kind == ".parquet"
