"""How the choices of a charge are spelled: read in any spelling, kept in one (U 1.2, 1.4).

The object API says `Semi-Annual` and `Per Unit Pricing`, the v1 API `Semi_Annual` and `PerUnit`,
samples `Month` for what the catalog calls `MONTH`. Letters decide; case, spaces, hyphens and
underscores do not. What is kept is the v1 spelling, except for `end_date_condition`.
"""

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TypeVar

from earned.domain.breakage import BreakagePolicy
from earned.domain.charge import CHARGE_TYPES, DRAWDOWN, TOPUP, ChargeTerms, Tier
from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.tenancy import Stamped

Terms = TypeVar("Terms", bound=ChargeTerms)

_LONG_MODELS = {
    "FlatFee": "Flat Fee Pricing",
    "PerUnit": "Per Unit Pricing",
    "Overage": "Overage Pricing",
    "Volume": "Volume Pricing",
    "Tiered": "Tiered Pricing",
    "TieredWithOverage": "Tiered with Overage Pricing",
    "DiscountFixedAmount": "Discount-Fixed Amount",
    "DiscountPercentage": "Discount-Percentage",
    "Delivery": "Delivery Pricing",
    "MultiAttributePricing": "MultiAttributePricing",
    "PreratedPerUnit": "PreratedPerUnit",
    "PreratedPricing": "PreratedPricing",
    "HighWatermarkVolumePricing": "HighWatermarkVolumePricing",
    "HighWatermarkTieredPricing": "HighWatermarkTieredPricing",
    "Calculated": "Calculated",
}

CHOICES: Mapping[str, tuple[str, ...]] = {
    "charge_type": CHARGE_TYPES,
    "charge_model": tuple(_LONG_MODELS),
    "billing_period": (
        *("Month", "Quarter", "Semi_Annual", "Annual", "Eighteen_Months", "Two_Years"),
        *("Three_Years", "Five_Years", "Specific_Months", "Subscription_Term", "Week"),
        *("Specific_Weeks", "Specific_Days"),
    ),
    "billing_period_alignment": (
        *("AlignToCharge", "AlignToSubscriptionStart", "AlignToTermStart", "AlignToTermEnd"),
    ),
    "billing_timing": ("IN_ADVANCE", "IN_ARREARS"),
    "bill_cycle_type": (
        *("DefaultFromCustomer", "SpecificDayofMonth", "SubscriptionStartDay"),
        *("ChargeTriggerDay", "SpecificDayofWeek", "TermStartDay", "TermEndDay"),
    ),
    "trigger_event": (
        *("ContractEffective", "ServiceActivation", "CustomerAcceptance", "SpecificDate"),
    ),
    "end_date_condition": ("SubscriptionEnd", "FixedPeriod", "SpecificEndDate", "OneTime"),
    "up_to_periods_type": ("Billing_Periods", "Days", "Weeks", "Months", "Years"),
    "list_price_base": (
        *("Per_Billing_Period", "Per_Month", "Per_Week", "Per_Year", "Per_Specific_Months"),
        "Per_Validity_Period",
    ),
    "rating_group": (
        *("ByBillingPeriod", "ByUsageStartDate", "ByUsageRecord", "ByUsageUpload", "ByGroupId"),
    ),
    "prepaid_operation_type": (TOPUP, DRAWDOWN),
    "validity_period_type": (
        *("SUBSCRIPTION_TERM", "ANNUAL", "SEMI_ANNUAL", "QUARTER", "MONTH"),
        *("SPECIFIC_DAYS", "SPECIFIC_WEEKS", "SPECIFIC_MONTHS"),
    ),
    "validity_period_alignment": ("ChargeStart", "TermStart", "TermEnd", "SpecificDate"),
    "validity_period_proration_option": ("ProrateUnits", "NoProrate"),
    "credit_option": ("TimeBased", "ConsumptionBased", "FullCreditBack"),
    "breakage_policy": tuple(policy.value for policy in BreakagePolicy),
    "rollover_apply": ("ApplyFirst", "ApplyLast"),
    "rollover_period_type": ("Day", "Month", "Quarter", "Annual"),
    "rollover_end_date_type": ("ChargeEndDate", "SubscriptionTerm", "SpecificDate"),
    "charge_function": (
        *("Standard", "Prepayment", "CommitmentTrueUp", "Drawdown", "CreditCommitment"),
        "DrawdownAndCreditCommitment",
    ),
    "commitment_type": ("UNIT", "CURRENCY"),
    "commitment_level": ("RATEPLAN", "SUBSCRIPTION", "ACCOUNT"),
    "proration_option": (
        *("NoProration", "TimeBasedProration", "DefaultFromTenantSetting", "ChargeFullPeriod"),
        "CustomizeProrationOptionOverrides",
    ),
    "rev_rec_trigger_condition": (
        *("ContractEffectiveDate", "ServiceActivationDate", "CustomerAcceptanceDate"),
    ),
}
"""The spellings that are kept, by field of `ChargeTerms`."""

PRICE_FORMATS = ("PerUnit", "FlatFee")

_OBJECT_NAMES = {
    "uom": "UOM",
    "tiers": "ProductRatePlanChargeTierData",
    "exclude_booking_from_revenue": "ExcludeItemBookingFromRevenueAccounting",
    "exclude_billing_from_revenue": "ExcludeItemBillingFromRevenueAccounting",
    "commitment_type": "PrepaymentUnitType",
    "commitment_level": "DrawdownScope",
}
_SPACED = {"billing_period", "billing_timing", "list_price_base", "up_to_periods_type"}


def object_name(field: str) -> str:
    """Return the name of a field of `ChargeTerms` in the object API: `PrepaidQuantity`."""
    return _OBJECT_NAMES.get(field) or "".join(word.title() for word in field.split("_"))


def long_form(field: str, value: str) -> str:
    """Return a choice as the object API spells it: `Semi-Annual`, `In Advance`."""
    if field == "charge_model":
        return _LONG_MODELS[value]
    if field not in _SPACED:
        return value
    words = value.title() if value.isupper() else value
    return "Semi-Annual" if words == "Semi_Annual" else words.replace("_", " ")


def parse_price_format(text: str | None) -> str:
    """Return `PerUnit` or `FlatFee`; per unit where nothing is said. Raises `EarnedError`."""
    if text is None:
        return "PerUnit"
    found = _find(text, PRICE_FORMATS)
    if found is None:
        raise EarnedError([_unknown("PriceFormat", PRICE_FORMATS)])
    return found


def canonical(terms: Terms) -> Terms:
    """Return the terms in the spelling that is kept, tiers numbered for each currency from 1.

    `ChargeFunction` says what `IsPrepaid` and `PrepaidOperationType` say where they are silent, and
    a prepayment gives credit by time, and earns unused units when they expire, unless it says
    otherwise. Raises `EarnedError` naming every choice that is unknown.
    """
    changes: dict[str, object] = {}
    problems = []
    for field, values in CHOICES.items():
        text = getattr(terms, field)
        if not isinstance(text, str):
            continue
        changes[field] = _find(text, values)
        if changes[field] is None:
            problems.append(_unknown(object_name(field), values))
    if problems:
        raise EarnedError(problems)
    return _completed(replace(terms, **changes, tiers=_numbered(terms.tiers)))  # type: ignore[arg-type]


def _completed(terms: Terms) -> Terms:
    operation = {"Prepayment": TOPUP, "Drawdown": DRAWDOWN}.get(terms.charge_function or "")
    if operation and not terms.prepaid_operation_type:
        terms = replace(terms, is_prepaid=True, prepaid_operation_type=operation)
    if terms.is_topup and not terms.credit_option:
        terms = replace(terms, credit_option="TimeBased")
    if terms.is_topup and not terms.breakage_policy:
        terms = replace(terms, breakage_policy=BreakagePolicy.AT_EXPIRY.value)
    return terms


def _numbered(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    """Number the tiers of each currency in the order they say or were sent, overage last."""
    counts: dict[str, int] = {}
    numbered = []
    for tier in sorted(tiers, key=lambda tier: (tier.is_overage, tier.tier)):
        counts[tier.currency] = counts.get(tier.currency, 0) + 1
        numbered.append(replace(tier, tier=counts[tier.currency]))
    return tuple(numbered)


def _find(text: str, values: tuple[str, ...]) -> str | None:
    wanted = {_letters(text), _letters(text).removesuffix("pricing")}
    return next((value for value in values if _letters(value) in wanted), None)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.casefold())


def _unknown(name: str, values: tuple[str, ...]) -> Problem:
    text = f"'{name}' value should be one of: {', '.join(values)}"
    return Problem(Kind.INVALID, text, name)


_STAMPS = {stamp.name for stamp in fields(Stamped)}
TERMS = tuple(term.name for term in fields(ChargeTerms) if term.name not in _STAMPS)
"""The fields of `ChargeTerms`, without who made the row and when."""

NULLABLE = frozenset(term.name for term in fields(ChargeTerms) if term.default is None)
"""The terms that may be set to nothing."""
