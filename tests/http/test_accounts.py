"""Accounts over the wire."""

from tests.api import Api

ACME = {
    "name": "Acme",
    "currency": "USD",
    "billToContact": {"firstName": "Ada", "lastName": "Ames", "workEmail": "ada@example.com"},
    "Region__c": "north",
}


def test_an_account_is_created_and_read_back_by_id_and_by_number(api: Api) -> None:
    made = api.made("/v1/accounts", ACME)

    assert made["accountNumber"] == "A00000001"
    for key in (made["accountId"], "A00000001"):
        found = api.found(f"/v1/accounts/{key}")
        assert found["basicInfo"]["name"] == "Acme"
        assert found["basicInfo"]["Region__c"] == "north"
        assert found["billingAndPayment"]["currency"] == "USD"
        assert found["billToContact"]["workEmail"] == "ada@example.com"
        assert found["soldToContact"]["lastName"] == "Ames"


def test_every_missing_field_is_named(api: Api) -> None:
    response = api.post("/v1/accounts", {"billToContact": {"firstName": "Ada"}})

    assert response.status_code == 400
    assert response.json()["reasons"] == [
        {"code": 50100022, "message": "'name' may not be null"},
        {"code": 50100022, "message": "'currency' may not be null"},
        {"code": 50100022, "message": "'billToContact.lastName' may not be null"},
    ]


def test_a_number_that_is_taken_is_refused(api: Api) -> None:
    api.made("/v1/accounts", {**ACME, "accountNumber": "CUST-1"})

    response = api.post("/v1/accounts", {**ACME, "accountNumber": "CUST-1"})

    assert response.status_code == 400
    assert response.json()["reasons"][0]["code"] == 50100030


def test_an_unknown_account_is_not_found(api: Api) -> None:
    response = api.get("/v1/accounts/A404")

    assert response.status_code == 404
    assert response.json()["reasons"] == [
        {"code": 50000040, "message": "Cannot find entity by key: 'A404'."}
    ]


def test_below_version_2024_05_20_a_refusal_is_http_200(api: Api) -> None:
    response = api.get("/v1/accounts/A404", Zuora_Version="341.0")

    assert response.status_code == 200
    assert response.json()["success"] is False
