"""Daily consumption and revenue events (U 1.12 to 1.14).

A *series* is what rows accumulate over: a fund, or the rating result of a usage charge in one
service period. Within a series the rows are ordered by day, charge number and segment, and each
amount is the difference of two rounded running totals, so that they always add up.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from earned.domain.tenancy import Stamped


class EventType(StrEnum):
    """The kinds of revenue event (U 1.14)."""

    DAILY_RATED_USAGE = "Daily Rated Usage"
    UNBILLED_USAGE = "Unbilled Usage"
    FUND_EXPIRY = "Fund Expiry"
    FUND_ROLLOVER = "FundRollover"
    FUND_CREDIT = "FundCredit"


class Ending(StrEnum):
    """What took units out of a fund that nobody used: they expired, or were credited back."""

    EXPIRY = "EXPIRY"
    CREDIT = "CREDIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingResult(Stamped):
    """What one usage charge has rated in one service period (half-open), beyond all funds.

    In one rating group of it, where `group_key` names one; `is_individual` where each record is
    rounded and priced by itself (`domain.individual`). `invoice_item_id` is the item of the last
    invoice in force that bills it.
    """

    id: str
    entity_id: str
    account_id: str
    charge_id: str
    charge_number: str
    charge_segment: int
    original_subscription_id: str
    currency: str
    service_start_date: date
    service_end_date: date
    quantity: Decimal
    amount_minor: int
    status: str = "Rated"
    group_key: str | None = None
    is_individual: bool = False
    invoice_item_id: str | None = None
    version: int = 1

    @property
    def segment_key(self) -> tuple[str, int]:
        """The segment of the usage charge."""
        return self.charge_id, self.charge_segment


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyConsumption:
    """A day of one usage charge in a series. `id` is a function of the key and never changes.

    Fund rows have `fund_id` and the prepayment charge as `charge_id`; rows of a rating result have
    `rating_result_id` and the usage charge itself. Units that no usage took have an `ending`
    instead of a usage charge. `units` is what overage is counted in: the prepaid units that no fund
    had, of which `quantity` is measured over all days of the rating result so far. `created_at` and
    `updated_at` come from the ledger: the first movement of the row, and the last one at or before
    it in the series.
    """

    id: str
    entity_id: str
    account_id: str
    charge_id: str
    charge_segment: int
    fund_id: str | None = None
    rating_result_id: str | None = None
    ending: Ending | None = None
    usage_charge_id: str | None = None
    usage_charge_number: str | None = None
    usage_charge_name: str | None = None
    usage_charge_segment: int | None = None
    transaction_date: date
    quantity: Decimal
    units: Decimal | None = None
    amount_minor: int
    currency: str
    recognized_revenue_account: str | None = None
    adjustment_revenue_account: str | None = None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueEvent:
    """A revenue recognition events transaction: one day's revenue of one series.

    `collected_minor` is what has reached a revenue schedule already; collecting moves the
    difference. `regenerate_flag` is `Y` when a regeneration asked for collection again.
    """

    id: str
    entity_id: str
    account_id: str
    event_type: EventType
    subscription_name: str
    charge_id: str
    charge_number: str
    charge_segment: int
    transaction_date: date
    quantity: Decimal
    amount_minor: int | None
    currency: str
    unit_price: Decimal | None
    fund_id: str | None = None
    fund_start_date: date | None = None
    fund_end_date: date | None = None
    rating_result_id: str | None = None
    usage_charge_id: str | None = None
    usage_charge_number: str | None = None
    usage_charge_name: str | None = None
    usage_charge_segment: int | None = None
    recognized_revenue_account: str | None = None
    adjustment_revenue_account: str | None = None
    exclude_booking_from_revenue: bool = False
    exclude_billing_from_revenue: bool = False
    regenerate_flag: str = "N"
    collected_minor: int = 0
    deleted: bool = False
    created_at: datetime
    updated_at: datetime
