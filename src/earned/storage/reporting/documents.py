"""Sums of billing documents, for the report on receivables."""

from collections.abc import Sequence

from sqlalchemy import case, literal, or_, select

from earned.domain.billing import AdjustmentType
from earned.domain.receivables import Cause, Owed
from earned.storage.reporting.sources import Clause, Expression, Sources, grouped, total
from earned.storage.tables.billing import billing_document, invoice_item_adjustment
from earned.storage.types import Instant


def owed(sources: Sources) -> Sequence[Owed]:
    """Return what documents in force amount to, by currency, the period of their date and kind."""
    document, adjustment = billing_document.c, invoice_item_adjustment.c
    by = (document.currency, sources.period_of(document.document_date), document.kind)
    documents = select(*by, total(document.amount_minor)).where(
        document.entity_id == sources.scope.entity_id,
        document.posted_at.is_not(None),
        *_in_force(sources, document.posted_at, document.canceled_at),
        *sources.mine(document.account_id),
    )
    found = [
        Owed(currency, period, Cause(kind.value), minor)
        for currency, period, kind, minor in grouped(sources, documents, by)
    ]
    adjusted = (adjustment.currency, sources.period_of(adjustment.adjustment_date))
    effect = case(
        (adjustment.type == AdjustmentType.CREDIT, -adjustment.amount_minor),
        else_=adjustment.amount_minor,
    )
    adjustments = select(*adjusted, total(effect)).where(
        adjustment.entity_id == sources.scope.entity_id,
        *_in_force(sources, adjustment.created_at, adjustment.canceled_at),
        *sources.mine(adjustment.account_id),
    )
    found += [
        Owed(currency, period, Cause.ADJUSTMENT, minor)
        for currency, period, minor in grouped(sources, adjustments, adjusted)
    ]
    return found


def _in_force(sources: Sources, begun_at: Expression, canceled_at: Expression) -> Sequence[Clause]:
    """Return the conditions on what was in the books by then and not canceled by then."""
    if sources.known.at is None:
        return [canceled_at.is_(None)]
    not_yet = canceled_at > literal(sources.known.at, Instant())
    return [*sources.by_then(begun_at), or_(canceled_at.is_(None), not_yet)]
