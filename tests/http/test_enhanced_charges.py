"""Enhanced terms of prepayment charges over the wire (U 1.5)."""

from tests import builders
from tests.api import Api
from tests.http.test_orders import create, order
from tests.http.test_product_charges import CHARGES, PREPAYMENT, made

ENHANCED = {
    "BillingPeriod": "Quarter",
    "ValidityPeriodType": "Quarter",
    "VpAlignment": "term start",
    "VpProrationOption": "Prorate_Units",
    "PrepaidQuantity": 900,
    "DrawdownPriority": 20,
}


def test_enhanced_terms_are_kept_overridden_and_shown(api: Api) -> None:
    with builders.writing(api) as books:
        builders.unit(books, decimal_places=0)
        account, plan_id = builders.account(books).number, builders.rate_plan(books).id
    charge = made(api, plan_id, PREPAYMENT, RevenueRecognitionRuleName=None, **ENHANCED)
    changes = {
        "productRatePlanChargeId": charge,
        "startDate": {"triggerEvent": "SpecificDate", "specificTriggerDate": "2026-02-15"},
        "validityPeriodAlignment": "SpecificDate",
        "validityPeriodAnchorDate": "2025-10-01",
        "drawdownPriority": 7,
    }
    plan = {"productRatePlanId": plan_id, "chargeOverrides": [changes]}
    api.made("/v1/orders", order(account, create(plan_id, subscribeToRatePlans=[plan])))

    offered = api.found(f"{CHARGES}/{charge}")
    assert offered["ValidityPeriodAlignment"] == "TermStart"
    assert offered["ValidityPeriodProrationOption"] == "ProrateUnits"
    (bought,) = api.found("/v1/subscriptions/A-S00000001")["ratePlans"][0]["ratePlanCharges"]
    assert bought["validityPeriodAlignment"] == "SpecificDate"
    assert bought["validityPeriodAnchorDate"] == "2025-10-01"
    assert bought["validityPeriodProrationOption"] == "ProrateUnits"
    assert bought["drawdownPriority"] == 7
    funds = api.found("/object-query/prepaid-balance-funds")["data"]
    assert sorted((f["startDate"], f["fundedBalance"], f["priority"]) for f in funds) == [
        ("2026-02-15", 450, 7),
        ("2026-04-01", 900, 7),
        ("2026-07-01", 900, 7),
        ("2026-10-01", 900, 7),
    ]
    (asked, *_) = api.found("/object-query/rate-plan-charges")["data"]
    assert asked["validityPeriodAnchorDate"] == "2025-10-01"
