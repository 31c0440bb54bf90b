"""Product rate plan charges over the wire (U 1.4)."""

from typing import Any

import pytest

from tests import builders
from tests.api import Api

CHARGES = "/v1/object/product-rate-plan-charge"
TIERS = "ProductRatePlanChargeTierData"


def priced(*tiers: dict[str, Any]) -> dict[str, Any]:
    return {"ProductRatePlanChargeTier": [{"Currency": "USD", **tier} for tier in tiers]}


PREPAYMENT: dict[str, Any] = {
    "Name": "Prepayment",
    "ChargeModel": "Flat Fee Pricing",
    "ChargeType": "Recurring",
    "BillCycleType": "TermStartDay",
    "BillingPeriod": "Month",
    "BillingTiming": "In Advance",
    "TriggerEvent": "ContractEffective",
    "UseDiscountSpecificAccountingCode": False,
    "IsPrepaid": True,
    "PrepaidOperationType": "topup",
    "PrepaidUom": "Token",
    "PrepaidQuantity": 100000,
    "ValidityPeriodType": "Month",
    "CreditOption": "TimeBased",
    "PrepaymentUnitType": "UNIT",
    "DrawdownScope": "SUBSCRIPTION",
    "DeferredRevenueAccount": "Deferred Tokens",
    "RecognizedRevenueAccount": "Token Revenue",
    "RevenueRecognitionRuleName": "Recognize by drawdown",
    TIERS: priced({"Price": 1000}),
    "Colour__c": "red",
}
DRAWDOWN: dict[str, Any] = {
    "Name": "Drawdown",
    "ChargeModel": "Tiered with Overage Pricing",
    "ChargeType": "Usage",
    "UOM": "Call",
    "BillCycleType": "TermStartDay",
    "BillingPeriod": "Month",
    "TriggerEvent": "ContractEffective",
    "UseDiscountSpecificAccountingCode": False,
    "IsPrepaid": True,
    "PrepaidOperationType": "drawdown",
    "DrawdownUom": "Token",
    "DrawdownRate": 2.5,
    TIERS: priced(
        {"StartingUnit": 0, "EndingUnit": 1000, "Price": 0.03, "PriceFormat": "Per Unit"},
        {"StartingUnit": 1001, "EndingUnit": 5000, "Price": 0.025, "PriceFormat": "Per Unit"},
        {"Price": 0.05, "IsOveragePrice": True},
    ),
}


@pytest.fixture
def plan_id(api: Api) -> str:
    with builders.writing(api) as books:
        builders.unit(books, "Token")
        builders.unit(books, "Call")
        return builders.rate_plan(books).id


def refusals(api: Api, method: str, path: str, body: object = None) -> list[dict[str, str]]:
    response = api.request(method, path, body)
    assert response.status_code == 400, response.text
    errors: list[dict[str, str]] = response.json()["Errors"]
    return errors


def made(api: Api, plan_id: str, charge: dict[str, Any], **changes: Any) -> str:
    body = {**charge, "ProductRatePlanId": plan_id, **changes}
    charge_id: str = api.made(CHARGES, body)["Id"]
    return charge_id


def test_a_prepayment_charge_is_created_and_read_back(api: Api, plan_id: str) -> None:
    found = api.found(f"{CHARGES}/{made(api, plan_id, PREPAYMENT)}")

    same = {name: found[name] for name in PREPAYMENT if name not in {TIERS, "ValidityPeriodType"}}
    assert same == {
        name: value
        for name, value in PREPAYMENT.items()
        if name not in {TIERS, "ValidityPeriodType"}
    }
    assert found["ProductRatePlanId"] == plan_id
    assert found["ProductRatePlanChargeNumber"] == "PRPC-00000001"
    assert found["ValidityPeriodType"] == "MONTH"
    assert found["EndDateCondition"] == "SubscriptionEnd"
    assert found["CommitmentType"] == "UNIT"
    assert found["CommitmentLevel"] == "SUBSCRIPTION"
    assert found["PrepaidTotalQuantity"] == 100000
    assert found["prepaidTotalQuantity"] == 100000
    assert found["IsRollover"] is False
    assert found[TIERS]["ProductRatePlanChargeTier"] == [
        {
            "Currency": "USD",
            "Tier": 1,
            "StartingUnit": None,
            "EndingUnit": None,
            "Price": 1000,
            "PriceFormat": "Per Unit",
            "IsOveragePrice": False,
        }
    ]


def test_a_drawdown_charge_is_created_and_read_back(api: Api, plan_id: str) -> None:
    found = api.found(f"{CHARGES}/{made(api, plan_id, DRAWDOWN)}")

    assert found["ChargeModel"] == "Tiered with Overage Pricing"
    assert found["UOM"] == "Call"
    assert found["DrawdownUom"] == "Token"
    assert found["DrawdownRate"] == 2.5
    assert found["PrepaidTotalQuantity"] is None
    tiers = found[TIERS]["ProductRatePlanChargeTier"]
    assert [(tier["Tier"], tier["EndingUnit"], tier["Price"]) for tier in tiers] == [
        (1, 1000, 0.03),
        (2, 5000, 0.025),
        (3, None, 0.05),
    ]
    assert tiers[2]["IsOveragePrice"] is True


@pytest.mark.parametrize("version", ["", "79", "113", "114"])
def test_prepaid_fields_are_known_whatever_the_wsdl_version(
    api: Api, plan_id: str, version: str
) -> None:
    headers = {"X_Zuora_WSDL_Version": version} if version else {}
    body = {**PREPAYMENT, "ProductRatePlanId": plan_id}

    charge_id = api.made(f"{CHARGES}?rejectUnknownFields=true", body, **headers)["Id"]

    found = api.found(f"{CHARGES}/{charge_id}", **headers)
    assert (found["IsPrepaid"], found["PrepaidQuantity"]) == (True, 100000)


def test_the_total_prepaid_is_read_only(api: Api, plan_id: str) -> None:
    charge_id = made(
        api,
        plan_id,
        PREPAYMENT,
        ChargeModel="PerUnit",
        UOM="Token",
        DefaultQuantity=4,
        PrepaidQuantity=2.5,
        PrepaidTotalQuantity=99,
    )

    assert api.found(f"{CHARGES}/{charge_id}")["PrepaidTotalQuantity"] == 10


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"Name": None}, "MISSING_REQUIRED_VALUE", "Missing required value: Name"),
        ({"ChargeModel": None}, "MISSING_REQUIRED_VALUE", "Missing required value: ChargeModel"),
        (
            {"ProductRatePlanId": "nowhere"},
            "INVALID_ID",
            "Invalid value for field ProductRatePlanId: nowhere",
        ),
        (
            {"ChargeType": "Others"},
            "INVALID_VALUE",
            "'ChargeType' value should be one of: OneTime, Recurring, Usage",
        ),
        (
            {"PrepaidQuantity": None},
            "MISSING_REQUIRED_VALUE",
            "Missing required value: PrepaidQuantity",
        ),
        (
            {"PrepaidQuantity": 0},
            "INVALID_VALUE",
            "'PrepaidQuantity' value should be greater than 0",
        ),
        ({"PrepaidQuantity": "many"}, "INVALID_VALUE", "'PrepaidQuantity' value is invalid"),
        (
            {"PrepaidUom": "Hour"},
            "INVALID_VALUE",
            "'PrepaidUom' value is invalid: there is no unit of measure 'Hour'",
        ),
        (
            {"AccountingCode": "Token Revenue"},
            "INVALID_VALUE",
            "'AccountingCode' value is invalid: there is no accounting code 'Token Revenue'",
        ),
        (
            {TIERS: priced({"Price": 1, "PriceFormat": "Per Hour"})},
            "INVALID_VALUE",
            "'PriceFormat' value should be one of: PerUnit, FlatFee",
        ),
        (
            {TIERS: priced({})},
            "MISSING_REQUIRED_VALUE",
            f"Missing required value: {TIERS}.ProductRatePlanChargeTier.0.Price",
        ),
        (
            {TIERS: None},
            "MISSING_REQUIRED_VALUE",
            f"Missing required value: {TIERS}",
        ),
    ],
)
def test_a_charge_that_cannot_be_is_refused(
    api: Api, plan_id: str, changes: dict[str, Any], code: str, message: str
) -> None:
    body = {**PREPAYMENT, "ProductRatePlanId": plan_id, **changes}

    assert refusals(api, "POST", CHARGES, body) == [{"Code": code, "Message": message}]


@pytest.mark.parametrize("number", ["1E+999999999", "1e30", "-3000000000", "1.5"])
def test_a_whole_number_that_does_not_fit_is_refused_at_once(
    api: Api, plan_id: str, number: str
) -> None:
    body = f'{{"SpecificBillingPeriod": {number}, "PrepaidQuantity": {number}}}'
    headers = {**api.headers, "Content-Type": "application/json"}
    charge_id = made(api, plan_id, PREPAYMENT)

    response = api.http.put(f"{CHARGES}/{charge_id}", content=body, headers=headers)

    assert response.status_code == 400
    assert response.json()["Errors"] == [
        {"Code": "INVALID_VALUE", "Message": "'SpecificBillingPeriod' value is invalid"}
    ]


def test_every_broken_rule_is_named(api: Api, plan_id: str) -> None:
    body = {
        **DRAWDOWN,
        "ProductRatePlanId": plan_id,
        "ChargeModel": "Flat Fee Pricing",
        "UOM": "Token",
        "PrepaidQuantity": 5,
        TIERS: priced({"Price": 1}, {"Price": 2}),
    }

    assert [error["Message"] for error in refusals(api, "POST", CHARGES, body)] == [
        f"'{TIERS}' should hold one price for USD",
        "'ChargeModel' is not allowed for drawdown charges",
        "'DrawdownRate' value should be 1 when UOM and DrawdownUom are the same",
        "'PrepaidQuantity' is only for prepayment charges",
    ]


def test_a_refused_charge_takes_no_number(api: Api, plan_id: str) -> None:
    refusals(api, "POST", CHARGES, {**PREPAYMENT, "ProductRatePlanId": plan_id, TIERS: None})

    charge_id = made(api, plan_id, PREPAYMENT)

    number = api.found(f"{CHARGES}/{charge_id}")["ProductRatePlanChargeNumber"]
    assert number == "PRPC-00000001"


def test_without_the_feature_prepaid_fields_are_refused(api: Api, plan_id: str) -> None:
    api.settings(prepaid_with_drawdown=False)
    plain = {
        name: value
        for name, value in PREPAYMENT.items()
        if "Prepa" not in name and name not in {"ValidityPeriodType", "CreditOption"}
    }

    response = api.post(CHARGES, {**PREPAYMENT, "ProductRatePlanId": plan_id})

    assert response.status_code == 403
    assert response.json()["Errors"] == [
        {
            "Code": "NO_PERMISSION",
            "Message": "'IsPrepaid' needs the feature Prepaid with Drawdown, which is off.",
        }
    ]
    made(api, plan_id, plain, IsPrepaid=False)


def test_the_older_names_of_commitment_are_understood(api: Api, plan_id: str) -> None:
    plain = {
        n: v for n, v in PREPAYMENT.items() if n not in {"PrepaymentUnitType", "DrawdownScope"}
    }

    charge_id = made(api, plan_id, plain, CommitmentType="Unit", CommitmentLevel="Account")

    found = api.found(f"{CHARGES}/{charge_id}")
    assert (found["PrepaymentUnitType"], found["DrawdownScope"]) == ("UNIT", "ACCOUNT")


def test_an_inactive_unit_is_not_taken_up_but_kept(api: Api, plan_id: str) -> None:
    charge_id = made(api, plan_id, PREPAYMENT)
    with builders.writing(api) as books:
        books.units.change(builders.unit(books, "Token"), active=False)

    assert refusals(api, "POST", CHARGES, {**PREPAYMENT, "ProductRatePlanId": plan_id}) == [
        {
            "Code": "INVALID_VALUE",
            "Message": "'PrepaidUom' value is invalid: unit of measure 'Token' is inactive",
        }
    ]
    assert api.put(f"{CHARGES}/{charge_id}", {"PrepaidQuantity": 7}).status_code == 200


def test_a_revenue_account_may_be_named_before_it_exists_but_not_once_inactive(
    api: Api, plan_id: str
) -> None:
    code = {"name": "Token Revenue", "type": "Sales Revenue"}
    code_id = api.made("/v1/accounting-codes", code)["id"]
    made(api, plan_id, PREPAYMENT, AccountingCode="Token Revenue")
    api.put(f"/v1/accounting-codes/{code_id}/deactivate")

    assert refusals(api, "POST", CHARGES, {**PREPAYMENT, "ProductRatePlanId": plan_id}) == [
        {
            "Code": "INVALID_VALUE",
            "Message": "'RecognizedRevenueAccount' value is invalid: accounting code"
            " 'Token Revenue' is inactive",
        }
    ]


def test_a_charge_is_changed_in_what_is_named(api: Api, plan_id: str) -> None:
    charge_id = made(api, plan_id, PREPAYMENT)

    changes = {
        "PrepaidQuantity": 300,
        "CreditOption": None,
        "Name": None,
        "Size__c": 4,
        TIERS: priced({"Price": 12.5}, {"Currency": "EUR", "Price": 11}),
    }
    assert api.put(f"{CHARGES}/{charge_id}", changes).json() == {"Success": True, "Id": charge_id}

    found = api.found(f"{CHARGES}/{charge_id}")
    assert found["Name"] == "Prepayment"
    assert found["PrepaidTotalQuantity"] == 300
    assert found["CreditOption"] == "TimeBased"
    assert (found["Colour__c"], found["Size__c"]) == ("red", 4)
    prices = found[TIERS]["ProductRatePlanChargeTier"]
    assert [(tier["Currency"], tier["Price"]) for tier in prices] == [("USD", 12.5), ("EUR", 11)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"PrepaidOperationType": "drawdown"}, "'PrepaidOperationType' cannot be changed"),
        ({"ProductRatePlanId": "elsewhere"}, "'ProductRatePlanId' cannot be changed"),
        ({"PrepaidQuantity": -1}, "'PrepaidQuantity' value should be greater than 0"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    api: Api, plan_id: str, change: dict[str, Any], message: str
) -> None:
    charge_id = made(api, plan_id, PREPAYMENT)

    assert refusals(api, "PUT", f"{CHARGES}/{charge_id}", change) == [
        {"Code": "INVALID_VALUE", "Message": message}
    ]


def test_the_same_operation_in_another_spelling_is_no_change(api: Api, plan_id: str) -> None:
    charge_id = made(api, plan_id, PREPAYMENT)

    assert api.put(f"{CHARGES}/{charge_id}", {"PrepaidOperationType": "TopUp"}).status_code == 200


def test_a_number_that_is_taken_is_refused(api: Api, plan_id: str) -> None:
    made(api, plan_id, PREPAYMENT, ProductRatePlanChargeNumber="PRPC-X")

    body = {**PREPAYMENT, "ProductRatePlanId": plan_id, "ProductRatePlanChargeNumber": "PRPC-X"}
    assert refusals(api, "POST", CHARGES, body) == [
        {
            "Code": "DUPLICATE_VALUE",
            "Message": "The product rate plan charge number 'PRPC-X' already exists.",
        }
    ]


def test_a_charge_is_deleted_unless_somebody_subscribed_to_it(api: Api, plan_id: str) -> None:
    charge_id = made(api, plan_id, PREPAYMENT)
    with builders.writing(api) as books:
        sold = builders.unlimited_charge(books, builders.rate_plan(books))
        plan = books.product_rate_plans.find(id=sold.product_rate_plan_id)
        assert plan
        builders.sell(books, builders.account(books), plan)

    assert api.delete(f"{CHARGES}/{charge_id}").json() == {"success": True, "id": charge_id}
    assert api.get(f"{CHARGES}/{charge_id}").status_code == 404
    assert refusals(api, "DELETE", f"{CHARGES}/{sold.id}") == [
        {
            "Code": "CANNOT_DELETE",
            "Message": f"Product rate plan charge '{sold.number}' cannot be deleted: it is"
            " subscribed to.",
        }
    ]


def test_blank_revenue_accounts_are_refused_where_the_entity_says_so(
    api: Api, plan_id: str
) -> None:
    accounts = ("RecognizedRevenueAccount", "DeferredRevenueAccount")
    bare = {name: value for name, value in PREPAYMENT.items() if name not in accounts}
    blank = made(api, plan_id, bare)
    named = made(api, plan_id, PREPAYMENT)
    api.settings(allow_blank_accounting_codes=False)
    missing = [
        {"Code": "MISSING_REQUIRED_VALUE", "Message": f"Missing required value: {name}"}
        for name in accounts
    ]

    assert refusals(api, "POST", CHARGES, {**bare, "ProductRatePlanId": plan_id}) == missing
    empty = dict.fromkeys(accounts)
    assert refusals(api, "PUT", f"{CHARGES}/{named}", empty) == missing
    assert api.put(f"{CHARGES}/{blank}", {"Description": "As it was"}).status_code == 200
    assert api.put(f"{CHARGES}/{named}", {"Description": "As it was"}).status_code == 200
