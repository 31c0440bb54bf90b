"""What must always be true of what billing has billed: of usage, and of funds (U 1.12, 2.19)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from earned.domain.audit import Break, differ
from earned.domain.bill_run import BillRun, BillRunStatus
from earned.domain.billing import (
    BillingDocument,
    BillingDocumentItem,
    DocumentKind,
    DocumentStatus,
)
from earned.domain.consumption import RatingResult
from earned.domain.prepaid import Fund
from earned.domain.processed_usage import ProcessedUsage
from earned.domain.usage import GuidedUsage

Documents = Mapping[str, BillingDocument]


def check_processed(
    document: BillingDocument,
    items: Iterable[BillingDocumentItem],
    processed: Iterable[ProcessedUsage],
    guided: Mapping[str, GuidedUsage],
) -> Iterator[Break]:
    """Processed usage adds up to its item, and is locked; nothing is that is not billed any more.

    An item without any bills what corrections have left of usage that is gone.
    """
    by_item: dict[str, list[ProcessedUsage]] = defaultdict(list)
    for row in processed:
        by_item[row.invoice_item_id or row.credit_memo_item_id or ""].append(row)
    is_gone = document.status is DocumentStatus.CANCELED
    for item in items:
        rows = by_item.get(item.id, [])
        if rows and is_gone:
            check = "usage of a canceled document is given back"
            yield Break(check, "BillingDocumentItem", item.id, "none", f"{len(rows)} processed")
        elif rows:
            check = "processed usage adds up to its item"
            expected = document.kind.sign * item.amount_minor
            found = sum(row.amount_minor for row in rows)
            kind = "BillingDocumentItem"
            yield from differ(check, expected, found, object_type=kind, object_id=item.id)
        for row in rows:
            used = guided[row.guided_id]
            if used.deleted or used.usage_id != row.usage_id:
                check = "billed usage is there"
                yield Break(check, "ProcessedUsage", row.id, row.usage_id, "another, or deleted")


def check_rating_item(
    rating: RatingResult, items: Collection[BillingDocumentItem], documents: Documents
) -> Iterator[Break]:
    """A rating result names the last invoice item in force that bills it."""
    billing = sorted(
        item.id
        for item in items
        if item.is_rated
        and item.charge_segment == rating.charge_segment
        and item.service_start == rating.service_start_date
        and documents[item.document_id].kind is DocumentKind.INVOICE
        and documents[item.document_id].status is not DocumentStatus.CANCELED
    )
    check = "rating result names the item that bills it"
    expected = billing[-1] if billing else None
    found = rating.invoice_item_id
    yield from differ(check, expected, found, object_type="RatingResult", object_id=rating.id)


def check_billed_fund(
    fund: Fund, items: Iterable[BillingDocumentItem], documents: Documents
) -> Iterator[Break]:
    """No more of a fund is credited than was billed of it."""
    billed = sum(
        documents[item.document_id].kind.sign * item.amount_minor
        for item in items
        if item.fund_id == fund.id
        and documents[item.document_id].status is not DocumentStatus.CANCELED
    )
    check = "fund is credited no more than it was billed"
    yield from differ(check, max(billed, 0), billed, object_type="Fund", object_id=fund.id)


def check_run(run: BillRun, documents: Collection[BillingDocument]) -> Iterator[Break]:
    """A run that is posted or canceled has no drafts left; what it counts was made by it."""
    drafts = sum(one.status is DocumentStatus.DRAFT for one in documents)
    if run.status in {BillRunStatus.POSTED, BillRunStatus.CANCELED} and drafts:
        check = "bill run that is over has no drafts"
        yield Break(check, "BillRun", run.id, "none", f"{drafts} drafts")
    if len(documents) > run.document_count:
        check = "bill run counts its documents"
        found = f"{len(documents)} documents"
        yield Break(check, "BillRun", run.id, f"at most {run.document_count}", found)
