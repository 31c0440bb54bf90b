"""Accounting codes and accounting periods (R 4, R 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from earned.domain.tenancy import CustomFields, Stamped

OPEN_ENDED = "Open-Ended"


class PeriodStatus(StrEnum):
    """Where a period stands in its close."""

    OPEN = "Open"
    PENDING_CLOSE = "PendingClose"
    CLOSED = "Closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingCode(Stamped):
    """An entry of the chart of accounts; `code_type` is the enum spelling, `SalesRevenue`.

    Segment constant values, and the organisation labels of a period, are kept as they came.
    """

    id: str
    entity_id: str
    name: str
    code_type: str
    category: str
    gl_account_name: str | None = None
    gl_account_number: str | None = None
    notes: str | None = None
    status: str = "Active"
    segment_constant_values: Mapping[str, object] | None = None
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingPeriod(Stamped):
    """A range of days, both ends inclusive as accountants say them; contiguous with its neighbours.

    The one row named `Open-Ended` is always open and has no dates: it holds what no defined period
    does yet. The trial balance instants are None until one has run, and again when dates change.
    """

    id: str
    entity_id: str
    name: str
    start_date: date | None
    end_date: date | None
    fiscal_year: int | None
    fiscal_quarter: int | None = None
    notes: str | None = None
    status: PeriodStatus = PeriodStatus.OPEN
    trial_balance_start: datetime | None = None
    trial_balance_end: datetime | None = None
    organization_labels: Sequence[Mapping[str, object]] = ()
    custom_fields: CustomFields = field(default_factory=dict)

    @property
    def is_open_ended(self) -> bool:
        """Whether this is the virtual period after the last defined one."""
        return self.start_date is None

    @property
    def is_closed(self) -> bool:
        """A closed period never changes."""
        return self.status is PeriodStatus.CLOSED

    @property
    def is_balancing(self) -> bool:
        """Whether a trial balance has been begun and not ended."""
        return self.trial_balance_start is not None and self.trial_balance_end is None

    def covers(self, day: date) -> bool:
        """Say whether `day` lies in this defined period."""
        if self.start_date is None or self.end_date is None:
            return False
        return self.start_date <= day <= self.end_date


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodChange:
    """A status that an accounting period got, when and from whom. Append-only.

    What was recognised at a past moment follows from the last change before it.
    """

    id: str
    entity_id: str
    period_id: str
    status: PeriodStatus
    at: datetime
    actor: str
