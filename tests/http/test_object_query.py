"""Object Query over the wire (R 8.9): what is listed and found, and how it is shown."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from earned.bootstrap.first_run import add_client, add_entity
from earned.domain.query import ValueKind
from earned.domain.tenancy import Entity, Organization, Scope, Tenant
from earned.http.query.objects import OBJECTS
from earned.http.query.parse import FILTERS_MAX
from tests import builders
from tests.api import Api, sign_in
from tests.asking import ask, bill, faults, stock, use


@pytest.fixture
def sold(api: Api) -> builders.Sold:
    with builders.writing(api) as books:
        return stock(books)


def test_every_object_is_listed_and_found_by_its_id(api: Api, sold: builders.Sold) -> None:
    del sold
    with builders.writing(api) as books:
        bill(books)
    for known in OBJECTS.values():
        listed = ask(api, known.path)["data"]
        assert listed, known.path
        for row in listed:
            assert ask(api, f"{known.path}/{row['id']}") == row
        bare = ask(api, known.path, ("includeNullFields", "true"))["data"]
        fields = {field.name for field in known.fields}
        assert fields <= bare[0].keys()


def test_every_field_can_be_filtered_by_or_says_that_it_cannot(
    api: Api, sold: builders.Sold
) -> None:
    del sold
    for known in OBJECTS.values():
        usable = [field.name for field in known.fields if field.derived is None]
        for begin in range(0, len(usable), FILTERS_MAX):
            ask(api, known.path, *without(usable[begin : begin + FILTERS_MAX]))
        unusable = [field.name for field in known.fields if field.derived is not None]
        if unusable:
            assert faults(api, known.path, *without(unusable)) == [
                f"Field '{name}' of {known.name} cannot be used in filter[]." for name in unusable
            ]


def without(names: Sequence[str]) -> list[tuple[str, object]]:
    """Ask for what has none of the fields; case is no matter."""
    return [("filter[]", f"{name.lower()}.EQ:null") for name in names]


def test_every_field_can_be_sorted_by_and_every_kind_gone_on_with(
    api: Api, sold: builders.Sold
) -> None:
    del sold
    with builders.writing(api) as books:
        bill(books)
    gone_on: set[tuple[str, ValueKind]] = set()
    for known in (one for one in OBJECTS.values() if not one.tiers):
        for field in (one for one in known.fields if one.derived is None):
            first = ask(api, known.path, ("pageSize", 1), ("sort[]", f"{field.name}.DESC"))
            if "nextPage" in first and (known.path, field.kind) not in gone_on:
                gone_on.add((known.path, field.kind))
                again = ("sort[]", f"{field.name}.desc")
                answer = ask(api, known.path, again, ("cursor", first["nextPage"]))
                assert answer["data"] != first["data"]

    of_any_object = {ValueKind.CUSTOM, ValueKind.CUSTOM_KEY}
    assert {kind for _, kind in gone_on} == set(ValueKind) - of_any_object


def test_every_relation_can_be_expanded(api: Api, sold: builders.Sold) -> None:
    del sold
    with builders.writing(api) as books:
        bill(books)
    for known, link in ((one, link) for one in OBJECTS.values() for link in one.links):
        row = ask(api, known.path, ("expand[]", link.name), ("includeNullFields", "true"))
        assert link.name in row["data"][0]


def test_numbers_are_keys_too_and_of_versions_the_latest_counts(
    api: Api, sold: builders.Sold
) -> None:
    charge = sold.charge("Prepayment")

    assert ask(api, "accounts/A00000001")["id"] == sold.subscription.account_id
    assert ask(api, f"subscriptions/{sold.subscription.number}")["id"] == sold.subscription.id
    assert ask(api, f"rate-plan-charges/{charge.number}")["id"] == charge.id
    assert ask(api, "revenue-schedules/RS-00000002")["amount"] == 300.00
    assert ask(api, "units-of-measure/Token")["decimalPlaces"] == 2


@pytest.mark.parametrize("path", ["accounts/A404", "usages/A404", "rate-plan-charge-tiers/x"])
def test_an_unknown_key_is_not_found(api: Api, path: str) -> None:
    response = api.get(f"/object-query/{path}")

    assert response.status_code == 404
    assert response.json()["reasons"][0]["code"] == 50000040


def test_a_fund_is_shown_in_the_words_of_the_api(api: Api, sold: builders.Sold) -> None:
    fund = ask(api, f"prepaid-balance-funds/{sold.funds[0].id}")

    assert fund == {
        "id": sold.funds[0].id,
        "createdById": "tests",
        "createdDate": "2026-01-15T12:00:00.000+00:00",
        "updatedById": "tests",
        "updatedDate": "2026-01-15T12:00:00.000+00:00",
        "accountId": sold.subscription.account_id,
        "prepaidBalanceId": sold.balances[0].id,
        "sourceId": sold.charge("Prepayment").original_id,
        "vpSummaryId": sold.funds[0].validity_period_summary_id,
        "currency": "USD",
        "chargeNumber": "C-00000001",
        "breakagePolicy": "AtExpiry",
        "drawdownScope": "SUBSCRIPTION",
        "fundSupportAccountHierarchy": False,
        "balance": 30,
        "fundedBalance": 30,
        "rolledOver": 0,
        "rolledBack": 0,
        "expired": 0,
        "depleted": 0,
        "fundingPrice": 60.00,
        "originalFundingPrice": 60.00,
        "creditedAmount": 0.00,
        "rolledAmount": 0.00,
        "priority": 50,
        "rolloverCount": 0,
        "chargeSegmentNumber": 1,
        "startDate": "2026-01-01",
        "endDate": "2026-02-01",
        "fundSourceType": "CHARGE",
        "done": 0,
    }


def test_the_unit_is_spelled_as_each_object_spells_it(api: Api, sold: builders.Sold) -> None:
    del sold
    assert ask(api, "prepaid-balances")["data"][0]["uOM"] == "Token"
    assert ask(api, "usages")["data"][0]["uOM"] == "Token"
    assert ask(api, "validity-period-summaries")["data"][0]["uom"] == "Token"
    assert len(ask(api, "usages", ("filter[]", "uom.EQ:token"))["data"]) == 1


def test_a_rating_result_ends_with_its_last_day(api: Api, sold: builders.Sold) -> None:
    del sold
    found = ask(api, "rating-results", ("filter[]", "serviceEndDate.EQ:2026-01-31"))["data"][0]

    assert found["serviceStartDate"] == "2026-01-01"
    assert found["serviceEndDate"] == "2026-01-31"
    assert found["amount"] == 0.90
    assert found["createdByID"] == "tests"


def test_instants_are_in_the_zone_of_the_entity(api: Api, sold: builders.Sold) -> None:
    del sold
    api.settings(time_zone="Asia/Shanghai")
    found = ask(api, "usages", ("filter[]", "startdatetime.EQ:2026-01-10T20:00:00"))["data"]

    assert [row["startDateTime"] for row in found] == ["2026-01-10T20:00:00.000+08:00"]


class TestShape:
    def test_only_the_fields_that_are_asked_for_are_shown(
        self, api: Api, sold: builders.Sold
    ) -> None:
        del sold
        row = ask(
            api,
            "accounts",
            ("account.fields[]", "name,AccountNumber,Region__c"),
            ("expand[]", "billto"),
            ("billto.fields[]", "firstname"),
        )["data"][0]

        account_id = row.pop("id")
        assert len(account_id) == 32
        assert row == {
            "name": "Acme",
            "accountNumber": "A00000001",
            "billTo": {"id": "c" * 32, "firstName": "Ada"},
        }
        assert ask(api, "accounts", ("fields[]", "name"))["data"] == [
            {"id": account_id, "name": "Acme"}
        ]

    def test_null_fields_are_left_out_unless_asked_for(self, api: Api, sold: builders.Sold) -> None:
        del sold
        assert "notes" not in ask(api, "accounts")["data"][0]
        assert ask(api, "accounts", ("includeNullFields", "true"))["data"][0]["notes"] is None

    def test_relations_are_followed_step_by_step(self, api: Api, sold: builders.Sold) -> None:
        path = "rateplans.rateplancharges.rateplanchargetiers"
        found = ask(api, "subscriptions", ("expand[]", path), ("expand[]", "account"))["data"][0]

        assert found["account"]["accountNumber"] == "A00000001"
        charges = found["ratePlans"][0]["ratePlanCharges"]
        assert [charge["name"] for charge in charges] == ["Prepayment", "Drawdown"]
        assert charges[0]["ratePlanChargeTiers"][0]["price"] == 60
        assert charges[0]["uOM"] == "Token" if "uOM" in charges[0] else True
        assert found["id"] == sold.subscription.id

    def test_a_fund_is_expanded_with_all_it_hangs_on(self, api: Api, sold: builders.Sold) -> None:
        parameters = [("expand[]", "account,prepaidBalance,vpSummary,source")]
        fund = ask(api, f"prepaid-balance-funds/{sold.funds[0].id}", *parameters)

        assert fund["account"]["name"] == "Acme"
        assert fund["prepaidBalance"]["name"] == sold.balances[0].name
        assert fund["vpSummary"]["totalBalance"] == 30
        assert fund["source"]["id"] == sold.charge("Prepayment").id

    def test_a_transaction_leads_to_the_source_of_its_fund(
        self, api: Api, sold: builders.Sold
    ) -> None:
        asked = ("expand[]", "fund.source"), ("expand[]", "prepaidbalance")
        moved = ask(api, "prepaid-balance-transactions", *asked)["data"][0]

        assert moved["prepaidBalanceTransactionType"] == "PREPAYMENT"
        assert moved["amount"] == 30
        assert moved["fund"]["source"]["chargeNumber"] == sold.charge("Prepayment").number
        assert moved["prepaidBalance"]["balance"] == 30

    def test_lists_of_related_objects_are_cut_at_the_page_size(self, api: Api) -> None:
        with builders.writing(api) as books:
            for customer in (builders.account(books), builders.account(books)):
                for quantity in ("1", "2", "3"):
                    use(books, customer.id, quantity)

        answer = ask(api, "accounts", ("expand[]", "usages"), ("pageSize", 2))

        assert [[row["quantity"] for row in one["usages"]] for one in answer["data"]] == [
            [1, 2],
            [1, 2],
        ]

    def test_a_deleted_row_is_neither_listed_nor_found_nor_expanded(
        self, api: Api, sold: builders.Sold
    ) -> None:
        with builders.writing(api) as books:
            record = books.usage.list(account_id=sold.subscription.account_id)[0]
            books.usage.change(record, deleted=True)

        assert ask(api, "usages")["data"] == []
        assert api.get(f"/object-query/usages/{record.id}").status_code == 404
        assert ask(api, "accounts", ("expand[]", "usages"))["data"][0]["usages"] == []

    def test_an_answer_holds_ten_thousand_related_objects_and_no_more(self, api: Api) -> None:
        with builders.writing(api) as books:
            customers = [builders.account(books) for _ in range(51)]
            first = use(books, customers[0].id, "1")
            books.usage.add_all(
                [
                    replace(first, id=books.new_id(), account_id=customer.id)
                    for customer in customers
                    for _ in range(99)
                ]
            )
        for path, status in (("usages.account", 200), ("usages.account.usages", 400)):
            parameters = urlencode([("pageSize", 99), ("expand[]", path)])
            assert api.get(f"/object-query/accounts?{parameters}").status_code == status


def test_the_reference_lists_every_object() -> None:
    reference = (Path(__file__).parents[2] / "docs/reference/object-query.md").read_text()

    for known in OBJECTS.values():
        number = next(
            (f" or {f.name}" for f in known.fields if f.column and f.column == known.number), ""
        )
        related = ", ".join(f"`{name}`" for name in known.links_by_name) or "-"
        assert f"| `{known.path}` | id{number} | {related} |" in reference


class TestIsolation:
    def test_other_entities_are_not_seen(self, api: Api, sold: builders.Sold) -> None:
        application = api.application
        other = add_entity(application, application.clients.list(Tenant)[0].id, "Other")
        scope = Scope(tenant_id=other.tenant_id, entity_id=other.id, user_id="tests")
        with application.database.writing() as transaction:
            theirs = stock(transaction.books(scope))

        for known in OBJECTS.values():
            for row in ask(api, known.path, ("pageSize", 99))["data"]:
                assert row.get("accountId", sold.subscription.account_id) == (
                    sold.subscription.account_id
                )
        for path, row in (
            ("accounts", theirs.subscription.account_id),
            ("subscriptions", theirs.subscription.id),
            ("prepaid-balance-funds", theirs.funds[0].id),
        ):
            assert api.get(f"/object-query/{path}/{row}").status_code == 404

    def test_other_organisations_are_not_seen(self, api: Api) -> None:
        application = api.application
        entity = application.clients.list(Entity)[0]
        parts = [
            Organization(id=application.database.new_id(), entity_id=entity.id, name=name)
            for name in ("North", "South")
        ]
        for part in parts:
            application.clients.add(part)
        with builders.writing(api) as books:
            plan = builders.prepaid_plan(books, units=30, price=60)
            customers = [builders.account(books, organization_id=part.id) for part in parts]
            north, south = (builders.sell(books, one, plan, months=1) for one in customers)
        client = add_client(
            application, entity.tenant_id, (entity.id,), "secret", organization_ids=(parts[0].id,)
        )
        api.headers |= sign_in(api.http, client.id, "secret")

        assert found(api, "accounts") == [north.subscription.account_id]
        assert found(api, "subscriptions") == [north.subscription.id]
        assert found(api, "rate-plan-charges") == [charge.id for charge in north.charges]
        assert found(api, "rate-plans") == [north.charges[0].rate_plan_id]
        assert found(api, "prepaid-balance-funds") == [fund.id for fund in north.funds]
        assert len(found(api, "rate-plan-charge-tiers")) == 2
        assert len(found(api, "products")) == 1
        assert api.get(f"/object-query/accounts/{south.subscription.account_id}").status_code == 404
        expanded = ask(api, "products", ("expand[]", "productrateplans"))
        assert len(expanded["data"][0]["productRatePlans"]) == 1


def found(api: Api, path: str) -> list[str]:
    return [row["id"] for row in ask(api, path)["data"]]
