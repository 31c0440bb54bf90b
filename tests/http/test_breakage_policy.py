"""The breakage policy of a prepayment charge: in the catalog, in orders, on funds."""

from typing import Any

import pytest

from tests import builders
from tests.api import Api

CHARGES = "/v1/object/product-rate-plan-charge"
SUBSCRIPTIONS = "/v1/subscriptions"


@pytest.fixture
def plan_id(api: Api) -> str:
    with builders.writing(api) as books:
        builders.unit(books)
        builders.account(books, number="A-1")
        return builders.rate_plan(books).id


def charge(plan_id: str, **terms: Any) -> dict[str, Any]:
    """Return a prepayment of 1,000 tokens a month for 1,000.00 USD."""
    return {
        "ProductRatePlanId": plan_id,
        "Name": "Prepayment",
        "ChargeType": "Recurring",
        "ChargeModel": "Flat Fee Pricing",
        "BillingPeriod": "Month",
        "BillCycleType": "TermStartDay",
        "TriggerEvent": "ContractEffective",
        "IsPrepaid": True,
        "PrepaidOperationType": "topup",
        "PrepaidUom": "Token",
        "PrepaidQuantity": 1000,
        "ValidityPeriodType": "MONTH",
        "ProductRatePlanChargeTierData": {
            "ProductRatePlanChargeTier": [{"Currency": "USD", "Price": 1000}]
        },
        **terms,
    }


def subscribed(api: Api, plan_id: str, **override: Any) -> dict[str, Any]:
    """Subscribe to the plan, with an override of its charge; return the charge."""
    (offered,) = api.found("/object-query/product-rate-plan-charges")["data"]
    overrides = [{"productRatePlanChargeId": offered["id"], **override}]
    body = {
        "accountKey": "A-1",
        "contractEffectiveDate": "2026-01-01",
        "termType": "TERMED",
        "initialTerm": 1,
        "renewalTerm": 1,
        "autoRenew": False,
        "subscribeToRatePlans": [
            {"productRatePlanId": plan_id, "chargeOverrides": overrides if override else []}
        ],
    }
    number = api.made(SUBSCRIPTIONS, body)["subscriptionNumber"]
    plans = api.found(f"{SUBSCRIPTIONS}/{number}")["ratePlans"]
    found: dict[str, Any] = plans[0]["ratePlanCharges"][0]
    return found


def fund(api: Api) -> dict[str, Any]:
    (found,) = api.found("/object-query/prepaid-balance-funds")["data"]
    row: dict[str, Any] = found
    return row


def test_units_expire_unless_the_charge_says_otherwise(api: Api, plan_id: str) -> None:
    made = api.made(CHARGES, charge(plan_id))

    found = api.found(f"{CHARGES}/{made['Id']}")
    assert found["BreakagePolicy"] == "AtExpiry"
    assert found["ExpectedBreakageRate"] is None
    bought = subscribed(api, plan_id)
    assert (bought["breakagePolicy"], bought["expectedBreakageRate"]) == ("AtExpiry", None)
    assert fund(api)["breakagePolicy"] == "AtExpiry"
    assert "expectedBreakageRate" not in fund(api)


def test_a_policy_is_inherited_by_subscription_and_fund(api: Api, plan_id: str) -> None:
    terms = {"BreakagePolicy": "proportional", "ExpectedBreakageRate": "0.10"}
    made = api.made(CHARGES, charge(plan_id, **terms))

    found = api.found(f"{CHARGES}/{made['Id']}")
    assert (found["BreakagePolicy"], found["ExpectedBreakageRate"]) == ("Proportional", 0.1)
    (listed,) = api.found("/object-query/product-rate-plan-charges")["data"]
    assert (listed["breakagePolicy"], listed["expectedBreakageRate"]) == ("Proportional", 0.1)
    bought = subscribed(api, plan_id)
    assert (bought["breakagePolicy"], bought["expectedBreakageRate"]) == ("Proportional", 0.1)
    assert (fund(api)["breakagePolicy"], fund(api)["expectedBreakageRate"]) == ("Proportional", 0.1)


def test_an_order_may_override_it(api: Api, plan_id: str) -> None:
    api.made(CHARGES, charge(plan_id))

    bought = subscribed(api, plan_id, breakagePolicy="Proportional", expectedBreakageRate="0.25")

    assert (bought["breakagePolicy"], bought["expectedBreakageRate"]) == ("Proportional", 0.25)
    assert fund(api)["expectedBreakageRate"] == 0.25


def test_an_order_may_say_none(api: Api, plan_id: str) -> None:
    api.made(CHARGES, charge(plan_id))

    assert subscribed(api, plan_id, breakagePolicy="None")["breakagePolicy"] == "None"
    assert fund(api)["breakagePolicy"] == "None"


RATE = "'ExpectedBreakageRate' "


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (
            {"BreakagePolicy": "Sometimes"},
            "'BreakagePolicy' value should be one of: AtExpiry, Proportional, None",
        ),
        ({"BreakagePolicy": "Proportional"}, "Missing required value: ExpectedBreakageRate"),
        ({"ExpectedBreakageRate": 0.1}, RATE + "is only for BreakagePolicy Proportional"),
        (
            {"BreakagePolicy": "None", "ExpectedBreakageRate": 0.1},
            RATE + "is only for BreakagePolicy Proportional",
        ),
        (
            {"BreakagePolicy": "Proportional", "ExpectedBreakageRate": 0},
            RATE + "value should be greater than 0 and less than 1",
        ),
        (
            {"BreakagePolicy": "Proportional", "ExpectedBreakageRate": 1},
            RATE + "value should be greater than 0 and less than 1",
        ),
        (
            {"BreakagePolicy": "Proportional", "ExpectedBreakageRate": "0.0123456789"},
            RATE + "value should have at most 9 fraction digits",
        ),
    ],
)
def test_a_policy_that_cannot_be_is_refused(
    api: Api, plan_id: str, terms: dict[str, Any], message: str
) -> None:
    response = api.post(CHARGES, charge(plan_id, **terms))

    assert response.status_code == 400
    assert [error["Message"] for error in response.json()["Errors"]] == [message]


def test_a_policy_is_only_for_prepayment_charges(api: Api, plan_id: str) -> None:
    drawdown = {
        "ProductRatePlanId": plan_id,
        "Name": "Drawdown",
        "ChargeType": "Usage",
        "ChargeModel": "Per Unit Pricing",
        "UOM": "Token",
        "IsPrepaid": True,
        "PrepaidOperationType": "drawdown",
        "BillingPeriod": "Month",
        "ProductRatePlanChargeTierData": {
            "ProductRatePlanChargeTier": [{"Currency": "USD", "Price": 1}]
        },
        "BreakagePolicy": "AtExpiry",
    }

    response = api.post(CHARGES, drawdown)

    assert response.status_code == 400
    (error,) = response.json()["Errors"]
    assert error["Message"] == "'BreakagePolicy' is only for prepayment charges"


def test_the_rate_goes_when_the_policy_changes(api: Api, plan_id: str) -> None:
    terms = {"BreakagePolicy": "Proportional", "ExpectedBreakageRate": "0.10"}
    made = api.made(CHARGES, charge(plan_id, **terms))
    url = f"{CHARGES}/{made['Id']}"

    refused = api.put(url, {"BreakagePolicy": "AtExpiry"})
    assert refused.status_code == 400
    changed = api.put(url, {"BreakagePolicy": "AtExpiry", "ExpectedBreakageRate": None})

    assert changed.status_code == 200
    assert api.found(url)["ExpectedBreakageRate"] is None


def test_a_request_that_chooses_says_which_standards_it_rests_on(api: Api) -> None:
    schemas = api.found("/openapi.json")["components"]["schemas"]
    choices = {
        name: str(schema["properties"][field])
        for name, schema in schemas.items()
        for field in ("BreakagePolicy", "breakagePolicy")
        if field in schema.get("properties", ())
    }

    asked = ("NewCharge", "ChangedCharge", "SubscribedCharge", "OrderedCharge")
    assert {*asked} <= {*choices}
    for name in asked:
        assert "ASC 606-10-55-46 to 49, IFRS 15 B44 to B47" in choices[name]
