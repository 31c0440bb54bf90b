"""Actions on many objects (R 8.10): each on its own, in order, as the operation for one does it."""

from pathlib import Path
from typing import Any

import pytest

from tests import builders
from tests.api import Api
from tests.asking import ask

CREATE, UPDATE, DELETE = "/v1/action/create", "/v1/action/update", "/v1/action/delete"
UNKNOWN = "0" * 32
NOT_FOUND = {"Code": "INVALID_ID", "Message": f"Cannot find entity by key: '{UNKNOWN}'."}
NO_ID = {"Code": "MISSING_REQUIRED_VALUE", "Message": "Missing required value: Id"}


def act(api: Api, path: str, name: str, objects: list[Any], **headers: str) -> list[Any]:
    """Call what must be answered; return the results."""
    field = "ids" if path == DELETE else "objects"
    response = api.post(path, {"type": name, field: objects}, **headers)
    results: list[Any] = response.json()
    assert response.status_code == 200, results
    assert len(results) == len(objects)
    return results


def usage(quantity: object, **more: Any) -> dict[str, Any]:
    shared = {"AccountNumber": "A00000001", "UOM": "Token", "StartDateTime": "2026-01-10T10:00:00Z"}
    return {**shared, "Quantity": quantity, **more}


@pytest.fixture
def sold(api: Api) -> builders.Sold:
    with builders.writing(api) as books:
        customer = builders.account(books)
        plan = builders.prepaid_plan(books, units=30, price=60)
        return builders.sell(books, customer, plan, months=1)


def left(api: Api) -> object:
    """Return the units left in the only fund."""
    (fund,) = ask(api, "prepaid-balance-funds")["data"]
    return fund["balance"]


def test_usage_is_recorded_in_order_and_what_is_refused_spoils_nothing(
    api: Api, sold: builders.Sold
) -> None:
    del sold
    results = act(
        api,
        CREATE,
        "Usage",
        [usage(10), usage(1, AccountNumber="A404"), usage("x"), usage(5, Description="last")],
    )

    assert [row["Success"] for row in results] == [True, False, False, True]
    assert results[1]["Errors"] == [
        {"Code": "INVALID_VALUE", "Message": "The ACCOUNT_ID does not match"}
    ]
    assert results[2].keys() == {"Success", "Errors"}
    assert left(api) == 15
    records = ask(api, "usages")["data"]
    assert [row["id"] for row in records] == [results[0]["Id"], results[3]["Id"]]
    assert api.found(f"/v1/object/usage/{results[3]['Id']}")["Description"] == "last"


def test_usage_is_changed_and_deleted_each_on_its_own(api: Api, sold: builders.Sold) -> None:
    del sold
    created = act(api, CREATE, "Usage", [usage(10, Description="x"), usage(5)])
    first, second = (row["Id"] for row in created)

    changed = act(
        api,
        UPDATE,
        "usage",
        [
            {"Id": first, "Quantity": 12, "fieldsToNull": ["Description"]},
            {"Id": UNKNOWN, "Quantity": 1},
            {"Quantity": 1},
            {"Id": second, "Quantity": 6, "Nonsense": True},
        ],
    )
    assert changed == [
        {"Success": True, "Id": first},
        {"Success": False, "Errors": [NOT_FOUND]},
        {"Success": False, "Errors": [NO_ID]},
        {"Success": True, "Id": second},
    ]
    assert left(api) == 12
    assert "Description" not in api.found(f"/v1/object/usage/{first}")

    deleted = act(api, DELETE, "Usage", [second, UNKNOWN, second])
    assert deleted[:2] == [
        {"success": True, "id": second},
        {"success": False, "id": UNKNOWN, "errors": [NOT_FOUND]},
    ]
    assert deleted[2]["success"] is False
    assert left(api) == 18


def test_a_unique_key_is_known_from_the_version_on_that_has_it(
    api: Api, sold: builders.Sold
) -> None:
    del sold
    keyed = [usage(10, UniqueKey="k"), usage(12, UniqueKey="k")]

    first, second = act(api, CREATE, "Usage", keyed, X_Zuora_WSDL_Version="114")
    assert first["Id"] == second["Id"]
    third, fourth = act(api, CREATE, "Usage", keyed)
    assert len({first["Id"], third["Id"], fourth["Id"]}) == 3


def test_a_catalog_is_made_changed_and_deleted(api: Api) -> None:
    dates = {"EffectiveStartDate": "2026-01-01", "EffectiveEndDate": "2030-01-01"}
    products = [{"Name": "A", "SKU": "S", **dates}, {"Name": "B", "SKU": "S", **dates}]

    made, refused = act(api, CREATE, "Product", products)
    assert refused["Errors"][0]["Code"] == "DUPLICATE_VALUE"
    product = made["Id"]
    plan = act(api, CREATE, "ProductRatePlan", [{"Name": "P", "ProductId": product}])[0]["Id"]
    charge = {
        "ProductRatePlanId": plan,
        "Name": "Fee",
        "ChargeModel": "Flat Fee Pricing",
        "ChargeType": "OneTime",
        "BillCycleType": "DefaultFromCustomer",
        "TriggerEvent": "ContractEffective",
        "ProductRatePlanChargeTierData": {
            "ProductRatePlanChargeTier": [{"Currency": "USD", "Price": 1}]
        },
    }
    fee = act(api, CREATE, "ProductRatePlanCharge", [charge])[0]["Id"]
    act(api, UPDATE, "ProductRatePlanCharge", [{"Id": fee, "Name": "Set-up"}])
    assert api.found(f"/v1/object/product-rate-plan-charge/{fee}")["Name"] == "Set-up"

    kept = act(api, DELETE, "Product", [product])[0]
    assert kept["errors"][0]["Code"] == "CANNOT_DELETE"
    for name, identity in (
        ("ProductRatePlanCharge", fee),
        ("ProductRatePlan", plan),
        ("Product", product),
    ):
        assert act(api, DELETE, name, [identity]) == [{"success": True, "id": identity}]
    assert api.get(f"/v1/object/product/{product}").status_code == 404


def test_units_keep_what_is_not_named(api: Api) -> None:
    units = [{"UomName": "A", "DecimalPlaces": 1}, {"UomName": 5}]
    made, refused = act(api, CREATE, "UnitOfMeasure", units)
    assert [error["Code"] for error in refused["Errors"]] == [
        "INVALID_VALUE",
        "MISSING_REQUIRED_VALUE",
    ]

    act(api, UPDATE, "UnitOfMeasure", [{"Id": made["Id"], "UomName": "B", "Why__c": [1]}])
    unit = api.found(f"/v1/object/unit-of-measure/{made['Id']}")
    assert (unit["UomName"], unit["DecimalPlaces"], unit["Why__c"]) == ("B", 1, [1])


def test_unknown_fields_are_ignored_or_refused_object_by_object(
    api: Api, sold: builders.Sold
) -> None:
    del sold
    objects = {"type": "Usage", "objects": [usage(1, Nonsense=1), usage(2)]}

    assert [row["Success"] for row in api.post(CREATE, objects).json()] == [True, True]
    strict = api.post(f"{CREATE}?rejectUnknownFields=true", objects).json()
    assert [row["Success"] for row in strict] == [False, True]
    assert strict[0]["Errors"][0]["Code"] == "INVALID_FIELD"


@pytest.mark.parametrize(
    ("path", "body", "code", "message"),
    [
        (
            CREATE,
            {"type": "Nothing", "objects": [{}]},
            "INVALID_TYPE",
            "The type 'Nothing' is not supported here.",
        ),
        (
            DELETE,
            {"type": "Account", "ids": []},
            "INVALID_TYPE",
            "The type 'Account' is not supported here.",
        ),
        (
            CREATE,
            {"type": "Usage", "objects": [{}] * 51},
            "MAX_RECORDS_EXCEEDED",
            "A call takes at most 50 objects.",
        ),
        (
            DELETE,
            {"type": "Usage", "ids": [UNKNOWN] * 51},
            "MAX_RECORDS_EXCEEDED",
            "A call takes at most 50 objects.",
        ),
        (UPDATE, {"type": "Usage"}, "MISSING_REQUIRED_VALUE", "Missing required value: objects"),
        (CREATE, {"objects": []}, "MISSING_REQUIRED_VALUE", "Missing required value: type"),
        (
            CREATE,
            {"type": "Usage", "objects": [usage(1), None]},
            "MISSING_REQUIRED_VALUE",
            "Missing required value: objects.1",
        ),
        (
            DELETE,
            {"type": "Usage", "ids": [7]},
            "INVALID_VALUE",
            "'ids.0' value is invalid",
        ),
    ],
)
def test_a_call_that_cannot_be_read_is_refused_whole(
    wire: Api, path: str, body: Any, code: str, message: str
) -> None:
    refused = wire.post(path, body)

    assert (refused.status_code, refused.json()) == (
        400,
        {"FaultCode": code, "FaultMessage": message},
    )


def test_fifty_objects_are_taken_at_once_and_once(api: Api, sold: builders.Sold) -> None:
    del sold
    body = {"type": "Usage", "objects": [usage("0.5")] * 50}

    first = api.post(CREATE, body, Idempotency_Key="fifty")
    again = api.post(CREATE, body, Idempotency_Key="fifty")
    assert first.json() == again.json()
    assert left(api) == 5


def test_the_reference_lists_every_type(wire: Api) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/zoql.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    listed = {row[0].strip("`"): row[1:] for row in rows if len(row) == 4}
    bodies: dict[str, dict[str, Any]] = {
        CREATE: {"objects": []},
        UPDATE: {"objects": []},
        DELETE: {"ids": []},
    }

    assert len(listed) == 6
    for name, words in listed.items():
        calls = [wire.post(path, {"type": name, **body}) for path, body in bodies.items()]
        assert [call.status_code for call in calls] == [
            {"yes": 200, "no": 400}[word] for word in words
        ]
