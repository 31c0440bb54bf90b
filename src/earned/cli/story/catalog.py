"""What is sold: units of measure, a chart of accounts, and products with their rate plans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from earned.cli.story.months import Months
from earned.cli.story.wire import Json, Wire
from earned.domain.calendar import add_months
from earned.domain.charge import CUSTOM_UNLIMITED

UNITS = MappingProxyType({"Token": 0, "Point": 2, "Hour": 2, "GB-day": 0})
"""Decimal places by name."""

CODES = (
    ("Token Revenue", "SalesRevenue", "4000"),
    ("Flight Revenue", "SalesRevenue", "4100"),
    ("Storage Revenue", "SalesRevenue", "4200"),
    ("Subscription Revenue", "SalesRevenue", "4300"),
    ("Deferred Revenue", "DeferredRevenue", "2400"),
)

TOKENS = "Tokens, monthly"
TOP_UP = "Token top-up"
FLIGHTS = "Flight card, annual"
STORAGE = "Storage, quarterly"
ONBOARDING = "Onboarding"

PREPAID = "Prepayment"
TOKENS_USED = "Tokens used"
LIGHT_JET = "Light jet hours"
LARGE_JET = "Large jet hours"
STORED = "GB-days stored"
PROJECT = "Project"

_YEARS_SOLD = 120


@dataclass(frozen=True, slots=True)
class Plan:
    """A rate plan, the product it belongs to, and the charges of it."""

    product: str
    name: str
    charges: Sequence[Json]


def _charge(name: str, model: str, kind: str, **fields: object) -> Json:
    return {
        "Name": name,
        "ChargeModel": model,
        "ChargeType": kind,
        "BillCycleType": "TermStartDay",
        "BillingPeriodAlignment": "AlignToTermStart",
        "TriggerEvent": "ContractEffective",
        "UseDiscountSpecificAccountingCode": False,
        "DeferredRevenueAccount": "Deferred Revenue",
        **fields,
    }


def _priced(**prices: str) -> Json:
    """Return the field of a charge with one price in each currency."""
    tiers = [{"Currency": currency, "Price": price} for currency, price in prices.items()]
    return {"ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": tiers}}


def _prepaid(uom: str, units: int, revenue: str, **fields: object) -> Json:
    return {
        "IsPrepaid": True,
        "PrepaidOperationType": "topup",
        "PrepaidUom": uom,
        "PrepaidQuantity": units,
        "PrepaymentUnitType": "UNIT",
        "CreditOption": "TimeBased",
        "BillingTiming": "In Advance",
        "RecognizedRevenueAccount": revenue,
        **fields,
    }


def _drawn(uom: str, of: str, rate: str, revenue: str) -> Json:
    return {
        "UOM": uom,
        "IsPrepaid": True,
        "PrepaidOperationType": "drawdown",
        "DrawdownUom": of,
        "DrawdownRate": rate,
        "BillingPeriod": "Month",
        "RecognizedRevenueAccount": revenue,
    }


_FLAT, _PER_UNIT = "Flat Fee Pricing", "Per Unit Pricing"

PLANS = (
    Plan(
        "Tokens",
        TOKENS,
        (
            _charge(PREPAID, _FLAT, "Recurring", BillingPeriod="Month", ValidityPeriodType="MONTH")
            | _prepaid("Token", 1_000_000, "Token Revenue")
            | _priced(USD="1000"),
            _charge(TOKENS_USED, _PER_UNIT, "Usage")
            | _drawn("Token", "Token", "1", "Token Revenue")
            | _priced(USD="0.0015"),
        ),
    ),
    Plan(
        "Tokens",
        TOP_UP,
        (
            _charge(TOP_UP, _FLAT, "OneTime", ValidityPeriodType="MONTH")
            | _prepaid("Token", 250_000, "Token Revenue")
            | _priced(USD="300"),
        ),
    ),
    Plan(
        "Charter flights",
        FLIGHTS,
        (
            _charge(
                PREPAID, _FLAT, "Recurring", BillingPeriod="Annual", ValidityPeriodType="ANNUAL"
            )
            | _prepaid("Point", 300, "Flight Revenue")
            | _priced(EUR="240000"),
            _charge(LIGHT_JET, _PER_UNIT, "Usage")
            | _drawn("Hour", "Point", "1", "Flight Revenue")
            | _priced(EUR="900"),
            _charge(LARGE_JET, _PER_UNIT, "Usage")
            | _drawn("Hour", "Point", "2.5", "Flight Revenue")
            | _priced(EUR="2200"),
        ),
    ),
    Plan(
        "Cloud storage",
        STORAGE,
        (
            _charge(
                PREPAID, _FLAT, "Recurring", BillingPeriod="Quarter", ValidityPeriodType="QUARTER"
            )
            | _prepaid("GB-day", 9_000, "Storage Revenue")
            | _priced(JPY="100000"),
            _charge(STORED, _PER_UNIT, "Usage")
            | _drawn("GB-day", "GB-day", "1", "Storage Revenue")
            | _priced(JPY="12"),
        ),
    ),
    Plan(
        "Services",
        ONBOARDING,
        (
            _charge(
                PROJECT,
                _FLAT,
                "OneTime",
                RevenueRecognitionRuleName=CUSTOM_UNLIMITED,
                RecognizedRevenueAccount="Subscription Revenue",
            )
            | _priced(USD="300"),
        ),
    ),
)


def make_catalog(wire: Wire, months: Months) -> Mapping[str, str]:
    """Make all that is sold; return the ids of the rate plans by name."""
    for name, places in UNITS.items():
        body = {"UomName": name, "DecimalPlaces": places}
        wire.post("/v1/object/unit-of-measure", body)
    for name, kind, number in CODES:
        code = {"name": name, "type": kind, "glAccountName": name, "glAccountNumber": number}
        wire.post("/v1/accounting-codes", code)
    products: dict[str, str] = {}
    plans: dict[str, str] = {}
    for plan in PLANS:
        if plan.product not in products:
            products[plan.product] = _made(wire, "product", _product(plan.product, months.first))
        body = {"Name": plan.name, "ProductId": products[plan.product]}
        plans[plan.name] = _made(wire, "product-rate-plan", body)
        for charge in plan.charges:
            body = {**charge, "ProductRatePlanId": plans[plan.name]}
            _made(wire, "product-rate-plan-charge", body)
    return plans


def _product(name: str, start: date) -> Json:
    return {
        "Name": name,
        "EffectiveStartDate": start.isoformat(),
        "EffectiveEndDate": add_months(start, _YEARS_SOLD).isoformat(),
    }


def _made(wire: Wire, kind: str, body: Mapping[str, object]) -> str:
    identity: str = wire.post(f"/v1/object/{kind}", body)["Id"]
    return identity
