"""Postings: what one transaction debits and what it credits (R 6.3).

A posting has one amount for both sides, so it cannot be out of balance, and the amount is never
negative: a negative transaction debits what a positive one credits. A journal run adds postings of
one kind up; `storage.posting_sources` says the same to the database.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class TransactionType(StrEnum):
    """What a journal run can pick up (R 6.2), in the order and the words of the official enum."""

    INVOICE_ITEM = "Invoice Item"
    TAXATION_ITEM = "Taxation Item"
    INVOICE_ITEM_ADJUSTMENT = "Invoice Item Adjustment (Invoice)"
    INVOICE_ITEM_ADJUSTMENT_TAX = "Invoice Item Adjustment (Tax)"
    INVOICE_ADJUSTMENT = "Invoice Adjustment"
    ELECTRONIC_PAYMENT = "Electronic Payment"
    EXTERNAL_PAYMENT = "External Payment"
    ELECTRONIC_REFUND = "Electronic Refund"
    EXTERNAL_REFUND = "External Refund"
    ELECTRONIC_CREDIT_BALANCE_PAYMENT = "Electronic Credit Balance Payment"
    EXTERNAL_CREDIT_BALANCE_PAYMENT = "External Credit Balance Payment"
    ELECTRONIC_CREDIT_BALANCE_REFUND = "Electronic Credit Balance Refund"
    EXTERNAL_CREDIT_BALANCE_REFUND = "External Credit Balance Refund"
    APPLIED_FROM_CREDIT_BALANCE = "Credit Balance Adjustment (Applied from Credit Balance)"
    TRANSFERRED_TO_CREDIT_BALANCE = "Credit Balance Adjustment (Transferred to Credit Balance)"
    REVENUE_EVENT_ITEM = "Revenue Event Item"
    DEBIT_MEMO_ITEM = "Debit Memo Item (Charge)"
    DEBIT_MEMO_ITEM_TAX = "Debit Memo Item (Tax)"
    CREDIT_MEMO_ITEM = "Credit Memo Item (Charge)"
    CREDIT_MEMO_ITEM_TAX = "Credit Memo Item (Tax)"
    CREDIT_MEMO_APPLICATION_ITEM = "Credit Memo Application Item"
    ELECTRONIC_PAYMENT_APPLICATION = "Electronic Payment Application"
    EXTERNAL_PAYMENT_APPLICATION = "External Payment Application"
    ELECTRONIC_REFUND_APPLICATION = "Electronic Refund Application"
    EXTERNAL_REFUND_APPLICATION = "External Refund Application"
    ELECTRONIC_PAYMENT_APPLICATION_ITEM = "Electronic Payment Application Item"
    EXTERNAL_PAYMENT_APPLICATION_ITEM = "External Payment Application Item"
    ELECTRONIC_REFUND_APPLICATION_ITEM = "Electronic Refund Application Item"
    EXTERNAL_REFUND_APPLICATION_ITEM = "External Refund Application Item"


class Side(StrEnum):
    """The side of a journal entry that an item is on."""

    DEBIT = "Debit"
    CREDIT = "Credit"


class Code(NamedTuple):
    """An accounting code as a posting names it; its name is None where it is blank."""

    name: str | None
    type: str


class Rule(NamedTuple):
    """The types of the codes that a transaction of a positive amount debits and credits."""

    debit: str
    credit: str


_RECEIVED = Rule("AccountsReceivable", "DeferredRevenue")
_TAXED = Rule("AccountsReceivable", "SalesTaxPayable")
_GIVEN_BACK = Rule("DeferredRevenue", "AccountsReceivable")
_TAX_GIVEN_BACK = Rule("SalesTaxPayable", "AccountsReceivable")
_PAID = Rule("Cash", "AccountsReceivable")
_REFUNDED = Rule("AccountsReceivable", "Cash")

RULES: Mapping[TransactionType, Rule] = MappingProxyType(
    {
        TransactionType.INVOICE_ITEM: _RECEIVED,
        TransactionType.TAXATION_ITEM: _TAXED,
        # An adjustment has the sign of what it does to the invoice: a credit is negative (R 2.2).
        TransactionType.INVOICE_ITEM_ADJUSTMENT: _RECEIVED,
        TransactionType.INVOICE_ITEM_ADJUSTMENT_TAX: _TAXED,
        TransactionType.REVENUE_EVENT_ITEM: Rule("DeferredRevenue", "SalesRevenue"),
        TransactionType.DEBIT_MEMO_ITEM: _RECEIVED,
        TransactionType.DEBIT_MEMO_ITEM_TAX: _TAXED,
        TransactionType.CREDIT_MEMO_ITEM: _GIVEN_BACK,
        TransactionType.CREDIT_MEMO_ITEM_TAX: _TAX_GIVEN_BACK,
        TransactionType.ELECTRONIC_PAYMENT: _PAID,
        TransactionType.EXTERNAL_PAYMENT: _PAID,
        TransactionType.ELECTRONIC_REFUND: _REFUNDED,
        TransactionType.EXTERNAL_REFUND: _REFUNDED,
    }
)
"""Which types a transaction posts to where its own codes say nothing (R 6.3)."""

UNBILLED = "UnbilledReceivables"
"""What overage debits instead of deferred revenue: it is earned before it is billed (R 10.2)."""


@dataclass(frozen=True, slots=True)
class Target:
    """Which transactions are looked at: those of a period, or of its days from `start` to `end`.

    `organization_ids` is empty where those of all organisations are.
    """

    entity_id: str
    period_id: str
    start: date
    end: date
    organization_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount on both sides."""

    transaction_type: TransactionType
    currency: str
    debit: Code
    credit: Code
    amount_minor: int

    def __post_init__(self) -> None:
        """Hold that no posting is negative or empty."""
        assert self.amount_minor > 0, "a posting moves something, in the direction of its sides"


@dataclass(frozen=True, slots=True)
class PostingSum:
    """Postings of one kind, added up: a summary journal entry in the making."""

    transaction_type: TransactionType
    currency: str
    debit: Code
    credit: Code
    amount_minor: int
    count: int = 1

    @property
    def order(self) -> tuple[object, ...]:
        """Where the entry stands in its run: the same books are journalled the same way."""
        place = list(TransactionType).index(self.transaction_type)
        return (place, self.currency, *map(_sortable, (self.debit, self.credit)))


def post(
    transaction_type: TransactionType,
    currency: str,
    amount_minor: int,
    debit: Code,
    credit: Code,
) -> Posting | None:
    """Return the posting of a transaction, None where it has no amount.

    `debit` and `credit` are the sides of a positive amount; a negative one swaps them (R 6.3).
    """
    if not amount_minor:
        return None
    if amount_minor < 0:
        debit, credit = credit, debit
    return Posting(transaction_type, currency, debit, credit, abs(amount_minor))


def summarize(postings: Iterable[Posting]) -> Sequence[PostingSum]:
    """Add postings up by transaction type, currency, debit and credit code (R 6.2), in order."""
    groups: dict[tuple[TransactionType, str, Code, Code], list[int]] = defaultdict(list)
    for posting in postings:
        key = (posting.transaction_type, posting.currency, posting.debit, posting.credit)
        groups[key].append(posting.amount_minor)
    sums = [PostingSum(*key, sum(amounts), len(amounts)) for key, amounts in groups.items()]
    return sorted(sums, key=lambda one: one.order)


def _sortable(code: Code) -> tuple[str, str]:
    return (code.name or "", code.type)
