"""Audit what is kept of imports: the files that were sent, and the results."""

import zlib
from collections import Counter
from collections.abc import Iterator
from hashlib import md5

from earned.domain.audit import Break
from earned.domain.audit_imports import check_file, check_result
from earned.services.ports import Books
from earned.services.store_result import unpacked


def audit_imports(books: Books, counted: Counter[str]) -> Iterator[Break]:
    """Yield every file that is not what it was."""
    for one in books.usage_imports.list(order_by=["id"]):
        counted["imports"] += 1
        if one.is_kept:
            yield from check_file(one, _digest(books.parts(one.id)))
        if one.result_id is not None:
            yield from check_result(one, _size(books.parts(one.result_id)))


def _digest(parts: Iterator[bytes]) -> str:
    digest = md5(usedforsecurity=False)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _size(parts: Iterator[bytes]) -> int:
    """Return how large a result is as far as it can be unpacked."""
    size = 0
    try:
        for piece in unpacked(parts):
            size += len(piece)
    except zlib.error:
        return size
    return size
