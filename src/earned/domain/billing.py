"""Billing documents: invoices, credit memos and debit memos, their items, and adjustments of items.

Their amounts are what the document says. What one does to the receivable and to revenue has a sign:
a credit memo and a credit adjustment take away (R 2.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from earned.domain.calendar import DAY, Days
from earned.domain.posting import TransactionType
from earned.domain.schedule import LinkedType
from earned.domain.scheduling import BUILT_IN, DistributionType
from earned.domain.tenancy import CustomFields, Stamped

PROCESSING_TYPE = "Charge"
"""What an item bills. Discounts, prepayments and taxes would be others."""


class DocumentKind(StrEnum):
    """What a document is."""

    INVOICE = "Invoice"
    CREDIT_MEMO = "CreditMemo"
    DEBIT_MEMO = "DebitMemo"

    @property
    def words(self) -> str:
        """What people call it."""
        return TRAITS[self].words

    @property
    def sign(self) -> int:
        """Which way it moves the receivable and revenue."""
        return -1 if self is DocumentKind.CREDIT_MEMO else 1


class DocumentStatus(StrEnum):
    """A draft may be thrown away; what is posted is in the books; what is canceled is over."""

    DRAFT = "Draft"
    POSTED = "Posted"
    CANCELED = "Canceled"


class SourceType(StrEnum):
    """What a document was made of: subscriptions by billing, what somebody said, or an invoice."""

    SUBSCRIPTION = "Subscription"
    STANDALONE = "Standalone"
    INVOICE = "Invoice"


class RecognizedBy(StrEnum):
    """What makes revenue of what an item bills.

    A schedule of the item by its rule; the drawdown of a prepaid fund, which has a schedule of its
    own; usage, whose revenue is earned before it is billed; or, without a rule, billing itself.
    """

    SCHEDULE = "Schedule"
    DRAWDOWN = "Drawdown"
    USAGE = "Usage"
    BILLING = "Billing"


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingDocument(Stamped):
    """An invoice or a memo. Its amount is the sum of its items.

    `source_id` is the invoice that a memo was made from, or the number of a bill run. One that was
    posted keeps `posted_at` when it is canceled.
    """

    id: str
    entity_id: str
    kind: DocumentKind
    number: str
    account_id: str
    currency: str
    document_date: date
    due_date: date | None = None
    target_date: date | None = None
    status: DocumentStatus = DocumentStatus.DRAFT
    amount_minor: int
    source: str = "API"
    source_type: SourceType = SourceType.STANDALONE
    source_id: str | None = None
    reason_code: str | None = None
    comment: str | None = None
    payment_term: str | None = None
    auto_pay: bool = False
    posted_at: datetime | None = None
    posted_by: str | None = None
    canceled_at: datetime | None = None
    canceled_by: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded(Stamped):
    """A transaction that keeps its accounting codes; a name is None where a code is blank.

    The *contra* code stands against the receivable: deferred revenue, unbilled receivables, or
    revenue, by what recognises it.
    """

    receivable_code: str | None
    receivable_code_type: str
    contra_code: str | None
    contra_code_type: str
    recognized_code: str | None
    recognized_code_type: str | None
    deferred_code: str | None
    deferred_code_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingDocumentItem(Coded):
    """What a document bills: a charge of a subscription, one of the catalog, or just a name.

    `charge_id` and `original_subscription_id` are original ids. The service period has both of its
    days. What billing made bills a prepaid fund, a service period that was rated (`is_rated`), or a
    billing period of a charge; its quantity in a credit memo is what is taken back. `reversal_id`
    is known once the posting of the item has been taken back.
    """

    id: str
    entity_id: str
    document_id: str
    place: int
    account_id: str
    charge_id: str | None = None
    charge_segment: int | None = None
    original_subscription_id: str | None = None
    product_charge_id: str | None = None
    fund_id: str | None = None
    is_rated: bool = False
    charge_name: str
    description: str | None = None
    sku: str | None = None
    uom: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount_minor: int
    service_start: date
    service_end: date
    processing_type: str = PROCESSING_TYPE
    source_item_id: str | None = None
    rule_name: str | None = None
    recognized_by: RecognizedBy
    reversal_id: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)

    @property
    def service(self) -> Days:
        """Its service period, half-open."""
        return Days(self.service_start, self.service_end + DAY)


class AdjustmentType(StrEnum):
    """Whether an adjustment takes from an invoice item or adds to it."""

    CREDIT = "Credit"
    CHARGE = "Charge"


class AdjustmentStatus(StrEnum):
    """An adjustment is in the books as soon as it is made."""

    PROCESSED = "Processed"
    CANCELED = "Canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceItemAdjustment(Coded):
    """More or less of one item of a posted invoice, from a day of its own."""

    id: str
    entity_id: str
    number: str
    account_id: str
    invoice_id: str
    item_id: str
    type: AdjustmentType
    adjustment_date: date
    amount_minor: int
    currency: str
    status: AdjustmentStatus = AdjustmentStatus.PROCESSED
    reason_code: str | None = None
    reference_id: str | None = None
    comment: str | None = None
    canceled_at: datetime | None = None
    canceled_by: str | None = None
    reversal_id: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)

    @property
    def effect_minor(self) -> int:
        """What it does to the invoice: a credit is negative."""
        return -self.amount_minor if self.type is AdjustmentType.CREDIT else self.amount_minor


@dataclass(frozen=True, slots=True)
class Traits:
    """How the books call a kind of document and what it does."""

    words: str
    linked_type: LinkedType
    transaction_type: TransactionType
    posted: DistributionType
    canceled: DistributionType


def _event(system_id: str) -> DistributionType:
    return DistributionType(BUILT_IN[system_id], system_id)


TRAITS: Mapping[DocumentKind, Traits] = MappingProxyType(
    {
        DocumentKind.INVOICE: Traits(
            "invoice",
            LinkedType.INVOICE_ITEM,
            TransactionType.INVOICE_ITEM,
            _event("InvoicePosted__z"),
            _event("InvoiceCanceled__z"),
        ),
        DocumentKind.CREDIT_MEMO: Traits(
            "credit memo",
            LinkedType.CREDIT_MEMO_ITEM,
            TransactionType.CREDIT_MEMO_ITEM,
            _event("CreditMemoPosted__z"),
            _event("CreditMemoCanceled__z"),
        ),
        DocumentKind.DEBIT_MEMO: Traits(
            "debit memo",
            LinkedType.DEBIT_MEMO_ITEM,
            TransactionType.DEBIT_MEMO_ITEM,
            _event("DebitMemoPosted__z"),
            _event("DebitMemoCanceled__z"),
        ),
    }
)


def source_item_type(source_item: object, charge: object, product_charge: object) -> str:
    """Return what an item was made from, in the words of the official enum, by which ids it has."""
    if source_item is not None:
        return "InvoiceDetail"
    if charge is not None:
        return "SubscriptionComponent"
    return "ProductRatePlanCharge" if product_charge else "None"


ADJUSTED = _event("InvoiceItemAdjustmentCreated__z")
ADJUSTMENT_CANCELED = _event("InvoiceItemAdjustmentCanceled__z")
