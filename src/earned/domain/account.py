"""Customer accounts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from earned.domain.tenancy import CustomFields, Stamped


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Stamped):
    """A customer: one billing currency, one number, contacts as sent.

    `roll_up_usage` says whether its usage counts for its parent, where the entity has it so
    (U 2.17).
    """

    id: str
    entity_id: str
    organization_id: str | None = None
    number: str
    name: str
    currency: str
    status: str = "Active"
    bill_cycle_day: int = 1
    parent_id: str | None = None
    roll_up_usage: bool = True
    auto_pay: bool = False
    batch: str | None = None
    crm_id: str | None = None
    notes: str | None = None
    payment_term: str | None = None
    sales_rep: str | None = None
    bill_to: Mapping[str, object]
    sold_to: Mapping[str, object]
    custom_fields: CustomFields = field(default_factory=dict)

    @property
    def is_active(self) -> bool:
        """Only an active account takes usage (U 1.2)."""
        return self.status == "Active"
