"""Post what a bill run drafted, or throw it away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from earned.domain.bill_run import (
    BillRun,
    BillRunStatus,
    check_cancelable,
    check_deletable,
    check_postable,
)
from earned.domain.billing import BillingDocument, DocumentStatus, SourceType
from earned.domain.errors import NotFound, RuleBroken
from earned.services.cancel_document import NamedDocument, delete_document
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books
from earned.services.post_document import PostDocument, post_document


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedBillRun:
    """Which bill run, by its id or number; documents may get another date as they are posted."""

    key: str
    invoice_date: date | None = None


def bill_run_by_key(books: Books, key: str) -> BillRun:
    """Return the bill run with that id or number. Raises `NotFound`."""
    found = books.bill_runs.find(id=key) or books.bill_runs.find(number=key)
    if found is None:
        raise NotFound.by_key(key)
    return found


def bill_runs(books: Books) -> Iterator[BillRun]:
    """Return the bill runs that the caller may see, the latest first."""
    return books.bill_runs.stream(order_by=["-number"])


def post_bill_run(books: Books, command: NamedBillRun) -> BillRun:
    """Post every draft of a completed run; all of them or none. Raises what posting raises."""
    run = _held(books, command.key)
    check_postable(run)
    for draft in _drafts(books, run):
        post = PostDocument(kind=draft.kind, key=draft.id, document_date=command.invoice_date)
        post_document(books, post)
    return _end(books, run, "posted", BillRunStatus.POSTED)


def cancel_bill_run(books: Books, command: NamedBillRun) -> BillRun:
    """Throw the drafts of a run away; what it billed is due again. Raises `RuleBroken`.

    What somebody has posted of it stays.
    """
    run = _held(books, command.key)
    check_cancelable(run)
    for draft in _drafts(books, run):
        delete_document(books, NamedDocument(kind=draft.kind, key=draft.id))
    return _end(books, run, "canceled", BillRunStatus.CANCELED)


def delete_bill_run(books: Books, command: NamedBillRun) -> BillRun:
    """Delete a run that is canceled or made nothing; it stays in the audit log.

    Raises `NotFound` or `RuleBroken`.
    """
    run = _held(books, command.key)
    check_deletable(run)
    if _drafts(books, run):
        message = f"Bill run {run.number} cannot be deleted: it has drafts. Cancel it first."
        raise RuleBroken(message, code="CANNOT_DELETE")
    books.bill_runs.remove(run)
    leave_trace(books, "deleted", "BillRun", run.id, {"number": run.number})
    return run


def _held(books: Books, key: str) -> BillRun:
    found = bill_run_by_key(books, key)
    for locked in books.bill_runs.list(id={found.id}, lock=True):
        return locked
    raise NotFound.by_key(key)


def _drafts(books: Books, run: BillRun) -> Sequence[BillingDocument]:
    return books.documents.list(
        source_type=SourceType.SUBSCRIPTION,
        source_id=run.number,
        status=DocumentStatus.DRAFT,
        order_by=["number"],
    )


def _end(books: Books, run: BillRun, action: str, status: BillRunStatus) -> BillRun:
    leave_trace(books, action, "BillRun", run.id, {"number": run.number, "was": run.status})
    return books.bill_runs.change(run, status=status)
