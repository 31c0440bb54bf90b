"""Revenue schedules: one amount spread over accounting periods (R 1).

A *distribution* (on the wire a revenue event, `RE-00000001`) moves amounts between the periods of
one schedule; the schedule's items are the sum of its distributions and never anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from earned.domain.tenancy import CustomFields, Stamped


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueSchedule(Stamped):
    """An amount in one currency that belongs to one subscription charge and never changes (R10).

    `fund_id` is set on the schedules the system keeps for prepaid funds. `charge_id` and
    `original_subscription_id` are original ids.
    """

    id: str
    entity_id: str
    number: str
    account_id: str
    original_subscription_id: str
    charge_id: str
    amount_minor: int
    currency: str
    rule_name: str
    schedule_date: date
    fund_id: str | None = None
    reference_id: str | None = None
    notes: str | None = None
    override_accounting_codes: bool = False
    recognized_code: str | None = None
    recognized_code_type: str | None = None
    deferred_code: str | None = None
    deferred_code_type: str | None = None
    deleted: bool = False
    custom_fields: CustomFields = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to which object, and what it was before. Append-only."""

    id: str
    entity_id: str
    at: datetime
    actor: str
    action: str
    object_type: str
    object_id: str
    detail: Mapping[str, object]
