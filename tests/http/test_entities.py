"""Tenants, entities and organisations see only what is theirs (R 9)."""

from typing import Any
from uuid import UUID

import pytest
from httpx2 import Response

from earned.bootstrap.first_run import add_client, add_entity, add_tenant
from earned.domain.tenancy import Entity, Organization
from tests.api import Api, sign_in

URL = "/v1/accounts"
ACME = {
    "name": "Acme",
    "currency": "USD",
    "billToContact": {"firstName": "Ada", "lastName": "Ames"},
}
ORGANIZATIONS_REFUSED = "Zuora-Org-Ids should be a subset of the organizations the user can access."


@pytest.fixture
def entities(api: Api) -> tuple[Entity, Entity]:
    """Two entities of one tenant, and a token for both."""
    first = api.application.clients.list(Entity)[0]
    second = add_entity(api.application, first.tenant_id, "Second")
    client = add_client(api.application, first.tenant_id, (first.id, second.id), "secret")
    api.headers |= sign_in(api.http, client.id, "secret")
    return first, second


def reason(response: Response) -> dict[str, Any]:
    found: dict[str, Any] = response.json()["reasons"][0]
    return found


def test_the_token_names_its_entities(api: Api, entities: tuple[Entity, Entity]) -> None:
    form = {"grant_type": "client_credentials"}
    client = add_client(
        api.application, entities[0].tenant_id, tuple(e.id for e in entities), "secret"
    )

    answer = api.http.post(
        "/oauth/token", data={**form, "client_id": client.id, "client_secret": "secret"}
    ).json()

    assert f"entity.{entities[0].id} entity.{entities[1].id} tenant." in answer["scope"]


@pytest.mark.parametrize("version", ["186.0", "2025-08-12"])
def test_a_token_of_several_entities_must_name_one(
    api: Api, entities: tuple[Entity, Entity], version: str
) -> None:
    del entities

    response = api.get(f"{URL}/A1", Zuora_Version=version)

    assert response.status_code == 400
    assert reason(response) == {
        "code": 90000020,
        "message": "Zuora-Entity-Ids is required: the token spans several entities.",
    }


def test_every_entity_has_its_own_books_and_numbers(
    api: Api, entities: tuple[Entity, Entity]
) -> None:
    first, second = entities
    made = api.made(URL, ACME, Zuora_Entity_Ids=first.id)
    also = api.made(URL, {**ACME, "name": "Other"}, Zuora_Entity_Ids=second.id)

    assert made["accountNumber"] == also["accountNumber"] == "A00000001"
    mine = api.found(f"{URL}/A00000001", Zuora_Entity_Ids=first.id)
    other = api.found(f"{URL}/A00000001", Zuora_Entity_Ids=second.id)
    assert (mine["basicInfo"]["name"], other["basicInfo"]["name"]) == ("Acme", "Other")
    hidden = api.get(f"{URL}/{made['accountId']}", Zuora_Entity_Ids=second.id)
    assert hidden.status_code == 404


def test_an_entity_may_be_written_as_a_uuid(api: Api, entities: tuple[Entity, Entity]) -> None:
    uuid = str(UUID(entities[1].id)).upper()

    assert api.get(f"{URL}/A1", Zuora_Entity_Ids=f" {uuid} ").status_code == 404


@pytest.mark.parametrize("header", ["", "not-an-id", "0" * 31, "1,2"])
def test_what_is_no_entity_is_refused(
    api: Api, entities: tuple[Entity, Entity], header: str
) -> None:
    del entities

    response = api.get(f"{URL}/A1", Zuora_Entity_Ids=header)

    assert response.status_code == 400
    assert reason(response) == {
        "code": 90000020,
        "message": "Zuora-Entity-Ids should be the id of one entity.",
    }


def test_two_entities_at_once_are_refused(api: Api, entities: tuple[Entity, Entity]) -> None:
    both = ",".join(entity.id for entity in entities)

    assert api.get(f"{URL}/A1", Zuora_Entity_Ids=both).status_code == 400


def test_an_entity_that_is_not_the_tokens_is_refused(
    api: Api, entities: tuple[Entity, Entity]
) -> None:
    stranger = add_tenant(api.application, "Stranger")
    theirs = next(e for e in api.application.clients.list(Entity) if e.tenant_id == stranger.id)
    sibling = add_entity(api.application, entities[0].tenant_id, "Third")

    for entity_id in (theirs.id, sibling.id, "0" * 32):
        response = api.get(f"{URL}/A1", Zuora_Entity_Ids=entity_id)
        assert response.status_code == 400
        assert reason(response) == {
            "code": 90000020,
            "message": "Zuora-Entity-Ids names an entity that the token is not valid for.",
        }
        crud = api.post("/v1/object/product", {}, Zuora_Entity_Ids=entity_id)
        assert crud.status_code == 400
        assert crud.json()["Success"] is False


def test_a_token_of_one_entity_may_name_it_and_no_other(api: Api) -> None:
    mine = api.application.clients.list(Entity)[0]
    other = add_entity(api.application, mine.tenant_id, "Second")

    assert api.get(f"{URL}/A1", Zuora_Entity_Ids=mine.id).status_code == 404
    assert api.get(f"{URL}/A1", Zuora_Entity_Ids=other.id).status_code == 400


def test_a_client_without_an_entity_can_do_nothing(api: Api) -> None:
    tenant = api.application.clients.list(Entity)[0].tenant_id
    client = add_client(api.application, tenant, (), "secret")

    response = api.get(f"{URL}/A1", **sign_in(api.http, client.id, "secret"))

    assert response.status_code == 400
    assert reason(response)["code"] == 90000020


class Regions:
    """Two organisations of an entity, an account in each, and one in none."""

    def __init__(self, api: Api) -> None:
        entity = api.application.clients.list(Entity)[0]
        new_id = api.application.database.new_id
        self.north, self.south = sorted(new_id() for _ in range(2))
        api.application.clients.add(
            Organization(id=self.north, entity_id=entity.id, name="North"),
            Organization(id=self.south, entity_id=entity.id, name="South"),
        )
        api.made(URL, {**ACME, "accountNumber": "NOWHERE"})
        both = self.client(api, entity, self.north, self.south)
        api.headers |= both
        for number, organization in (("NORTH", self.north), ("SOUTH", self.south)):
            api.made(URL, {**ACME, "accountNumber": number, "organizationLabel": organization})
        self.only_north = self.client(api, entity, self.north)

    @staticmethod
    def client(api: Api, entity: Entity, *organizations: str) -> dict[str, str]:
        client = add_client(
            api.application,
            entity.tenant_id,
            (entity.id,),
            "secret",
            organization_ids=organizations,
        )
        return sign_in(api.http, client.id, "secret")


def seen(api: Api, **headers: str) -> list[str]:
    """Return which of the accounts a request finds."""
    numbers = ("NORTH", "SOUTH", "NOWHERE")
    return [n for n in numbers if api.get(f"{URL}/{n}", **headers).status_code == 200]


def test_organisations_limit_what_is_read(api: Api) -> None:
    regions = Regions(api)

    assert seen(api) == ["NORTH", "SOUTH"], "without the header: all that the user can access"
    assert seen(api, Zuora_Org_Ids=regions.north) == ["NORTH"]
    assert seen(api, Zuora_Org_Ids=f"{regions.south}, {regions.north}") == ["NORTH", "SOUTH"]
    assert seen(api, Zuora_Org_Ids=str(UUID(regions.south))) == ["SOUTH"]
    assert seen(api, **regions.only_north) == ["NORTH"]


def test_organisations_limit_lists_too(api: Api) -> None:
    regions = Regions(api)

    found = api.found("/object-query/accounts", Zuora_Org_Ids=regions.south)["data"]

    assert [account["accountNumber"] for account in found] == ["SOUTH"]


def test_an_organisation_that_is_not_the_users_is_refused(api: Api) -> None:
    regions = Regions(api)

    for header in (regions.south, f"{regions.north},{regions.south}", "", "x", f"{regions.north},"):
        response = api.get(f"{URL}/NORTH", Zuora_Org_Ids=header, **regions.only_north)
        assert response.status_code == 400
        assert reason(response) == {"code": 50000020, "message": ORGANIZATIONS_REFUSED}


def test_without_organisations_the_header_is_refused(api: Api) -> None:
    response = api.get(f"{URL}/A1", Zuora_Org_Ids="0" * 32)

    assert response.status_code == 400
    assert reason(response)["message"] == ORGANIZATIONS_REFUSED


def test_what_is_created_belongs_to_the_only_organisation_in_scope(api: Api) -> None:
    regions = Regions(api)

    api.made(URL, {**ACME, "accountNumber": "MINE"}, **regions.only_north)

    assert api.get(f"{URL}/MINE", Zuora_Org_Ids=regions.north).status_code == 200
    assert api.get(f"{URL}/MINE", Zuora_Org_Ids=regions.south).status_code == 404


def test_what_one_organisation_found_another_does_not(api: Api) -> None:
    """Accounts are remembered between writes; each organisation remembers its own."""
    regions = Regions(api)
    usage = {"AccountNumber": "SOUTH", "UOM": "Token", "Quantity": 1, "StartDateTime": "2026-01-10"}

    for _ in range(2):
        mine = api.post("/v1/object/usage", usage).json()["Errors"]
        theirs = api.post("/v1/object/usage", usage, **regions.only_north).json()["Errors"]
        assert mine != theirs
        assert theirs == [{"Code": "INVALID_VALUE", "Message": "The ACCOUNT_ID does not match"}]
