"""What hangs on an account is seen by those whose account it is, and by nobody else (R 9).

Two tenants, two entities of one tenant, and two organisations of one entity: each pair has sold the
same plan under the same numbers where they may, and each asks for what is the other's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from earned.bootstrap.first_run import add_client, add_entity, add_tenant
from earned.domain.tenancy import Entity, Organization, Scope
from earned.domain.terms import Length, TriggerDates
from earned.services.add_rate_plans import ChosenPlan
from earned.services.ports import Books
from earned.services.subscribe import NewSubscription, Subscribe, subscribe
from tests import builders
from tests.api import Api, sign_in
from tests.builders import Sold
from tests.http.uploads import csv_of, uploaded, use
from tests.periods import define_months

USAGE = "/v1/object/usage"
REGENERATE = "/v1/uno-regenerate/rev-rec-events/daily-consumption"
WSDL = {"X_Zuora_WSDL_Version": "114"}
QUERIES = (
    "accounts",
    "subscriptions",
    "rate-plan-charges",
    "prepaid-balances",
    "prepaid-balance-funds",
    "prepaid-balance-transactions",
    "validity-period-summaries",
    "usages",
    "daily-consumption-summaries",
    "rating-results",
    "revenue-schedules",
    "revenue-schedule-items",
)


@dataclass(frozen=True)
class Side:
    """One of two who may not see each other: how it signs in, and what it has."""

    api: Api
    headers: dict[str, str]
    account: str
    sold: Sold
    usage_id: str

    def get(self, path: str) -> Any:
        return self.api.get(path, **self.headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.api.post(path, body, **self.headers, **headers)

    def use(self, quantity: int, **more: Any) -> Any:
        return self.post(USAGE, record(self.account, quantity, **more), **WSDL)

    def ids(self, query: str) -> set[str]:
        return {row["id"] for row in self.rows(query)}

    def rows(self, query: str) -> list[dict[str, Any]]:
        answer = self.get(f"/object-query/{query}?pageSize=99")
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["data"]
        return rows


def record(account: str, quantity: int, **more: Any) -> dict[str, Any]:
    fields = {"AccountNumber": account, "UOM": "Token", "Quantity": quantity}
    return {**fields, "StartDateTime": "2026-01-10", **more}


@contextmanager
def books_of(api: Api, entity: Entity) -> Iterator[Books]:
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
    with api.application.database.writing() as transaction:
        yield transaction.books(scope)


def sell(books: Books, **account: Any) -> tuple[str, Sold]:
    customer = builders.account(books, **account)
    return customer.number, builders.sell(books, customer, builders.prepaid_plan(books), months=2)


def side(api: Api, headers: dict[str, str], account: str, sold: Sold) -> Side:
    """Use 101,000 tokens: 100,000 from the fund and the rest as overage."""
    named = {name.replace("-", "_"): value for name, value in headers.items()}
    made = api.made(USAGE, record(account, 101_000), **named)
    return Side(api, named, account, sold, made["Id"])


def two_entities(api: Api, *tenants: str) -> list[Side]:
    sides: list[Side] = []
    for tenant_id in tenants:
        entity = add_entity(api.application, tenant_id, f"Side {len(sides)}")
        client = add_client(api.application, tenant_id, (entity.id,), "secret")
        with books_of(api, entity) as books:
            define_months(books, 2026, 1, 2)
            account, sold = sell(books)
        sides.append(side(api, sign_in(api.http, client.id, "secret"), account, sold))
    assert sides[0].account == sides[1].account == "A00000001"
    return sides


def of_two_tenants(api: Api) -> list[Side]:
    return two_entities(api, *(add_tenant(api.application, name).id for name in ("One", "Two")))


def of_two_entities(api: Api) -> list[Side]:
    tenant_id = add_tenant(api.application, "Both").id
    return two_entities(api, tenant_id, tenant_id)


def of_two_organisations(api: Api) -> list[Side]:
    entity = api.application.clients.list(Entity)[0]
    sides: list[Side] = []
    for name in ("North", "South"):
        organization = Organization(
            id=api.application.database.new_id(), entity_id=entity.id, name=name
        )
        api.application.clients.add(organization)
        client = add_client(
            api.application,
            entity.tenant_id,
            (entity.id,),
            "secret",
            organization_ids=(organization.id,),
        )
        with books_of(api, entity) as books:
            if not sides:
                define_months(books, 2026, 1, 2)
            account, sold = sell(books, organization_id=organization.id)
        sides.append(side(api, sign_in(api.http, client.id, "secret"), account, sold))
    return sides


PAIRS = pytest.mark.parametrize(
    "pair",
    [of_two_tenants, of_two_entities, of_two_organisations],
    ids=["tenants", "entities", "organisations"],
)
MakePair = Callable[[Api], list[Side]]


@PAIRS
def test_object_queries_find_what_is_theirs(api: Api, pair: MakePair) -> None:
    mine, theirs = pair(api)

    for query in QUERIES:
        assert mine.ids(query), query
        assert not mine.ids(query) & theirs.ids(query), query
        for identity in theirs.ids(query):
            assert mine.get(f"/object-query/{query}/{identity}").status_code == 404, query


@PAIRS
def test_usage_of_others_is_not_there(api: Api, pair: MakePair) -> None:
    mine, theirs = pair(api)
    path = f"{USAGE}/{theirs.usage_id}"

    assert mine.get(path).status_code == 404
    assert mine.api.put(path, {"Quantity": 1}, **mine.headers).status_code == 404
    assert mine.api.delete(path, **mine.headers).status_code == 404
    assert theirs.get(path).json()["Quantity"] == 101_000
    listed = mine.get(f"/v1/usage/accounts/{mine.account}").json()["usage"]
    assert [item["id"] for item in listed] == [mine.usage_id]


@PAIRS
def test_usage_files_of_others_are_not_there(api: Api, pair: MakePair) -> None:
    mine, theirs = pair(api)
    content = csv_of(use(1, "01/10/2026", theirs.account))
    status = uploaded(api, content, **theirs.headers)

    assert status["importStatus"] == "Completed"
    assert theirs.ids("imports") == {status["id"]}
    assert mine.ids("imports") == set()
    for path in ("/object-query/imports/{}", "/v1/usage/{}/status", "/v1/object/import/{}"):
        assert mine.get(path.format(status["id"])).status_code == 404
        assert theirs.get(path.format(status["id"])).status_code == 200
    for path in (status["originalResourceUrl"], status["resultResourceUrl"]):
        assert mine.get(path).status_code == 404
        assert theirs.get(path).status_code == 200


@PAIRS
def test_nothing_is_drawn_from_the_funds_of_others(api: Api, pair: MakePair) -> None:
    mine, theirs = pair(api)
    before = theirs.get("/object-query/prepaid-balances").json()
    subscription, charge = theirs.sold.subscription, theirs.sold.charge("Drawdown")

    for foreign in (
        {"AccountNumber": None, "AccountId": subscription.account_id},
        {"SubscriptionId": subscription.original_id},
        {"ChargeId": charge.original_id},
    ):
        assert mine.use(5, **foreign).status_code == 400
    assert mine.use(5, StartDateTime="2026-02-10").status_code == 200

    assert theirs.get("/object-query/prepaid-balances").json() == before
    (balance,) = mine.get("/object-query/prepaid-balances").json()["data"]
    assert balance["balance"] == 99_995


@PAIRS
def test_schedules_and_charges_of_others_are_not_there(api: Api, pair: MakePair) -> None:
    mine, theirs = pair(api)
    charge = theirs.sold.charge("Prepayment")
    own = mine.sold.charge("Prepayment")

    for key in (charge.id, charge.original_id):
        path = f"/v1/revenue-schedules/subscription-charges/{key}"
        new = {"amount": "1", "revenueScheduleDate": "2026-01-01"}
        assert mine.get(path).status_code == 404
        assert mine.post(path, new).status_code == 404
    assert mine.post(REGENERATE, {"originalChargeId": charge.original_id}).status_code == 404
    foreign_fund = {"originalChargeId": own.original_id, "fundId": theirs.sold.funds[0].id}
    assert mine.post(REGENERATE, foreign_fund).status_code == 404
    assert mine.post(REGENERATE, {"originalChargeId": own.original_id}).status_code == 200
    numbers = [
        one["number"]
        for one in mine.get(f"/v1/revenue-schedules/subscription-charges/{own.id}").json()[
            "revenueSchedules"
        ]
    ]
    assert len(numbers) == 2
    found = theirs.get(f"/v1/revenue-schedules/{numbers[0]}")
    assert found.status_code == 404 or found.json()["subscriptionChargeId"] != own.original_id


@PAIRS
def test_an_idempotency_key_answers_only_whose_it_is(api: Api, pair: MakePair) -> None:
    mine, theirs = pair(api)
    body = record(mine.account, 1)

    first = mine.post(USAGE, body, Idempotency_Key="shared")
    second = theirs.post(USAGE, body, Idempotency_Key="shared")

    assert first.status_code == 200
    assert second.status_code == 422
    assert first.json()["Id"] not in second.text
    assert mine.post(USAGE, body, Idempotency_Key="shared").json() == first.json()


@pytest.mark.parametrize("pair", [of_two_tenants, of_two_entities], ids=["tenants", "entities"])
def test_a_unique_key_is_the_entitys(api: Api, pair: MakePair) -> None:
    mine, theirs = pair(api)

    answers = [one.use(1, UniqueKey="k").json() for one in (mine, theirs)]

    assert answers[0]["Success"] is answers[1]["Success"] is True
    assert answers[0]["Id"] != answers[1]["Id"]


def test_schedules_of_another_organisation_are_neither_seen_nor_changed(api: Api) -> None:
    mine, theirs = of_two_organisations(api)
    key = theirs.sold.charge("Prepayment").id
    of_charge = f"subscription-charges/{key}"
    found = theirs.get(f"/v1/revenue-schedules/{of_charge}").json()["revenueSchedules"][0]
    number = found["number"]
    events = f"/v1/revenue-events/revenue-schedules/{number}"
    event = theirs.get(events).json()["revenueEventDetails"][0]["number"]
    summary = theirs.get(f"/v1/charge-revenue-summaries/{of_charge}").json()["number"]

    for path in (
        f"/v1/revenue-schedules/{number}",
        f"/v1/revenue-items/revenue-schedules/{number}",
        f"/v1/revenue-items/revenue-events/{event}",
        f"/v1/revenue-events/{event}",
        events,
        f"/v1/charge-revenue-summaries/{summary}",
        f"/v1/charge-revenue-summaries/{of_charge}",
        f"/v1/revenue-items/charge-revenue-summaries/{summary}",
    ):
        assert theirs.get(path).status_code == 200, path
        assert mine.get(path).status_code == 404, path
    items = {"revenueItems": [{"accountingPeriodName": "Open-Ended", "A__c": 1}]}
    for path, body in (
        (f"/v1/revenue-schedules/{number}/basic-information", {"notes": "x"}),
        (f"/v1/revenue-schedules/{number}/distribute-revenue-across-accounting-periods", {}),
        (f"/v1/revenue-schedules/{number}/distribute-revenue-on-specific-date", {}),
        (f"/v1/revenue-items/revenue-schedules/{number}", items),
        (f"/v1/revenue-items/revenue-events/{event}", items),
    ):
        assert api.put(path, body, **mine.headers).status_code == 404, path
    assert api.delete(f"/v1/revenue-schedules/{number}", **mine.headers).status_code == 404
    assert theirs.get(f"/v1/revenue-schedules/{number}").json() == {**found, "success": True}


@PAIRS
def test_reports_are_of_what_is_theirs(api: Api, pair: MakePair) -> None:
    mine, theirs = pair(api)

    both = api.get("/v1/reports/waterfall").json()["rows"]
    for report in ("waterfall", "usage-to-revenue"):
        rows = mine.get(f"/v1/reports/{report}").json()["rows"]
        assert {row["accountNumber"] for row in rows} == {mine.account}, report
    (total,) = mine.get("/v1/reports/waterfall").json()["totals"]
    assert total["amount"] == 2000
    (total,) = mine.get("/v1/reports/roll-forward?to=Open-Ended").json()["totals"]
    assert total["closing"] == 2000
    assert len(both) in {0, 4}  # The entity of the tests has the organisations, and no other.
    if theirs.account != mine.account:
        path = f"/v1/reports/waterfall?accountKey={theirs.account}"
        assert mine.get(path).status_code == 404


@PAIRS
def test_only_what_is_theirs_is_explained(api: Api, pair: MakePair) -> None:
    mine, theirs = pair(api)
    queries = ("usages", "prepaid-balance-funds", "prepaid-balance-transactions")

    for query in (*queries, "daily-consumption-summaries", "revenue-recognition-events"):
        for identity in mine.ids(query):
            assert mine.get(f"/v1/explain/{identity}").status_code == 200, query
        for identity in theirs.ids(query):
            assert mine.get(f"/v1/explain/{identity}").status_code == 404, query


@PAIRS
def test_revenue_is_collected_of_ones_own_entity_and_explained_to_its_owner(
    api: Api, pair: MakePair
) -> None:
    """A period closes for all organisations at once, so collecting is of them all."""
    mine, theirs = pair(api)
    share_books = pair is of_two_organisations

    answer = mine.post("/v1/revenue/collect", None).json()

    assert answer["eventsCollected"] == (4 if share_books else 2)
    rows = theirs.get("/object-query/revenue-recognition-events").json()["data"]
    collected = sorted(row["collectedAmount"] for row in rows)
    assert collected == ([20, 1000] if share_books else [0, 0])
    for identity in mine.ids("revenue-schedules"):
        assert mine.get(f"/v1/explain/{identity}").status_code == 200
    for identity in theirs.ids("revenue-schedules"):
        assert mine.get(f"/v1/explain/{identity}").status_code == 404


def test_a_unique_key_of_another_organisation_is_taken(api: Api) -> None:
    mine, theirs = of_two_organisations(api)
    made = theirs.use(1, UniqueKey="k").json()

    response = mine.use(1, UniqueKey="k")

    assert response.status_code == 400
    assert made["Id"] not in response.text
    assert mine.use(1, UniqueKey="other").status_code == 200


def test_periods_are_the_entitys(api: Api) -> None:
    mine, theirs = of_two_entities(api)

    def periods(one: Side) -> dict[str, str]:
        listed = one.get("/v1/accounting-periods").json()["accountingPeriods"]
        return {period["name"]: period["id"] for period in listed}

    january = periods(theirs)["Jan'2026"]
    assert mine.get(f"/v1/accounting-periods/{january}").status_code == 404
    closing = f"/v1/accounting-periods/{january}/close"
    assert api.put(closing, **mine.headers).status_code == 404
    assert api.put(closing, **theirs.headers).status_code == 200
    own = periods(mine)["Jan'2026"]
    assert mine.get(f"/v1/accounting-periods/{own}").json()["status"] == "Open"


def test_a_fund_that_another_organisation_pays_for_is_drawn(api: Api) -> None:
    """The invoice owner owns the funds; who uses them may not see it, and draws all the same."""
    mine, theirs = of_two_organisations(api)
    entity = api.application.clients.list(Entity)[0]
    with books_of(api, entity) as books:
        user = books.accounts.find(number=mine.account)
        owner = books.accounts.find(number=theirs.account)
        assert user
        assert owner
        plan = builders.prepaid_plan(books, uom="Call", units=10, price=20)
        new = NewSubscription(
            triggers=TriggerDates.of(builders.NEW_YEAR),
            term_type="TERMED",
            initial_term=Length(1),
            rate_plans=[ChosenPlan(product_rate_plan_id=plan.id)],
        )
        command = Subscribe(account_key=user.id, subscription=new, invoice_owner_key=owner.id)
        sold = builders.sold(books, subscribe(books, command))

    for _ in range(2):
        assert mine.use(3, UOM="Call").status_code == 200

    with books_of(api, entity) as books:
        fund = books.funds.find(id=sold.funds[0].id)
    assert fund
    assert fund.balance == 4


@PAIRS
def test_a_file_counts_for_its_own_side_and_its_import_is_seen_by_nobody_else(
    api: Api, pair: Callable[..., list[Side]]
) -> None:
    mine, other = pair(api)
    row = f"{mine.account},Token,7,01/10/2026,,,,"

    done = uploaded(api, csv_of(row), **mine.headers)

    assert done["importStatus"] == "Completed"
    (record,) = [one for one in mine.rows("usages") if one["quantity"] == 7]
    assert record["id"] not in other.ids("usages")
    shown = (f"/v1/usage/{done['id']}/status", f"/v1/object/import/{done['id']}")
    for path in (*shown, done["originalResourceUrl"], done["resultResourceUrl"]):
        assert mine.get(path).status_code == 200
        assert other.get(path).status_code == 404


def test_a_file_with_an_account_of_another_organisation_fails(api: Api) -> None:
    mine, other = of_two_organisations(api)

    failed = uploaded(api, csv_of(f"{other.account},Token,7,01/10/2026,,,,"), **mine.headers)

    assert failed["statusReason"] == "The ACCOUNT_ID does not match"
