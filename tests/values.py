"""Funds, charges and what hangs on them as values, for tests of rules."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from earned.domain.consumption import DailyConsumption
from earned.domain.prepaid import Fund, ValidityPeriodSummary
from earned.domain.subscription import RatePlanCharge

NOW = datetime(2026, 1, 15, tzinfo=UTC)
STAMP: dict[str, Any] = {
    "created_by": "tests",
    "created_at": NOW,
    "updated_by": "tests",
    "updated_at": NOW,
}
_OWNER: dict[str, Any] = {"entity_id": "entity", "account_id": "account"}


def fund(**changes: Any) -> Fund:
    """Make a fund of January: 7 units for 100.00 USD, all of them left."""
    facts: dict[str, Any] = {
        **_OWNER,
        "id": "fund",
        "prepaid_balance_id": "balance",
        "validity_period_summary_id": "period",
        "source_id": "prepayment",
        "charge_number": "C-1",
        "charge_segment": 1,
        "holder_id": "subscription",
        "currency": "USD",
        "funded_balance": Decimal(7),
        "balance": Decimal(7),
        "funding_price_minor": 10_000,
        "start_date": date(2026, 1, 1),
        "end_date": date(2026, 2, 1),
        **STAMP,
    }
    return Fund(**{**facts, **changes})


def validity_period(**changes: Any) -> ValidityPeriodSummary:
    """Make a validity period of January with 7 tokens, all of them left."""
    facts: dict[str, Any] = {
        **_OWNER,
        "id": "period",
        "prepaid_balance_id": "balance",
        "account_number": "A-1",
        "subscription_number": "A-S1",
        "uom": "Token",
        "start_date": date(2026, 1, 1),
        "end_date": date(2026, 2, 1),
        "total_balance": Decimal(7),
        "remaining_balance": Decimal(7),
        **STAMP,
    }
    return ValidityPeriodSummary(**{**facts, **changes})


def charge(**changes: Any) -> RatePlanCharge:
    """Make a flat fee that recurs through 2026, in USD."""
    facts: dict[str, Any] = {
        **_OWNER,
        "id": "charge",
        "original_id": "charge",
        "number": "C-00000001",
        "rate_plan_id": "plan",
        "subscription_id": "subscription",
        "original_subscription_id": "subscription",
        "subscription_number": "A-S00000001",
        "product_rate_plan_charge_id": "product",
        "currency": "USD",
        "effective_start_date": date(2026, 1, 1),
        "effective_end_date": date(2027, 1, 1),
        "name": "Prepayment",
        "charge_type": "Recurring",
        "charge_model": "FlatFee",
        **STAMP,
    }
    return RatePlanCharge(**{**facts, **changes})


def consumption(day: date, quantity: object, amount_minor: int, **changes: Any) -> DailyConsumption:
    """Make the row of a day on which a charge drew units of `fund`."""
    facts: dict[str, Any] = {
        **_OWNER,
        "id": str(day),
        "charge_id": "prepayment",
        "charge_segment": 1,
        "fund_id": "fund",
        "usage_charge_id": "usage",
        "usage_charge_number": "C-2",
        "usage_charge_name": "Usage",
        "usage_charge_segment": 1,
        "transaction_date": day,
        "quantity": Decimal(str(quantity)),
        "amount_minor": amount_minor,
        "currency": "USD",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return DailyConsumption(**{**facts, **changes})
