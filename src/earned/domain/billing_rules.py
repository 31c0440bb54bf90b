"""What billing documents obey: when they are made, posted, canceled and thrown away.

Field names are those of the wire; they go into the messages.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from earned.domain.accounting import AccountingPeriod
from earned.domain.billing import (
    AdjustmentStatus,
    BillingDocument,
    BillingDocumentItem,
    DocumentStatus,
    InvoiceItemAdjustment,
)
from earned.domain.errors import Invalid, Missing, PeriodClosed, RuleBroken
from earned.domain.exact import fits, parse_decimal
from earned.domain.money import AMOUNT_DIGITS_MAX, Currency, major, round_to_minor
from earned.domain.periods import period_of

ITEMS_MAX = 1000
NUMBER_LENGTH_MAX = 32

_NUMBER = re.compile(rf"[A-Za-z0-9_-]{{1,{NUMBER_LENGTH_MAX}}}")


def read_amount(value: object, currency: Currency, field: str) -> int:
    """Return an amount in minor units, rounded as the currency says.

    Where revenue schedules refuse a digit too many, billing rounds it (R 7). Raises `Missing` or
    `Invalid`.
    """
    if value is None:
        raise Missing(f"'{field}' may not be null", field=field)
    return round_to_minor(Fraction(_parsed(value, field)), currency)


def read_positive_amount(value: object, currency: Currency, field: str) -> int:
    """Return the amount of a memo item or an adjustment, whose direction is not in its sign."""
    amount = read_amount(value, currency, field)
    if amount <= 0:
        raise Invalid(f"'{field}' value should be greater than 0", field=field)
    return amount


def read_number(value: object, field: str) -> Decimal | None:
    """Return a quantity or a price, None where there is none. Raises `Invalid`."""
    return None if value is None else _parsed(value, field)


def check_document_number(number: str, field: str) -> None:
    """Refuse a number of one's own that has anything but letters, digits, `-` and `_`."""
    if not _NUMBER.fullmatch(number):
        message = (
            f"'{field}' value should be 1 to {NUMBER_LENGTH_MAX} letters, digits, hyphens and "
            "underscores"
        )
        raise Invalid(message, field=field)


def check_count(count: int, field: str) -> None:
    """Refuse a document without items, or with more than 1,000. Raises `Missing`, `RuleBroken`."""
    if not count:
        raise Missing(f"'{field}' should have at least one item", field=field)
    if count > ITEMS_MAX:
        raise RuleBroken(f"'{field}' should have at most {ITEMS_MAX:,} items", field=field)


def check_due_date(due: date, document_date: date) -> None:
    """Refuse a document that is due before its date."""
    if due < document_date:
        message = "'dueDate' value should not be before the date of the document"
        raise Invalid(message, field="dueDate")


def check_service(start: date, end: date, field: str) -> None:
    """Refuse a service period that ends before it starts, or never. Raises `Invalid`."""
    if end < start or end == date.max:
        name = f"{field}.serviceEndDate"
        raise Invalid(f"'{name}' value should be a day from the service start on", field=name)


def check_total(total_minor: int, currency: Currency, field: str) -> None:
    """Refuse an invoice of less than nothing, and any document of more than thirteen digits."""
    if total_minor < 0:
        message = "The items of an invoice cannot add up to less than 0: that is a credit memo."
        raise RuleBroken(message, field=field)
    if total_minor >= 10**AMOUNT_DIGITS_MAX * currency.factor:
        raise Invalid(f"'{field}' values add up to more than is possible", field=field)


def check_open(day: date, periods: Sequence[AccountingPeriod], label: str, field: str) -> None:
    """Refuse a document of a day in a closed period. Raises `PeriodClosed`."""
    if period_of(periods, day).is_closed:
        raise PeriodClosed(f"The {label} cannot be in a closed accounting period.", field=field)


def check_open_to(
    action: str, document: BillingDocument, periods: Sequence[AccountingPeriod]
) -> None:
    """Refuse to change what a closed period has of documents. Raises `PeriodClosed`."""
    if period_of(periods, document.document_date).is_closed:
        raise PeriodClosed(
            f"{_name(document)} cannot be {action}: its date, {document.document_date}, is in a "
            "closed accounting period."
        )


def check_postable(document: BillingDocument) -> None:
    """Refuse to post anything but a draft. Raises `RuleBroken`."""
    if document.status is not DocumentStatus.DRAFT:
        raise RuleBroken(f"{_name(document)} cannot be posted: it is {_status(document)} already.")


def check_cancelable(document: BillingDocument) -> None:
    """Refuse to cancel what is canceled: that is final. Raises `RuleBroken`."""
    if document.status is DocumentStatus.CANCELED:
        raise RuleBroken(f"{_name(document)} cannot be canceled: it is canceled already.")


def check_throwaway(document: BillingDocument) -> None:
    """Refuse to delete what was ever posted: it stays in the books. Raises `RuleBroken`."""
    if document.posted_at is not None:
        raise RuleBroken(
            f"{_name(document)} cannot be deleted: it has been posted.", code="CANNOT_DELETE"
        )


def check_source(invoice: BillingDocument, what: str) -> None:
    """Refuse a memo or an adjustment of an invoice that is not in the books."""
    if invoice.status is not DocumentStatus.POSTED:
        raise RuleBroken(f"{what} needs a posted invoice: {invoice.number} is {_status(invoice)}.")


def available_minor(
    item: BillingDocumentItem,
    credited_minor: int,
    adjustments: Iterable[InvoiceItemAdjustment],
) -> int:
    """Return how much of an invoice item is left to credit.

    `credited_minor` is what credit memos took that are not canceled, drafts among them.
    """
    adjusted = sum(
        one.effect_minor for one in adjustments if one.status is AdjustmentStatus.PROCESSED
    )
    return item.amount_minor - credited_minor + adjusted


def check_available(amount_minor: int, left_minor: int, currency: Currency, field: str) -> None:
    """Refuse to credit more than is left of an invoice item. Raises `RuleBroken`."""
    if amount_minor > left_minor:
        left = major(max(left_minor, 0), currency)
        message = f"'{field}' is more than is left of the invoice item to credit, {left}."
        raise RuleBroken(message, field=field)


def _parsed(value: object, field: str) -> Decimal:
    parsed = parse_decimal(value, field)
    if not all(fits(parsed)):
        message = f"'{field}' value should have at most 13 digits before the point and 9 after it"
        raise Invalid(message, field=field)
    return parsed


def _name(document: BillingDocument) -> str:
    words = document.kind.words
    return f"{words[:1].upper()}{words[1:]} {document.number}"


def _status(document: BillingDocument) -> str:
    status = document.status.value.lower()
    return "a draft" if document.status is DocumentStatus.DRAFT else status
