"""Refuse to credit what has not been billed (U 2.11)."""

from collections.abc import Sequence
from datetime import date

from earned.domain.billing import BillingDocumentItem, DocumentKind, DocumentStatus
from earned.domain.calendar import DAY, Days
from earned.domain.errors import RuleBroken
from earned.domain.prepaid import Fund
from earned.services.ports import Books

UNBILLED = (
    "The validity period from {} to {} of charge {} has not been billed. "
    "Every billing period of it must be billed before it can be credited."
)
"""The days are the first and the last of the fund."""


def refuse_unbilled(books: Books, funds: Sequence[Fund]) -> None:
    """Raise `RuleBroken` if a billing period of one of the funds is not billed.

    Posted or not, an invoice that is not canceled will do. Entities that bill elsewhere say so with
    the setting `creditUnbilledPeriods`.
    """
    if books.settings.credit_unbilled_periods:
        return
    for fund in funds:
        if not _is_billed(billed_items(books, [fund.source_id]), fund.validity):
            raise RuleBroken(
                UNBILLED.format(fund.start_date, fund.last_day, fund.charge_number),
                field="cancellationEffectiveDate",
            )


def billed_items(books: Books, charge_ids: Sequence[str]) -> Sequence[BillingDocumentItem]:
    """Return the items of charges (original ids) on invoices that are not canceled."""
    items = books.document_items.list(charge_id=charge_ids)
    documents = books.documents.list(
        id=list({item.document_id for item in items}), kind=DocumentKind.INVOICE
    )
    in_force = {row.id for row in documents if row.status is not DocumentStatus.CANCELED}
    return [item for item in items if item.document_id in in_force]


def _is_billed(items: Sequence[BillingDocumentItem], days: Days) -> bool:
    """Say whether items cover all days; the one day of a one-time charge stands for all of them."""
    reached: date = days.start
    for item in sorted(items, key=lambda item: item.service_start):
        is_one_time = item.service_start == item.service_end == days.start
        if is_one_time:
            return True
        if item.service_start <= reached:
            reached = max(reached, item.service_end + DAY)
    return reached >= days.end
