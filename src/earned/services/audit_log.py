"""Audit the audit log itself: follow its chain from the first entry to the last written."""

from collections import Counter
from collections.abc import Iterator

from earned.domain.audit import Break
from earned.domain.traces import AuditEntry, check_entry, check_last
from earned.services.ports import Books, NumberKind


def audit_log(books: Books, counted: Counter[str]) -> Iterator[Break]:
    """Yield a break for every entry that was changed, removed or inserted by hand."""
    previous: AuditEntry | None = None
    for entry in books.audit.stream(order_by=["sequence"]):
        counted["audit entries"] += 1
        yield from check_entry(entry, previous)
        previous = entry
    yield from check_last(books.last_number(NumberKind.AUDIT_ENTRY), previous)
