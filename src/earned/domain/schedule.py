"""Revenue schedules: one amount spread over accounting periods (R 1).

A *distribution* (on the wire a revenue event, `RE-00000001`) moves amounts between the periods of
one schedule; the schedule's items are the sum of its distributions and never anything else.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from earned.domain.recognition import Method, Rounding
from earned.domain.tenancy import CustomFields, Stamped


class LinkedType(StrEnum):
    """The billing transaction that a schedule was made for (R 2.6)."""

    INVOICE_ITEM = "InvoiceItem"
    INVOICE_ITEM_ADJUSTMENT = "InvoiceItemAdjustment"
    CREDIT_MEMO_ITEM = "CreditMemoItem"
    DEBIT_MEMO_ITEM = "DebitMemoItem"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueSchedule(Stamped):
    """An amount in one currency that never changes (R10), of one subscription charge.

    A memo item made from the catalog has a product charge and an account instead. `charge_id` and
    `original_subscription_id` are original ids. At most one of these says why the system made it:
    `fund_id` (a prepaid fund), `rating_result_id` (overage of a charge in a service period),
    `credited_fund_id` (what the price of a fund became since: credited, restored, adjusted),
    `rolled_fund_id` (the price of units that rolled out of a fund, negative, or came back to it;
    all of it in Open-Ended) or the three `linked_*` fields (a billing transaction, which may be of
    no charge at all). When that is canceled, another schedule takes this one back: its
    `reverses_id`. `recognition_start` and the four fields after it are how it was last spread by a
    formula, so that a new accounting period gets its share (R 3.2 F10); a distribution by hand that
    touches Open-Ended forgets them.
    """

    id: str
    entity_id: str
    number: str
    account_id: str
    original_subscription_id: str | None
    charge_id: str | None
    product_charge_id: str | None = None
    amount_minor: int
    currency: str
    rule_name: str
    schedule_date: date
    fund_id: str | None = None
    rating_result_id: str | None = None
    credited_fund_id: str | None = None
    rolled_fund_id: str | None = None
    linked_type: LinkedType | None = None
    linked_id: str | None = None
    linked_number: str | None = None
    reverses_id: str | None = None
    recognition_start: date | None = None
    recognition_end: date | None = None
    distribution_type: Method | None = None
    recognition_rounding: Rounding | None = None
    recognition_not_before: date | None = None
    reference_id: str | None = None
    notes: str | None = None
    override_accounting_codes: bool = False
    recognized_code: str | None = None
    recognized_code_type: str | None = None
    deferred_code: str | None = None
    deferred_code_type: str | None = None
    deleted: bool = False
    deleted_at: datetime | None = None
    custom_fields: CustomFields = field(default_factory=dict)

    @property
    def is_kept(self) -> bool:
        """Whether it lies as usage and funds say, and is not to be moved or deleted by hand."""
        by_fund = self.fund_id or self.credited_fund_id or self.rolled_fund_id
        return bool(by_fund or self.rating_result_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueItem:
    """What a schedule holds in one period. One row for each period it ever touched."""

    schedule_id: str
    period_id: str
    entity_id: str
    amount_minor: int
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution(Stamped):
    """One change to a schedule: the amounts it added to and took from periods. Never changed."""

    id: str
    entity_id: str
    number: str
    schedule_id: str
    event_type: str
    event_type_system_id: str
    notes: str | None = None
    recognition_start: date | None = None
    recognition_end: date | None = None
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionItem:
    """The amount one distribution added to one period (negative: took from it)."""

    distribution_id: str
    period_id: str
    entity_id: str
    amount_minor: int
    custom_fields: CustomFields = field(default_factory=dict)
