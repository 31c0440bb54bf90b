"""Usage records as they came, and guided usage: one record on one charge (U 1.10, 1.11)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from earned.domain.exact import ZERO
from earned.domain.quick_init import quick_init
from earned.domain.tenancy import CustomFields, Stamped

PENDING = "Pending"
PROCESSED = "Processed"

IMPORT = "Import"
"""The source type of records that came in files."""


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRecord(Stamped):
    """A quantity used, stored as sent. `usage_date` is its day in the entity's time zone.

    `charge_id` and `subscription_id` are original ids, set where the record named them.
    """

    id: str
    entity_id: str
    account_id: str
    account_number: str
    subscription_id: str | None = None
    subscription_number: str | None = None
    charge_id: str | None = None
    charge_number: str | None = None
    uom: str
    quantity: Decimal
    start_date_time: datetime
    end_date_time: datetime | None = None
    usage_date: date
    description: str | None = None
    unique_key: str | None = None
    rbe_status: str = PENDING
    source_type: str = "API"
    file_name: str | None = None
    import_id: str | None = None
    deleted: bool = False
    custom_fields: CustomFields = field(default_factory=dict)


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class GuidedUsage(Stamped):
    """A usage record on one charge it applies to.

    `quantity` is rounded to the unit of measure; `remaining_quantity` is the part, in the usage
    unit, that no fund covered (overage; negative where a correction found nothing to reverse), and
    `group_key` what it is rated together with (`domain.rating_group`). Where funds in currency pay,
    `amount_minor` is what it costs (`domain.rated`).
    """

    id: str
    entity_id: str
    usage_id: str
    account_id: str
    charge_id: str
    charge_number: str
    charge_segment: int
    original_subscription_id: str
    uom: str
    quantity: Decimal
    usage_date: date
    remaining_quantity: Decimal = ZERO
    amount_minor: int | None = None
    group_key: str | None = None
    status: str = PENDING
    deleted: bool = False

    @property
    def segment_key(self) -> tuple[str, int]:
        """The segment of the usage charge."""
        return self.charge_id, self.charge_segment
