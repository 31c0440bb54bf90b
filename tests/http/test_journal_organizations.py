"""Journals where an entity has organisations: a run is of those that its caller may see."""

from dataclasses import dataclass

import pytest

from earned.bootstrap.first_run import add_client
from earned.domain.tenancy import Entity, Organization
from tests import builders
from tests.api import Api, sign_in
from tests.builders import writing
from tests.http.by_hand import refusal
from tests.http.journal import OVERRIDE, REVENUE, RUNS, Ledger


@dataclass
class Regions:
    """A ledger with a schedule in each of two organisations, 1.00 and 2.00, and one in none."""

    ledger: Ledger
    north: str
    south: str


@pytest.fixture
def regions(api: Api) -> Regions:
    entity = api.application.clients.list(Entity)[0]
    new_id = api.application.database.new_id
    north, south = (
        Organization(id=new_id(), entity_id=entity.id, name=name) for name in ("North", "South")
    )
    api.application.clients.add(north, south)
    ledger = Ledger(api)
    for amount, organization in (("1", north.id), ("2", south.id), ("4", None)):
        with writing(api) as books:
            plan = builders.rate_plan(books, f"Plan {amount}")
            builders.unlimited_charge(books, plan)
            customer = builders.account(books, organization_id=organization)
            charge = builders.sell(books, customer, plan).charge("Project")
        body = {
            "amount": amount,
            "revenueScheduleDate": "2013-01-01",
            "revenueDistributions": [{"accountingPeriodName": "Jan'2013", "newAmount": amount}],
            **OVERRIDE,
        }
        api.made(f"/v1/revenue-schedules/subscription-charges/{charge.id}", body)
    client = add_client(
        api.application,
        entity.tenant_id,
        (entity.id,),
        "secret",
        organization_ids=(north.id, south.id),
    )
    api.headers |= sign_in(api.http, client.id, "secret")
    return Regions(ledger, north.id, south.id)


def totals(regions: Regions, run: str) -> list[tuple[str, str | None]]:
    return [
        (entry["journalEntryItems"][0]["amount"], entry["organizationLabel"])
        for entry in regions.ledger.entries(run)
    ]


def test_a_run_is_of_the_organisations_that_its_caller_sees(regions: Regions) -> None:
    assert totals(regions, regions.ledger.run()) == [("3.00", None)]


def test_a_run_may_be_of_one_of_them(regions: Regions) -> None:
    body = {"transactionTypes": REVENUE, "accountingPeriodName": "Jan'2013"}
    api = regions.ledger.api
    labels = [{"organizationId": regions.south}]

    by_label = api.made(RUNS, {**body, "organizationLabels": labels})["journalRunNumber"]
    by_header = api.made(RUNS, body, Zuora_Org_Ids=regions.north)["journalRunNumber"]

    assert totals(regions, by_label) == [("2.00", regions.south)]
    assert totals(regions, by_header) == [("1.00", regions.north)]
    assert api.found(f"{RUNS}/{by_label}")["organizationLabels"] == labels
    assert totals(regions, regions.ledger.run()) == []


def test_a_run_is_of_no_organisation_of_somebody_else(regions: Regions) -> None:
    body = {
        "transactionTypes": REVENUE,
        "accountingPeriodName": "Jan'2013",
        "organizationLabels": [{"organizationId": regions.north}, {"organizationId": "x"}],
    }

    assert refusal(regions.ledger.api, "POST", RUNS, body) == (
        51000020,
        "'organizationLabels.1.organizationId' value is invalid",
    )


def test_who_sees_the_whole_entity_journals_the_rest(regions: Regions, api: Api) -> None:
    regions.ledger.run()
    entity = api.application.clients.list(Entity)[0]
    client = add_client(api.application, entity.tenant_id, (entity.id,), "secret")
    api.headers |= sign_in(api.http, client.id, "secret")

    assert totals(regions, regions.ledger.run()) == [("4.00", None)]


def test_an_entry_by_hand_may_belong_to_an_organisation(regions: Regions) -> None:
    number = regions.ledger.enter(organizationLabel=regions.north)

    assert regions.ledger.entry(number)["organizationLabel"] == regions.north
