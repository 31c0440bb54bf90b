"""Prepaid funds and the append-only ledger of their units (U 1.6 to 1.9).

Invariant: a fund's `balance` is the sum of its transactions, a prepaid balance's is the sum of its
funds', and neither is ever negative.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from earned.domain.breakage import BreakagePolicy
from earned.domain.calendar import Days
from earned.domain.consumption import Ending
from earned.domain.exact import ZERO, subtract
from earned.domain.quick_init import quick_init
from earned.domain.tenancy import Stamped


class TransactionType(StrEnum):
    """What moved units; the last three have no published name (U 1.9)."""

    PREPAYMENT = "PREPAYMENT"
    PREPAYMENT_ADJUSTMENT = "PREPAYMENT_ADJUSTMENT"
    DRAWDOWN = "DRAWDOWN"
    DRAWDOWN_ADJUSTMENT = "DRAWDOWN_ADJUSTMENT"
    DRAWDOWN_REVERSAL = "DRAWDOWN_REVERSAL"
    PREPAYMENT_CREDIT_BACK = "PREPAYMENT_CREDIT_BACK"
    PREPAYMENT_CREDIT_BACK_REVERSAL = "PREPAYMENT_CREDIT_BACK_REVERSAL"
    ROLLED_OVER = "ROLLED_OVER"
    ROLLOVER = "ROLLOVER"
    FUND_EXPIRY = "FUND_EXPIRY"


CONSUMING = (
    TransactionType.DRAWDOWN,
    TransactionType.DRAWDOWN_ADJUSTMENT,
    TransactionType.DRAWDOWN_REVERSAL,
)
"""Units that usage took, or gave back."""

ENDING = MappingProxyType(
    {
        TransactionType.FUND_EXPIRY: Ending.EXPIRY,
        TransactionType.PREPAYMENT_CREDIT_BACK: Ending.CREDIT,
        TransactionType.PREPAYMENT_CREDIT_BACK_REVERSAL: Ending.CREDIT,
    }
)
"""Units that left without usage, or came back, and what their daily rows are called."""


ORDINARY = 50
"""The priority of a fund whose charge says none; a lower number is drawn first (U 1.7)."""


class SourceType(StrEnum):
    """What a balance transaction comes from."""

    CHARGE = "CHARGE"
    USAGE = "USAGE"


class FundScope(StrEnum):
    """What a fund may pay for (U 1.4): usage of its rate plan, subscription or account."""

    RATEPLAN = "RATEPLAN"
    SUBSCRIPTION = "SUBSCRIPTION"
    ACCOUNT = "ACCOUNT"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepaidBalance(Stamped):
    """All funds of one subscription in one unit, named `<subscription number>_<unit>`.

    Funds that pay for a whole account are in a balance of its own, which belongs to the account and
    to no subscription, and is named `<account number>_<unit>`. The aggregate that is locked as one:
    `version` grows with every change of it or its funds.
    """

    id: str
    entity_id: str
    account_id: str
    original_subscription_id: str | None
    scope: FundScope = FundScope.SUBSCRIPTION
    is_of_currency: bool = False
    name: str
    uom: str
    total_fund: Decimal
    balance: Decimal
    start_date: date
    end_date: date
    state: str = "ACTIVE"
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidityPeriodSummary(Stamped):
    """What one prepaid balance holds in one validity period."""

    id: str
    entity_id: str
    account_id: str
    prepaid_balance_id: str
    account_number: str
    subscription_number: str | None
    uom: str
    start_date: date
    end_date: date
    total_balance: Decimal
    remaining_balance: Decimal
    billing_timing: str = "In Advance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund(Stamped):
    """Units of one validity period from one prepayment charge segment, and what they cost.

    Valid in the half-open range `[start_date, end_date)`. `source_id` is the original charge id.
    It pays for what `scope` says: `holder_id` is the original rate plan or subscription, or the
    account, whose usage that is. Units of a fund that `is_of_currency` are its currency's.
    `transaction_count` numbers the fund's ledger without gaps.

    What becomes of units that nobody uses is decided when the fund is made (`domain.breakage`).
    `expired` counts those that expired; since `expired_on` they come back for usage that is late,
    and what comes back to the fund expires again. Of these, `depleted` were taken by hand, and
    never come back. A fund that is `done`, depleted or credited for `credited_minor` as of
    `credited_on`, gives nothing back. `rolled_over` units went on to another fund, `rolled_back`
    ones back to the `origin_fund_id`, and `rolled_minor` of its price with them (`domain.rolling`).
    """

    id: str
    entity_id: str
    account_id: str
    prepaid_balance_id: str
    validity_period_summary_id: str
    source_id: str
    charge_number: str
    charge_segment: int
    currency: str
    funded_balance: Decimal
    balance: Decimal
    funding_price_minor: int
    start_date: date
    end_date: date
    scope: FundScope = FundScope.SUBSCRIPTION
    holder_id: str
    supports_hierarchy: bool = False
    is_of_currency: bool = False
    priority: int = ORDINARY
    rollover_apply: str | None = None
    rollover_count: int = 0
    origin_fund_id: str | None = None
    rolled_over: Decimal = ZERO
    rolled_back: Decimal = ZERO
    rolled_minor: int = 0
    expired: Decimal = ZERO
    depleted: Decimal = ZERO
    done: bool = False
    breakage_policy: BreakagePolicy = BreakagePolicy.AT_EXPIRY
    expected_breakage_rate: Decimal | None = None
    expired_on: date | None = None
    credited_minor: int = 0
    credited_on: date | None = None
    transaction_count: int = 0

    @property
    def segment_key(self) -> tuple[str, int]:
        """The segment of the prepayment charge that it comes from."""
        return self.source_id, self.charge_segment

    @property
    def validity(self) -> Days:
        """The days on which usage may draw from the fund."""
        return Days(self.start_date, self.end_date)

    @property
    def own_units(self) -> Decimal:
        """The units funded less those that rolled on or back: what its daily rows add up to."""
        return subtract(subtract(self.funded_balance, self.rolled_over), self.rolled_back)

    @property
    def last_day(self) -> date:
        """The last day of its validity: units that are left then expire on it (U 2.14)."""
        return self.end_date - timedelta(1)


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTransaction:
    """One signed movement of units in a fund. Never changed, never deleted.

    `balance` is the prepaid balance after it. For a drawdown, `usage_id`, the guided usage in
    `source_id` and the drawdown charge say where it came from. `transaction_date` is the day it
    takes effect, for usage the day of the usage.
    """

    id: str
    entity_id: str
    account_id: str
    prepaid_balance_id: str
    fund_id: str
    sequence: int
    amount: Decimal
    balance: Decimal
    transaction_date: date
    transaction_type: TransactionType
    source_type: SourceType
    source_id: str
    usage_id: str | None = None
    usage_uom: str | None = None
    drawdown_rate: Decimal | None = None
    drawdown_charge_id: str | None = None
    drawdown_charge_number: str | None = None
    drawdown_charge_segment: int | None = None
    created_by: str
    created_at: datetime
