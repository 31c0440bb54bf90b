"""Billing documents where an entity has organisations: seen by those whose account it is (R 9)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from earned.bootstrap.first_run import add_client
from earned.domain.tenancy import Entity, Organization
from tests import builders
from tests.api import QUICK, Api, sign_in
from tests.http.billing import (
    ADJUSTMENTS,
    CREDIT_MEMOS,
    DEBIT_MEMOS,
    INVOICES,
    SCHEDULES,
    Shop,
)
from tests.http.journal import ENTRIES, PERIODS, RUNS, line_of

JAN = "Jan'2024"


@dataclass
class South:
    """A shop of which everything belongs to the organisation South, and what it billed."""

    shop: Shop
    invoice: dict[str, Any]
    credit: dict[str, Any]
    debit: dict[str, Any]
    adjustment: str

    @property
    def item(self) -> str:
        return str(self.shop.items(self.invoice)[0]["id"])


@pytest.fixture
def clients(api: Api) -> dict[str, dict[str, str]]:
    """Make two organisations; return the headers of a client of each."""
    entity = api.application.clients.list(Entity)[0]
    new_id = api.application.database.new_id
    headers = {}
    for name in ("North", "South"):
        organization = Organization(id=new_id(), entity_id=entity.id, name=name)
        api.application.clients.add(organization)
        client = add_client(
            api.application,
            entity.tenant_id,
            (entity.id,),
            "secret",
            organization_ids=(organization.id,),
            secret_cost=QUICK,
        )
        headers[name] = {
            **sign_in(api.http, client.id, "secret"),
            "organization": organization.id,
        }
    return headers


@pytest.fixture
def south(api: Api, clients: dict[str, dict[str, str]]) -> South:
    shop = Shop(api)
    with builders.writing(api) as books:
        books.accounts.change(shop.account, organization_id=clients["South"]["organization"])
    invoice = shop.posted()
    return South(
        shop,
        invoice,
        shop.memo(CREDIT_MEMOS, autoPost=True),
        shop.memo(DEBIT_MEMOS),
        shop.adjust(invoice, 1),
    )


Path = Callable[[South], str]

PATHS: dict[str, Path] = {
    "GET an invoice": lambda south: f"{INVOICES}/{south.invoice['id']}",
    "GET its items": lambda south: f"{INVOICES}/{south.invoice['id']}/items",
    "PUT post": lambda south: f"{DEBIT_MEMOS}/{south.debit['id']}/post",
    "PUT cancel": lambda south: f"{INVOICES}/{south.invoice['id']}/cancel",
    "DELETE a draft": lambda south: f"{DEBIT_MEMOS}/{south.debit['id']}",
    "GET a credit memo": lambda south: f"{CREDIT_MEMOS}/{south.credit['number']}",
    "GET a debit memo": lambda south: f"{DEBIT_MEMOS}/{south.debit['number']}",
    "GET an adjustment": lambda south: f"{ADJUSTMENTS}/{south.adjustment}",
    "GET a schedule": lambda south: f"{SCHEDULES}/invoice-items/{south.item}",
    "POST a schedule": lambda south: f"{SCHEDULES}/invoice-items/{south.item}",
}


@pytest.mark.parametrize("tried", PATHS)
def test_what_is_of_another_organisation_is_not_found(
    api: Api, clients: dict[str, dict[str, str]], south: South, tried: str
) -> None:
    method, path = tried.split(maxsplit=1)[0], PATHS[tried](south)
    token = clients["North"]["Authorization"]

    assert api.request(method, path, None, Authorization=token).status_code == 404


def test_an_account_of_another_organisation_is_not_billed(
    api: Api, clients: dict[str, dict[str, str]], south: South
) -> None:
    body = south.shop.invoice()

    for name, status in (("North", 404), ("South", 200)):
        token = clients[name]["Authorization"]
        assert api.post(INVOICES, body, Authorization=token).status_code == status


def test_a_number_of_another_organisation_is_taken(
    api: Api, clients: dict[str, dict[str, str]], south: South
) -> None:
    with builders.writing(api) as books:
        organization = clients["North"]["organization"]
        account = builders.account(books, organization_id=organization)
    item = {"amount": 1, "chargeName": "Setup", "serviceStartDate": "2024-01-15"}
    body = {"accountId": account.id, "invoiceDate": "2024-01-15", "invoiceItems": [item]}
    token = clients["North"]["Authorization"]

    answer = api.post(INVOICES, {**body, "invoiceNumber": "INV-00000001"}, Authorization=token)
    assert answer.status_code == 400
    made = api.made(INVOICES, body, Authorization=token)
    assert made["invoiceNumber"] == "INV-00000002"
    assert south.invoice["invoiceNumber"] == "INV-00000001"


def test_a_journal_run_is_of_the_organisations_of_its_caller(
    api: Api, clients: dict[str, dict[str, str]], south: South
) -> None:
    types = [{"type": "Invoice Item"}, {"type": "Invoice Item Adjustment (Invoice)"}]
    body = {"accountingPeriodName": JAN, "transactionTypes": types}
    lines = {}
    for name in ("North", "South"):
        token = clients[name]["Authorization"]
        number = api.made(RUNS, body, Authorization=token)["journalRunNumber"]
        entries = api.found(f"{ENTRIES}/journal-runs/{number}", Authorization=token)
        lines[name] = [line_of(entry) for entry in entries["journalEntries"]]

    assert lines == {
        "North": [],
        "South": [
            "USD Dr Receivable 300.00, Cr Deferred Revenue 300.00",
            "USD Dr Deferred Revenue 1.00, Cr Receivable 1.00",
        ],
    }
    assert south.shop.run(JAN, "Invoice Item") == []


def test_a_draft_of_any_organisation_keeps_a_period_open(
    api: Api, clients: dict[str, dict[str, str]], south: South
) -> None:
    path = f"{PERIODS}/{south.shop.periods[JAN]}/close"

    answer = api.put(path, None, Authorization=clients["North"]["Authorization"])

    (reason,) = answer.json()["reasons"]
    assert reason["message"].endswith("the draft debit memo DM-00000001 of 2024-01-15.")


def test_a_bill_run_bills_the_organisations_of_its_caller(
    api: Api, clients: dict[str, dict[str, str]], south: South
) -> None:
    body = {"targetDate": "2024-06-01", "invoiceDate": "2024-01-15", "batches": ["AllBatches"]}
    north, mine = (clients[name]["Authorization"] for name in ("North", "South"))

    assert api.made("/v1/bill-runs", body, Authorization=north)["documentCount"] == 0
    made = api.made("/v1/bill-runs", body, Authorization=mine)

    assert made["documentCount"] == 1
    assert api.get(f"/v1/bill-runs/{made['id']}", Authorization=north).status_code == 404
    assert len(api.found("/v1/bill-runs", Authorization=north)["billRuns"]) == 1
    assert len(api.found("/v1/bill-runs")["billRuns"]) == 2
    path = f"/v1/accounts/{south.shop.account.number}/billing-documents/generate"
    generate = {"effectiveDate": "2024-01-15", "targetDate": "2024-06-01"}
    assert api.post(path, generate, Authorization=north).status_code == 404
