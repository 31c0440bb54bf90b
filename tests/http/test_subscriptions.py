"""Subscriptions over the wire."""

from typing import Any

import pytest
from zuora_sdk import EndDateCondition

from tests import builders
from tests.api import Api

NEW: dict[str, Any] = {
    "contractEffectiveDate": "2026-01-01",
    "termType": "TERMED",
    "initialTerm": 12,
    "renewalTerm": 12,
    "autoRenew": True,
}


def catalog(api: Api) -> tuple[str, str]:
    """Make an account and a prepaid plan; return the account's number and the plan's id."""
    with builders.writing(api) as books:
        return builders.account(books).number, builders.prepaid_plan(books).id


def body(account: str, plan: str, **changes: Any) -> dict[str, Any]:
    return {
        **NEW,
        "accountKey": account,
        "subscribeToRatePlans": [{"productRatePlanId": plan}],
        **changes,
    }


def test_a_subscription_is_created_and_read_back_by_id_and_by_number(api: Api) -> None:
    account, plan = catalog(api)

    made = api.made(
        "/v1/subscriptions", body(account, plan, notes="First", Region__c="north", runBilling=True)
    )

    assert made["subscriptionNumber"] == "A-S00000001"
    for key in (made["subscriptionId"], "A-S00000001"):
        found = api.found(f"/v1/subscriptions/{key}")
        assert found["success"] is True
        assert found["id"] == made["subscriptionId"]
        assert found["accountNumber"] == account
        assert found["version"] == 1
        assert found["isLatestVersion"] is True
        assert found["status"] == "Active"
        assert found["termStartDate"] == "2026-01-01"
        assert found["termEndDate"] == "2027-01-01"
        assert found["initialTermPeriodType"] == "Month"
        assert found["renewalTerm"] == 12
        assert found["notes"] == "First"
        assert found["Region__c"] == "north"
        assert found["totalNumberOfChargeSegments"] == 2


def test_charges_are_read_with_their_prices_days_and_prepaid_terms(api: Api) -> None:
    account, plan = catalog(api)
    api.made("/v1/subscriptions", body(account, plan))

    (rate_plan,) = api.found("/v1/subscriptions/A-S00000001")["ratePlans"]

    assert rate_plan["productRatePlanId"] == plan
    assert rate_plan["lastChangeType"] == "Add"
    prepayment, drawdown = rate_plan["ratePlanCharges"]
    assert prepayment["number"] == "C-00000001"
    assert prepayment["id"] == prepayment["originalChargeId"]
    assert prepayment["type"] == "Recurring"
    assert prepayment["model"] == "FlatFee"
    assert prepayment["price"] == 1000
    assert prepayment["segment"] == 1
    assert prepayment["version"] == 1
    assert prepayment["effectiveStartDate"] == "2026-01-01"
    assert prepayment["effectiveEndDate"] == "2027-01-01"
    assert prepayment["prepaidOperationType"] == "topup"
    assert prepayment["prepaidQuantity"] == 100_000
    assert prepayment["prepaidTotalQuantity"] == 100_000
    assert prepayment["prepaidUOM"] == "Token"
    assert prepayment["validityPeriodType"] == "MONTH"
    assert drawdown["type"] == "Usage"
    assert drawdown["uom"] == "Token"
    assert drawdown["price"] == 0.02
    assert drawdown["drawdownRate"] == 1
    assert drawdown["drawdownUom"] == "Token"


def test_an_unknown_term_type_is_refused_with_the_documented_text(api: Api) -> None:
    account, plan = catalog(api)

    response = api.post("/v1/subscriptions", body(account, plan, termType="FOREVER"))

    assert response.status_code == 400
    assert response.json()["reasons"] == [
        {"code": 53100320, "message": "'termType' value should be one of: TERMED, EVERGREEN"}
    ]


def test_a_termed_subscription_needs_an_initial_term(api: Api) -> None:
    account, plan = catalog(api)

    response = api.post("/v1/subscriptions", body(account, plan, initialTerm=None))

    assert response.json()["reasons"] == [
        {"code": 53100322, "message": "'initialTerm' may not be null"}
    ]


def test_charge_overrides_change_price_units_and_rate(api: Api) -> None:
    with builders.writing(api) as books:
        account = builders.account(books).number
        plan = builders.rate_plan(books)
        topped = builders.prepayment_charge(books, plan, uom="Point", units=100, price=10)
        drawn = builders.drawdown_charge(books, plan, uom="Hour", drawn="Point", rate=2)
    overrides = [
        {"productRatePlanChargeId": topped.id, "price": 12.5, "prepaidQuantity": 50.5},
        {"productRatePlanChargeNumber": drawn.number, "drawdownRate": 2.5, "Note__c": "fast"},
    ]
    rate_plans = [{"productRatePlanId": plan.id, "chargeOverrides": overrides}]

    api.made("/v1/subscriptions", body(account, plan.id, subscribeToRatePlans=rate_plans))

    found = api.found("/v1/subscriptions/A-S00000001")["ratePlans"][0]["ratePlanCharges"]
    assert (found[0]["price"], found[0]["prepaidQuantity"]) == (12.5, 50.5)
    assert (found[1]["drawdownRate"], found[1]["Note__c"]) == (2.5, "fast")
    with builders.writing(api) as books:
        funds = books.funds.list()
        assert [fund.funding_price_minor for fund in funds] == [1250] * 12
        assert {str(fund.funded_balance) for fund in funds} == {"50.5"}


def test_tiers_and_quantities_are_overridden(api: Api) -> None:
    with builders.writing(api) as books:
        account = builders.account(books).number
        plan = builders.rate_plan(books)
        seats = builders.charge(
            books, plan, charge_model="Tiered", uom=builders.unit(books, "Seat").name
        )
    tiers = [
        {"tier": 1, "startingUnit": 0, "endingUnit": 10, "price": 1},
        {"tier": 2, "startingUnit": 10, "price": 5, "priceFormat": "FlatFee"},
    ]
    overrides = [{"productRatePlanChargeId": seats.id, "quantity": 7, "tiers": tiers}]
    rate_plans = [{"productRatePlanId": plan.id, "chargeOverrides": overrides}]

    api.made("/v1/subscriptions", body(account, plan.id, subscribeToRatePlans=rate_plans))

    (found,) = api.found("/v1/subscriptions/A-S00000001")["ratePlans"][0]["ratePlanCharges"]
    assert found["quantity"] == 7
    assert found["price"] is None
    assert [tier["price"] for tier in found["tiers"]] == [1, 5]
    assert found["tiers"][1]["priceFormat"] == "FlatFee"


def test_a_charge_without_a_price_in_the_currency_is_refused(api: Api) -> None:
    with builders.writing(api) as books:
        account = builders.account(books, currency="EUR").number
        plan = builders.prepaid_plan(books).id

    response = api.post("/v1/subscriptions", body(account, plan))

    assert response.json()["reasons"] == [
        {
            "code": 53100330,
            "message": "The charge 'Prepayment' has no price in the currency EUR.",
        }
    ]


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"accountKey": "A404"}, 50000040, "Cannot find entity by key: 'A404'."),
        ({"accountKey": None}, 53100322, "'accountKey' may not be null"),
        ({"contractEffectiveDate": "soon"}, 53100320, None),
        ({"contractEffectiveDate": 20260101}, 53100320, None),
        ({"initialTerm": 0}, 53100320, "'initialTerm' value is invalid"),
        ({"initialTerm": 1201}, 53100320, "'initialTerm' value is invalid"),
        ({"initialTermPeriodType": "Moon"}, 53100320, None),
        (
            {"subscribeToRatePlans": [{"productRatePlanId": "f" * 32}]},
            53100320,
            "'productRatePlanId' value is invalid",
        ),
        ({"subscribeToRatePlans": []}, 53100320, "'subscribeToRatePlans' value is invalid"),
        ({"subscriptionNumber": "S" * 101}, 53100320, None),
    ],
)
def test_what_cannot_be_is_refused(
    api: Api, changes: dict[str, Any], code: int, message: str | None
) -> None:
    account, plan = catalog(api)

    (reason,) = api.post("/v1/subscriptions", body(account, plan, **changes)).json()["reasons"]

    assert reason["code"] == code
    assert message in {None, reason["message"]}
    with builders.writing(api) as books:
        assert books.subscriptions.count() == 0


def test_an_override_of_a_charge_of_another_plan_is_refused(api: Api) -> None:
    account, plan = catalog(api)
    overrides = [{"productRatePlanChargeId": "f" * 32, "price": 1}]
    rate_plans = [{"productRatePlanId": plan, "chargeOverrides": overrides}]

    response = api.post("/v1/subscriptions", body(account, plan, subscribeToRatePlans=rate_plans))

    assert response.json()["reasons"] == [
        {"code": 53100320, "message": "'productRatePlanChargeId' value is invalid"}
    ]


def test_a_number_that_is_taken_is_refused(api: Api) -> None:
    account, plan = catalog(api)
    api.made("/v1/subscriptions", body(account, plan, subscriptionNumber="SUB-1"))

    response = api.post("/v1/subscriptions", body(account, plan, subscriptionNumber="SUB-1"))

    assert response.json()["reasons"][0]["code"] == 53100330


def test_charges_start_with_their_trigger(api: Api) -> None:
    with builders.writing(api) as books:
        account = builders.account(books).number
        plan = builders.rate_plan(books)
        for name, event in (
            ("On contract", "ContractEffective"),
            ("On service", "ServiceActivation"),
            ("On acceptance", "CustomerAcceptance"),
        ):
            builders.charge(books, plan, name=name, trigger_event=event)
        once = builders.unlimited_charge(books, plan)
        dated = builders.charge(books, plan, name="Dated")
    overrides = [
        {
            "productRatePlanChargeId": dated.id,
            "triggerEvent": "SpecificDate",
            "triggerDate": "2026-05-05",
            "endDateCondition": "Fixed_Period",
            "upToPeriods": 2,
            "upToPeriodsType": "Months",
        },
        {"productRatePlanChargeId": once.id, "description": "Once"},
    ]
    rate_plans = [{"productRatePlanId": plan.id, "chargeOverrides": overrides}]

    api.made(
        "/v1/subscriptions",
        body(
            account,
            plan.id,
            serviceActivationDate="2026-01-10",
            customerAcceptanceDate="2026-01-20",
            subscribeToRatePlans=rate_plans,
        ),
    )

    charges = api.found("/v1/subscriptions/A-S00000001")["ratePlans"][0]["ratePlanCharges"]
    days = {
        charge["name"]: (charge["effectiveStartDate"], charge["effectiveEndDate"])
        for charge in charges
    }
    assert days == {
        "On contract": ("2026-01-01", "2027-01-01"),
        "On service": ("2026-01-10", "2027-01-01"),
        "On acceptance": ("2026-01-20", "2027-01-01"),
        "Project": ("2026-01-01", "2026-01-02"),
        "Dated": ("2026-05-05", "2026-07-05"),
    }
    ends = {charge["name"]: charge["endDateCondition"] for charge in charges}
    assert [ends[name] for name in ("On contract", "Project", "Dated")] == [
        EndDateCondition.SUBSCRIPTION_END,
        EndDateCondition.ONE_TIME,
        EndDateCondition.FIXED_PERIOD,
    ]


def test_an_evergreen_subscription_has_no_end(api: Api) -> None:
    account, plan = catalog(api)

    api.made("/v1/subscriptions", body(account, plan, termType="EVERGREEN", initialTerm=None))

    found = api.found("/v1/subscriptions/A-S00000001")
    assert found["termEndDate"] is None
    charges = found["ratePlans"][0]["ratePlanCharges"]
    assert [charge["effectiveEndDate"] for charge in charges] == [None, None]


def test_subscriptions_of_an_account_are_listed_in_pages(api: Api) -> None:
    account, plan = catalog(api)
    for _ in range(3):
        api.made("/v1/subscriptions", body(account, plan))

    first = api.found(f"/v1/subscriptions/accounts/{account}?pageSize=2")
    second = api.http.get(first["nextPage"], headers=api.headers).json()

    numbers = [row["subscriptionNumber"] for row in first["subscriptions"]]
    assert numbers == ["A-S00000001", "A-S00000002"]
    assert [row["subscriptionNumber"] for row in second["subscriptions"]] == ["A-S00000003"]
    assert "nextPage" not in second


@pytest.mark.parametrize("path", ["A-S404", "A-S00000001/versions/2", "A-S00000001/versions/one"])
def test_an_unknown_subscription_or_version_is_not_found(api: Api, path: str) -> None:
    account, plan = catalog(api)
    api.made("/v1/subscriptions", body(account, plan))

    response = api.get(f"/v1/subscriptions/{path}")

    assert response.status_code == 404
    assert response.json()["reasons"][0]["code"] == 50000040
