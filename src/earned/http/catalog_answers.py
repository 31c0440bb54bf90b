"""How products, rate plans and charges look in the v1 catalog, as the official client reads them.

Quantities and prices are strings there, except the fields of prepaid charges.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from earned.domain.catalog import Product, ProductRatePlan, ProductRatePlanCharge
from earned.domain.charge import Tier
from earned.domain.charge_rules import prepaid_total
from earned.domain.exact import plain

_AS_THEY_ARE = {
    "uom": "uom",
    "billing_period": "billingPeriod",
    "specific_billing_period": "specificBillingPeriod",
    "billing_period_alignment": "billingPeriodAlignment",
    "billing_timing": "billingTiming",
    "trigger_event": "triggerEvent",
    "end_date_condition": "endDateCondition",
    "up_to_periods": "upToPeriods",
    "up_to_periods_type": "upToPeriodsType",
    "rating_group": "ratingGroup",
    "list_price_base": "listPriceBase",
    "is_prepaid": "isPrepaid",
    "prepaid_operation_type": "prepaidOperationType",
    "prepaid_quantity": "prepaidQuantity",
    "prepaid_uom": "prepaidUom",
    "validity_period_type": "validityPeriodType",
    "validity_period_alignment": "validityPeriodAlignment",
    "validity_period_anchor_date": "validityPeriodAnchorDate",
    "validity_period_proration_option": "validityPeriodProrationOption",
    "specific_validity_period_length": "specificValidityPeriodLength",
    "credit_option": "creditOption",
    "breakage_policy": "breakagePolicy",
    "expected_breakage_rate": "expectedBreakageRate",
    "drawdown_rate": "drawdownRate",
    "drawdown_uom": "drawdownUom",
    "is_rollover": "isRollover",
    "rollover_apply": "rolloverApply",
    "rollover_periods": "rolloverPeriods",
    "rollover_period_type": "rolloverPeriodType",
    "rollover_fund_priority": "rolloverFundPriority",
    "rollover_end_date_type": "rolloverEndDateType",
    "rollover_end_date": "rolloverEndDate",
    "charge_function": "chargeFunction",
    "commitment_type": "commitmentType",
    "proration_option": "prorationOption",
    "revenue_recognition_rule_name": "revenueRecognitionRuleName",
    "rev_rec_code": "revRecCode",
    "rev_rec_trigger_condition": "revRecTriggerCondition",
    "exclude_billing_from_revenue": "excludeItemBillingFromRevenueAccounting",
    "exclude_booking_from_revenue": "excludeItemBookingFromRevenueAccounting",
    "use_discount_specific_accounting_code": "useDiscountSpecificAccountingCode",
}


def present_product(product: Product) -> Mapping[str, object]:
    """Return a product; its rate plans are behind a link."""
    return {
        "id": product.id,
        "sku": product.sku,
        "productNumber": product.number,
        "name": product.name,
        "category": product.category,
        "description": product.description,
        "effectiveStartDate": product.effective_start_date,
        "effectiveEndDate": product.effective_end_date,
        "productRatePlans": f"/v1/rateplan/{product.id}/productRatePlan",
        "productFeatures": [],
        **product.custom_fields,
    }


def present_plan(plan: ProductRatePlan, product: Product, today: date) -> Mapping[str, object]:
    """Return a rate plan. Where it has no dates of its own it is sold as long as its product."""
    start = plan.effective_start_date or product.effective_start_date
    end = plan.effective_end_date or product.effective_end_date
    return {
        "id": plan.id,
        "productRatePlanNumber": plan.number,
        "name": plan.name,
        "description": plan.description,
        "effectiveStartDate": start,
        "effectiveEndDate": end,
        "status": "NotStarted" if today < start else "Expired" if end < today else "Active",
        **plan.custom_fields,
    }


def present_charge(charge: ProductRatePlanCharge) -> Mapping[str, object]:
    """Return a charge, its prices by currency."""
    return {
        "id": charge.id,
        "productRatePlanChargeNumber": charge.number,
        "name": charge.name,
        "description": charge.description,
        "type": charge.charge_type,
        "model": charge.charge_model,
        "billingDay": _billing_day(charge),
        "defaultQuantity": _text(charge.default_quantity),
        "includedUnits": _text(charge.included_units),
        "prepaidTotalQuantity": prepaid_total(charge),
        **{name: getattr(charge, field) for field, name in _AS_THEY_ARE.items()},
        "financeInformation": {
            "recognizedRevenueAccountingCode": charge.recognized_revenue_account,
            "deferredRevenueAccountingCode": charge.deferred_revenue_account,
            "adjustmentRevenueAccountingCode": charge.adjustment_revenue_account,
        },
        "pricing": [
            _pricing(charge, currency, list(tiers))
            for currency, tiers in groupby(
                sorted(charge.tiers, key=attrgetter("currency", "tier")), attrgetter("currency")
            )
        ],
        **charge.custom_fields,
    }


def _pricing(
    charge: ProductRatePlanCharge, currency: str, tiers: Sequence[Tier]
) -> Mapping[str, object]:
    """Return the prices in one currency: one price, or tiers and what is beyond them."""
    bands = [tier for tier in tiers if not tier.is_overage]
    beyond = [tier.price for tier in tiers if tier.is_overage]
    single = charge.charge_model in {"FlatFee", "PerUnit"}
    if charge.charge_model == "Overage":
        bands, beyond = [], [tier.price for tier in tiers]
    return {
        "currency": currency,
        "price": _text(bands[0].price) if single and bands else None,
        "tiers": None if single or not bands else [_tier(tier) for tier in bands],
        "includedUnits": _text(charge.included_units),
        "overagePrice": _text(beyond[0]) if beyond else None,
        "discountAmount": None,
        "discountPercentage": None,
    }


def _tier(tier: Tier) -> Mapping[str, object]:
    return {
        "tier": tier.tier,
        "startingUnit": _text(tier.starting_unit),
        "endingUnit": _text(tier.ending_unit),
        "price": _text(tier.price),
        "priceFormat": tier.price_format,
    }


def _billing_day(charge: ProductRatePlanCharge) -> str | None:
    if charge.bill_cycle_type == "SpecificDayofMonth" and charge.bill_cycle_day:
        return f"SpecificDayofMonth({charge.bill_cycle_day})"
    return charge.bill_cycle_type


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
