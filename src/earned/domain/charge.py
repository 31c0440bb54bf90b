"""The commercial terms of a charge, in the catalog and on a subscription (U 1.2, 1.4)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from earned.domain.tenancy import Stamped

CHARGE_TYPES = ("OneTime", "Recurring", "Usage")
TOPUP = "topup"
DRAWDOWN = "drawdown"
CUSTOM_UNLIMITED = "Custom - Unlimited recognition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A price band: quantities above `starting_unit` up to `ending_unit` (None is without end).

    `price_format` is `PerUnit` or `FlatFee`. `is_overage` marks the price of units beyond those
    included (charge models Overage and Tiered with Overage).
    """

    currency: str
    tier: int = 1
    starting_unit: Decimal | None = None
    ending_unit: Decimal | None = None
    price: Decimal
    price_format: str = "PerUnit"
    is_overage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeTerms(Stamped):
    """What is sold, at what price, how it is prepaid and how it is recognised."""

    name: str
    description: str | None = None
    charge_type: str
    charge_model: str
    uom: str | None = None
    default_quantity: Decimal | None = None
    included_units: Decimal | None = None
    tiers: tuple[Tier, ...] = ()
    list_price_base: str | None = None
    billing_period: str | None = None
    specific_billing_period: int | None = None
    billing_period_alignment: str | None = None
    billing_timing: str | None = None
    bill_cycle_type: str | None = None
    bill_cycle_day: int | None = None
    trigger_event: str | None = None
    end_date_condition: str | None = None
    up_to_periods: int | None = None
    up_to_periods_type: str | None = None
    rating_group: str | None = None

    is_prepaid: bool = False
    prepaid_operation_type: str | None = None
    prepaid_quantity: Decimal | None = None
    prepaid_uom: str | None = None
    validity_period_type: str | None = None
    validity_period_alignment: str | None = None
    validity_period_anchor_date: date | None = None
    validity_period_proration_option: str | None = None
    specific_validity_period_length: int | None = None
    credit_option: str | None = None
    breakage_policy: str | None = None
    expected_breakage_rate: Decimal | None = None
    drawdown_rate: Decimal | None = None
    drawdown_uom: str | None = None
    is_rollover: bool = False
    rollover_apply: str | None = None
    rollover_periods: int | None = None
    rollover_period_length: int | None = None
    rollover_period_type: str | None = None
    rollover_fund_priority: int | None = None
    rollover_end_date_type: str | None = None
    rollover_end_date: date | None = None
    charge_function: str | None = None
    commitment_type: str | None = None
    commitment_level: str | None = None
    drawdown_priority: int | None = None
    fund_support_account_hierarchy: bool = False
    proration_option: str | None = None

    accounting_code: str | None = None
    recognized_revenue_account: str | None = None
    deferred_revenue_account: str | None = None
    adjustment_revenue_account: str | None = None
    revenue_recognition_rule_name: str | None = None
    rev_rec_code: str | None = None
    rev_rec_trigger_condition: str | None = None
    exclude_booking_from_revenue: bool = False
    exclude_billing_from_revenue: bool = False
    use_discount_specific_accounting_code: bool = False

    @property
    def is_topup(self) -> bool:
        """A prepayment charge: it creates funds."""
        return self.is_prepaid and self.prepaid_operation_type == TOPUP

    @property
    def is_drawdown(self) -> bool:
        """A usage charge whose usage is taken from funds first."""
        return self.is_prepaid and self.prepaid_operation_type == DRAWDOWN

    @property
    def rollover_times(self) -> int:
        """How often what is left rolls over: once where a rollover period of its own is given."""
        once = 1 if self.rollover_period_type else 0
        return (self.rollover_periods or once) if self.is_rollover else 0

    @property
    def is_of_currency(self) -> bool:
        """Whether its funds, or those it draws, hold money and no units (U 2.8)."""
        return self.is_prepaid and self.commitment_type == "CURRENCY"

    @property
    def drawn_uom(self) -> str | None:
        """The unit of the funds it draws: the usage unit unless it says otherwise."""
        return self.drawdown_uom or self.uom

    @property
    def rate(self) -> Decimal:
        """Prepaid units per usage unit; 1 where both drawdown fields are empty (U 1.4)."""
        return Decimal(1) if self.drawdown_rate is None else self.drawdown_rate
