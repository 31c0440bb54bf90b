"""Products and product rate plans over the wire."""

import pytest

from tests import builders
from tests.api import Api

PRODUCTS, PLANS = "/v1/object/product", "/v1/object/product-rate-plan"
TOKENS = {
    "Name": "Tokens",
    "EffectiveStartDate": "2026-01-01",
    "EffectiveEndDate": "2036-01-01",
    "Category": "Base Products",
    "Line__c": "AI",
}


def refusals(api: Api, method: str, path: str, body: object = None) -> list[dict[str, str]]:
    response = api.request(method, path, body)
    assert response.status_code == 400, response.text
    errors: list[dict[str, str]] = response.json()["Errors"]
    return errors


def plan(api: Api, name: str = "Monthly") -> tuple[str, str]:
    product_id = api.made(PRODUCTS, TOKENS)["Id"]
    return product_id, api.made(PLANS, {"Name": name, "ProductId": product_id})["Id"]


def test_a_product_is_created_and_read_back(api: Api) -> None:
    made = api.made(PRODUCTS, TOKENS)

    assert made == {"Success": True, "Id": made["Id"]}
    found = api.found(f"{PRODUCTS}/{made['Id']}")
    assert found["Name"] == "Tokens"
    assert found["ProductNumber"] == "PC-00000001"
    assert found["SKU"] == "PC-00000001"
    assert found["EffectiveStartDate"] == "2026-01-01"
    assert found["EffectiveEndDate"] == "2036-01-01"
    assert found["Category"] == "Base Products"
    assert found["AllowFeatureChanges"] is False
    assert found["Line__c"] == "AI"


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"Name": None}, "MISSING_REQUIRED_VALUE", "Missing required value: Name"),
        (
            {"EffectiveStartDate": None},
            "MISSING_REQUIRED_VALUE",
            "Missing required value: EffectiveStartDate",
        ),
        (
            {"EffectiveStartDate": "2026-1-1"},
            "INVALID_VALUE",
            "'EffectiveStartDate' value should be in yyyy-mm-dd format",
        ),
        (
            {"EffectiveStartDate": 20260101},
            "INVALID_VALUE",
            "'EffectiveStartDate' value should be in yyyy-mm-dd format",
        ),
        (
            {"EffectiveEndDate": "2025-12-31"},
            "INVALID_VALUE",
            "'EffectiveEndDate' value should not be before EffectiveStartDate",
        ),
        (
            {"SKU": "x" * 51},
            "INVALID_VALUE",
            "'SKU' value should be at most 50 characters",
        ),
    ],
)
def test_a_product_that_cannot_be_is_refused(
    api: Api, change: dict[str, object], code: str, message: str
) -> None:
    assert refusals(api, "POST", PRODUCTS, {**TOKENS, **change}) == [
        {"Code": code, "Message": message}
    ]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("ProductNumber", "PC-7", "The product number 'PC-7' already exists."),
        ("SKU", "TOK", "The SKU 'TOK' already exists."),
    ],
)
def test_what_names_a_product_names_no_other(
    api: Api, field: str, value: str, message: str
) -> None:
    first = api.made(PRODUCTS, {**TOKENS, field: value})["Id"]
    second = api.made(PRODUCTS, TOKENS)["Id"]
    taken = [{"Code": "DUPLICATE_VALUE", "Message": message}]

    assert refusals(api, "POST", PRODUCTS, {**TOKENS, field: value}) == taken
    assert refusals(api, "PUT", f"{PRODUCTS}/{second}", {field: value}) == taken
    assert api.put(f"{PRODUCTS}/{first}", {field: value}).status_code == 200


def test_a_product_is_changed_in_what_is_named(api: Api) -> None:
    product_id = api.made(PRODUCTS, TOKENS)["Id"]

    api.put(f"{PRODUCTS}/{product_id}", {"Description": "By the token", "Tier__c": 2})

    found = api.found(f"{PRODUCTS}/{product_id}")
    assert found["Name"] == "Tokens"
    assert found["Description"] == "By the token"
    assert (found["Line__c"], found["Tier__c"]) == ("AI", 2)


def test_a_rate_plan_is_created_read_and_changed(api: Api) -> None:
    product_id, plan_id = plan(api)

    api.put(f"{PLANS}/{plan_id}", {"Description": "Each month", "Level__c": "gold"})

    found = api.found(f"{PLANS}/{plan_id}")
    assert found["Name"] == "Monthly"
    assert found["ProductId"] == product_id
    assert found["ProductRatePlanNumber"] == "PRP-00000001"
    assert found["Description"] == "Each month"
    assert found["Level__c"] == "gold"


def test_a_rate_plan_needs_a_product_that_exists(api: Api) -> None:
    assert refusals(api, "POST", PLANS, {"Name": "Monthly", "ProductId": "nowhere"}) == [
        {"Code": "INVALID_ID", "Message": "Invalid value for field ProductId: nowhere"}
    ]


def test_a_rate_plan_stays_with_its_product_under_a_name_of_its_own(api: Api) -> None:
    product_id, plan_id = plan(api)
    api.made(PLANS, {"Name": "Yearly", "ProductId": product_id})
    other = api.made(PRODUCTS, TOKENS)["Id"]

    assert refusals(api, "POST", PLANS, {"Name": "Yearly", "ProductId": product_id}) == [
        {
            "Code": "DUPLICATE_VALUE",
            "Message": "The product has a rate plan named 'Yearly' already.",
        }
    ]
    assert refusals(api, "PUT", f"{PLANS}/{plan_id}", {"Name": "Yearly"})[0]["Code"] == (
        "DUPLICATE_VALUE"
    )
    assert refusals(api, "PUT", f"{PLANS}/{plan_id}", {"ProductId": other}) == [
        {"Code": "INVALID_VALUE", "Message": "'ProductId' cannot be changed"}
    ]
    api.made(PLANS, {"Name": "Yearly", "ProductId": other})


def test_the_catalog_is_deleted_from_the_bottom_up(api: Api) -> None:
    product_id, plan_id = plan(api)

    assert refusals(api, "DELETE", f"{PRODUCTS}/{product_id}") == [
        {
            "Code": "CANNOT_DELETE",
            "Message": "Product 'PC-00000001' cannot be deleted: it has rate plans.",
        }
    ]
    assert api.delete(f"{PLANS}/{plan_id}").json() == {"success": True, "id": plan_id}
    assert api.delete(f"{PRODUCTS}/{product_id}").json() == {"success": True, "id": product_id}
    assert api.get(f"{PRODUCTS}/{product_id}").status_code == 404


def test_a_rate_plan_that_is_subscribed_to_stays(api: Api) -> None:
    with builders.writing(api) as books:
        offered = builders.rate_plan(books)
        builders.sell(books, builders.account(books), offered)

    assert refusals(api, "DELETE", f"{PLANS}/{offered.id}") == [
        {
            "Code": "CANNOT_DELETE",
            "Message": f"Product rate plan '{offered.number}' cannot be deleted: it has charges or"
            " subscriptions.",
        }
    ]
