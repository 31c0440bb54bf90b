"""Mark usage as billed by a document, and give it back when the document is gone (U 2.19)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from earned.domain.audit_ledger import total
from earned.domain.billing import BillingDocument, BillingDocumentItem, DocumentKind
from earned.domain.calendar import Days
from earned.domain.consumption import RatingResult
from earned.domain.exact import ONE, ZERO, add, subtract
from earned.domain.overage import units_of
from earned.domain.processed_usage import ProcessedUsage, measured_shares, shares
from earned.domain.rated import unpaid_minor
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import PENDING, PROCESSED, GuidedUsage
from earned.services.batches import batches
from earned.services.find_due import Due
from earned.services.open_series import measure_of, rating_accrual, rating_of
from earned.services.ports import Books
from earned.services.rate_alone import amounts_alone
from earned.services.redraw import drawn_of, restate

Billed = Sequence[tuple[BillingDocumentItem, Due]]
Groups = Mapping[str, list[GuidedUsage]]
"""Pending usage by the id of the rating result that it counts in."""


def process_usage(books: Books, kind: DocumentKind, billed: Billed) -> None:
    """Mark the pending usage of each service period that a document bills, and link the two.

    Each guided usage has its share of the item's amount, in the order of days and records of its
    rating group; those without overage have been paid for by their funds and are in no item.
    """
    rated = [(item, due) for item, due in billed if due.ratings]
    pending: dict[tuple[str, int], Groups] = {}
    for item, due in rated:
        key = due.charge.original_id, due.charge.segment
        if key not in pending:
            services = [one.difference.service for _, one in rated if one.charge is due.charge]
            pending[key] = _pending(books, due.charge, services)
        rows = _rows(books, kind, item, due, pending[key])
        books.processed_usage.add_all(rows)
        _set_status(books, [row.guided_id for row in rows], PROCESSED)
        _restate(books, {row.usage_id for row in rows})
        if kind is DocumentKind.INVOICE:
            _link(books, due.ratings, item.id)


def release_usage(
    books: Books, document: BillingDocument, items: Sequence[BillingDocumentItem]
) -> None:
    """Give back the usage of a document that is not in force any more: it is pending again."""
    kind, rated = document.kind, [item for item in items if item.is_rated]
    ids = [item.id for item in rated]
    if not ids:
        return
    rows = [row for some in batches(ids) for row in books.processed_usage.list(**_by(kind, some))]
    usage_ids = {row.usage_id for row in rows}
    for some in batches(sorted(usage_ids)):
        books.usage.list(id=set(some), lock=True, order_by=("id",))
    ratings = {item.id: ratings_of(books, item) for item in rated}
    books.lock_rating_versions(one.id for found in ratings.values() for one in found)
    for some in batches(ids):
        books.processed_usage.remove_all(**_by(kind, some))
    _set_status(books, [row.guided_id for row in rows], PENDING)
    _restate(books, usage_ids)
    for item in rated:
        _link(books, ratings[item.id], _left(books, item))


def _pending(books: Books, charge: RatePlanCharge, services: Sequence[Days]) -> Groups:
    """Return the pending usage of a charge segment by rating result, in the order it is rated."""
    found: dict[str, list[GuidedUsage]] = defaultdict(list)
    guided = [
        row
        for some in batches(books.pending_usage([charge.original_id], services))
        for row in books.guided_usage.list(usage_id=some, status=PENDING, deleted=False)
        if (row.charge_id, row.charge_segment) == (charge.original_id, charge.segment)
    ]
    for row in sorted(guided, key=lambda row: (row.usage_date, row.id)):
        found[rating_of(charge, row)].append(row)
    return found


def _rows(
    books: Books, kind: DocumentKind, item: BillingDocumentItem, due: Due, pending: Groups
) -> list[ProcessedUsage]:
    """Return what the item bills of each guided usage: what earlier items have not billed of it.

    The last one has what is left of the item, where something was billed at another price before.
    """
    found: list[tuple[GuidedUsage, Decimal, int]] = []
    for rating in due.ratings:
        mine = pending.get(rating.id, [])
        done = _done(books, [row.id for row in mine])
        nothing = ZERO, 0
        if not rating.is_individual and not due.charge.is_of_currency:
            found += _shared(books, due.charge, rating, mine, done)
            continue
        quantities = [
            subtract(row.remaining_quantity, done.get(row.id, nothing)[0]) for row in mine
        ]
        if rating.is_individual:
            alone = amounts_alone(books, due.charge, rating, mine)
            amounts = [alone[row.id] - done.get(row.id, nothing)[1] for row in mine]
        else:
            amounts = [unpaid_minor(row) for row in mine]
        found += zip(mine, quantities, amounts, strict=True)
    left = due.difference.amount_minor - sum(amount for _, _, amount in found)
    service = due.difference.service
    return [
        ProcessedUsage(
            id=books.new_id(),
            entity_id=row.entity_id,
            account_id=row.account_id,
            usage_id=row.usage_id,
            guided_id=row.id,
            charge_id=row.charge_id,
            charge_segment=row.charge_segment,
            billing_period_start_date=service.start,
            billing_period_end_date=service.end,
            quantity=quantity,
            amount_minor=amount + (left if at == len(found) else 0),
            currency=due.charge.currency,
            **_by(kind, item.id),
            **books.stamp(),
        )
        for at, (row, quantity, amount) in enumerate(found, 1)
    ]


def _shared(
    books: Books,
    charge: RatePlanCharge,
    rating: RatingResult,
    mine: Sequence[GuidedUsage],
    done: Mapping[str, tuple[Decimal, int]],
) -> Iterator[tuple[GuidedUsage, Decimal, int]]:
    """Yield what the usage of a rating group comes to, in turn: its quantity and its amount.

    Differences of running totals of the units that no fund had, which are measured and rated.
    """
    left = _lacking(books, charge, mine)
    units = [
        subtract(lacking, units_of(done.get(row.id, (ZERO, 0))[0], charge.rate))
        for row, lacking in zip(mine, left, strict=True)
    ]
    before = subtract(_counted(books, charge, rating), total(units))
    quantities = measured_shares(units, before, measure_of(books, charge))
    period = Days(rating.service_start_date, rating.service_end_date)
    amounts = shares(units, before, rating_accrual(books, charge, period).value)
    yield from zip(mine, quantities, amounts, strict=True)


def _counted(books: Books, charge: RatePlanCharge, rating: RatingResult) -> Decimal:
    """Return the units that a rating result counts; at a rate of one that is its quantity."""
    if charge.rate == ONE:
        return rating.quantity
    days = books.consumption.list(rating_result_id=rating.id)
    return total(day.units or ZERO for day in days)


def _lacking(
    books: Books, charge: RatePlanCharge, mine: Sequence[GuidedUsage]
) -> Iterator[Decimal]:
    """Yield the units that no fund had for each usage; at a rate of one it says so itself."""
    for some in batches(mine):
        drawn = drawn_of(books, some) if charge.rate != ONE else {}
        for row in some:
            if charge.rate == ONE:
                yield row.remaining_quantity
            else:
                taken = total(drawn.get(row.id, {}).values())
                yield subtract(units_of(row.quantity, charge.rate), taken)


def _done(books: Books, guided_ids: Sequence[str]) -> Mapping[str, tuple[Decimal, int]]:
    """Return what was billed of guided usages: how much, and for how much."""
    found: dict[str, tuple[Decimal, int]] = {}
    for some in batches(guided_ids):
        for row in books.processed_usage.list(guided_id=some):
            quantity, minor = found.get(row.guided_id, (ZERO, 0))
            found[row.guided_id] = add(quantity, row.quantity), minor + row.amount_minor
    return found


def _set_status(books: Books, guided_ids: Iterable[str], status: str) -> None:
    books.guided_usage.update_all(
        [{"id": one, "status": status, **books.restamp()} for one in dict.fromkeys(guided_ids)]
    )


def _restate(books: Books, usage_ids: Iterable[str]) -> None:
    for some in batches(sorted(usage_ids)):
        restate(books, books.usage.list(id=some))


def _link(books: Books, ratings: Sequence[RatingResult], item_id: str | None) -> None:
    """Note which invoice item billed rating results last; who holds them has to read again."""
    books.rating_results.update_all(
        [{"id": r.id, "invoice_item_id": item_id, "version": r.version + 1} for r in ratings]
    )


def ratings_of(books: Books, item: BillingDocumentItem) -> Sequence[RatingResult]:
    """Return what was rated in the service period that an item bills, each group of it."""
    return books.rating_results.list(
        charge_id=item.charge_id,
        charge_segment=item.charge_segment,
        service_start_date=item.service_start,
    )


def _left(books: Books, gone: BillingDocumentItem) -> str | None:
    """Return the last invoice item in force of the same service period, but for one."""
    items = books.document_items.list(
        charge_id=gone.charge_id,
        charge_segment=gone.charge_segment,
        service_start=gone.service_start,
        is_rated=True,
        order_by=["-id"],
    )
    for item in items:
        document = books.documents.find(id=item.document_id, kind=DocumentKind.INVOICE)
        if item.id != gone.id and document and document.canceled_at is None:
            return item.id
    return None


def _by(kind: DocumentKind, item: object) -> dict[str, Any]:
    """Return the field that names an item of a kind of document, with its value."""
    return {column_of(kind): item}


def column_of(kind: DocumentKind) -> str:
    """Return the column of processed usage that names items of a kind of document."""
    return "credit_memo_item_id" if kind is DocumentKind.CREDIT_MEMO else "invoice_item_id"
