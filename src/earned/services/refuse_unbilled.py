"""Refuse to credit what has not been billed (U 2.11)."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from earned.domain.billing import BillingDocumentItem, DocumentKind, DocumentStatus
from earned.domain.billing_periods import asked_of_fund
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

    Posted or not, an invoice that is not canceled will do; what costs nothing is on none. Entities
    that bill elsewhere say so with the setting `creditUnbilledPeriods`.
    """
    if books.settings.credit_unbilled_periods:
        return
    for fund in funds:
        items = billed_items(books, [fund.source_id])
        billed = [Days(item.service_start, item.service_end + DAY) for item in items]
        if not _are_all([*billed, *_free(books, fund)], fund.validity):
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


def _free(books: Books, fund: Fund) -> Iterable[Days]:
    """Return the billing periods of a fund in which nothing is asked for."""
    segment = {"original_id": fund.source_id, "segment": fund.charge_segment}
    charge = books.charges.find(**segment, is_latest=True)
    period = books.validity_periods.find(id=fund.validity_period_summary_id)
    assert charge is not None, "a fund is of a charge"
    assert period is not None, "a fund is in a validity period"
    currency = books.currency(fund.currency)
    price = Fraction(fund.funding_price_minor, currency.factor)
    whole = Days(period.start_date, period.end_date)
    asked = asked_of_fund(fund, price, whole, charge, currency)
    return [one.service for one in asked if not one.amount_minor]


def _are_all(billed: Iterable[Days], days: Days) -> bool:
    """Say whether all days are billed; the one day of a one-time charge stands for all of them."""
    reached = days.start
    for one in sorted(billed, key=lambda one: one.start):
        if one == Days(days.start, days.start + DAY):
            return True
        if one.start <= reached:
            reached = max(reached, one.end)
    return reached >= days.end
