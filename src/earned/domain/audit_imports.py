"""What must always be true of the files of imports, and of their results (U 3.6)."""

from collections.abc import Iterator

from earned.domain.audit import Break, differ
from earned.domain.usage_import import UsageImport


def check_file(one: UsageImport, md5: str) -> Iterator[Break]:
    """A file that is kept is the one that was sent."""
    check = "file of an import is the one that was sent"
    yield from differ(check, one.md5, md5, object_type="Import", object_id=one.id)


def check_result(one: UsageImport, size: int) -> Iterator[Break]:
    """A result can be read from its first row to its last."""
    check = "result of an import is whole"
    yield from differ(check, one.result_size, size, object_type="Import", object_id=one.id)
