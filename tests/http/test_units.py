"""Units of measure over the wire (U 1.3)."""

from dataclasses import replace

import pytest

from earned.services.change_unit import is_used
from tests import builders
from tests.api import Api

UNITS = "/v1/object/unit-of-measure"
TOKEN = {"UomName": "Token", "DisplayedAs": "Tokens", "DecimalPlaces": 2, "Region__c": "north"}


def refusals(api: Api, method: str, path: str, body: object = None) -> list[dict[str, str]]:
    response = api.request(method, path, body)
    assert response.status_code == 400, response.text
    errors: list[dict[str, str]] = response.json()["Errors"]
    return errors


def test_a_unit_is_created_and_read_back(api: Api) -> None:
    unit_id = api.made(UNITS, TOKEN)["Id"]

    found = api.found(f"{UNITS}/{unit_id}")

    assert found["Id"] == unit_id
    assert found["UomName"] == "Token"
    assert found["DisplayedAs"] == "Tokens"
    assert found["DecimalPlaces"] == 2
    assert found["RoundingMode"] == "Up"
    assert found["Active"] is True
    assert found["Region__c"] == "north"
    assert found["CreatedDate"].startswith("2026-01-15T12:00:00")


def test_a_unit_is_displayed_as_its_name_unless_it_says_otherwise(api: Api) -> None:
    unit_id = api.made(UNITS, {"UomName": "Hour", "DecimalPlaces": 0, "RoundingMode": "Down"})["Id"]

    found = api.found(f"{UNITS}/{unit_id}")

    assert found["DisplayedAs"] == "Hour"
    assert found["RoundingMode"] == "Down"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"DecimalPlaces": 10}, {"Code": "INVALID_VALUE", "Message": "'DecimalPlaces' value is"}),
        ({"DecimalPlaces": -1}, {"Code": "INVALID_VALUE", "Message": "'DecimalPlaces' value is"}),
        (
            {"DecimalPlaces": None},
            {
                "Code": "MISSING_REQUIRED_VALUE",
                "Message": "Missing required value: DecimalPlaces",
            },
        ),
        (
            {"UomName": None},
            {"Code": "MISSING_REQUIRED_VALUE", "Message": "Missing required value: UomName"},
        ),
        (
            {"UomName": "x" * 51},
            {"Code": "INVALID_VALUE", "Message": "'UomName' value should be at most 50"},
        ),
        (
            {"RoundingMode": "Half Up"},
            {"Code": "INVALID_VALUE", "Message": "'RoundingMode' value should be one of: Up, Down"},
        ),
    ],
)
def test_a_unit_that_cannot_be_is_refused(
    api: Api, change: dict[str, object], error: dict[str, str]
) -> None:
    (found,) = refusals(api, "POST", UNITS, {**TOKEN, **change})

    assert found["Code"] == error["Code"]
    assert found["Message"].startswith(error["Message"])


def test_a_name_that_is_taken_is_refused(api: Api) -> None:
    api.made(UNITS, TOKEN)
    other = api.made(UNITS, {"UomName": "Hour", "DecimalPlaces": 0})["Id"]
    taken = [{"Code": "DUPLICATE_VALUE", "Message": "The unit of measure 'Token' already exists."}]

    assert refusals(api, "POST", UNITS, TOKEN) == taken
    assert refusals(api, "PUT", f"{UNITS}/{other}", {"UomName": "Token"}) == taken


def test_a_unit_that_nothing_uses_may_become_anything(api: Api) -> None:
    unit_id = api.made(UNITS, TOKEN)["Id"]

    api.put(f"{UNITS}/{unit_id}", {"UomName": "Word", "DecimalPlaces": 0, "Size__c": 4})

    found = api.found(f"{UNITS}/{unit_id}")
    assert (found["UomName"], found["DecimalPlaces"]) == ("Word", 0)
    assert (found["Region__c"], found["Size__c"]) == ("north", 4)


@pytest.mark.parametrize("attribute", ["uom", "prepaid_uom", "drawdown_uom"])
def test_a_unit_that_a_charge_uses_keeps_its_name_and_precision(api: Api, attribute: str) -> None:
    unit_id = api.made(UNITS, TOKEN)["Id"]
    with builders.writing(api) as books:
        builders.charge(books, builders.rate_plan(books), **{attribute: "Token"})

    changed = {"UomName": "Word", "DecimalPlaces": 3, "RoundingMode": "Down", "DisplayedAs": "W"}
    assert refusals(api, "PUT", f"{UNITS}/{unit_id}", changed) == [
        {
            "Code": "INVALID_VALUE",
            "Message": "'UomName' cannot be changed: unit 'Token' is in use.",
        },
        {
            "Code": "INVALID_VALUE",
            "Message": "'DecimalPlaces' cannot be changed: unit 'Token' is in use.",
        },
        {
            "Code": "INVALID_VALUE",
            "Message": "'RoundingMode' cannot be changed: unit 'Token' is in use.",
        },
    ]
    assert refusals(api, "DELETE", f"{UNITS}/{unit_id}") == [
        {"Code": "CANNOT_DELETE", "Message": "Unit 'Token' cannot be deleted: it is in use."}
    ]
    same = {"UomName": "Token", "DecimalPlaces": 2, "DisplayedAs": "Words", "Active": False}
    assert api.put(f"{UNITS}/{unit_id}", same).json() == {"Success": True, "Id": unit_id}
    assert api.found(f"{UNITS}/{unit_id}")["DisplayedAs"] == "Words"


def test_a_unit_that_another_organization_uses_is_in_use(api: Api) -> None:
    with builders.writing(api) as books:
        builders.sell(books, builders.account(books), builders.prepaid_plan(books))
        unit = builders.unit(books, "Token")
        for plan in books.product_charges.list():
            books.product_charges.change(plan, uom=None, prepaid_uom=None, drawdown_uom=None)
    scope = replace(books.scope, organization_ids=frozenset({"0" * 32}))

    with api.application.database.writing() as transaction:
        limited = transaction.books(scope)
        assert limited.charges.count() == 0
        assert is_used(limited, unit)


def test_a_deleted_unit_is_gone_and_its_name_free(api: Api) -> None:
    unit_id = api.made(UNITS, TOKEN)["Id"]

    answer = api.delete(f"{UNITS}/{unit_id}")

    assert answer.json() == {"success": True, "id": unit_id}
    gone = api.get(f"{UNITS}/{unit_id}")
    assert (gone.status_code, gone.json()) == (404, {"records": [], "size": 0, "done": True})
    api.made(UNITS, TOKEN)


def test_an_unknown_field_is_refused_only_where_the_caller_asks(api: Api) -> None:
    body = {**TOKEN, "Colour": "red"}

    response = api.post(f"{UNITS}?rejectUnknownFields=true", body)

    assert response.status_code == 400
    assert response.json() == {"message": "Error - unrecognised fields"}
    api.made(UNITS, body)
