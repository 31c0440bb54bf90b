"""ZOQL over the wire (R 8.10): what is found, batch by batch, and what is refused."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from earned.bootstrap.first_run import add_client, add_entity
from earned.domain.tenancy import Entity, Organization, Scope, Tenant
from earned.http.zoql.objects import ZOQL_OBJECTS
from tests import builders
from tests.api import Api, serving, sign_in
from tests.asking import bill, stock, use
from tests.periods import define_months

QUERY, MORE = "/v1/action/query", "/v1/action/queryMore"
SELECT = "select {} from {}"


def zoql(api: Api, text: str, **conf: int) -> dict[str, Any]:
    """Ask what must be answered."""
    response = api.post(QUERY, {"queryString": text, "conf": conf})
    answer: dict[str, Any] = response.json()
    assert response.status_code == 200, answer
    assert answer["size"] == len(answer["records"])
    return answer


def values(api: Api, text: str) -> list[Any]:
    """Ask for one field; return what it holds."""
    field = text.split()[1]
    return [row.get(field) for row in zoql(api, text)["records"]]


def fault(api: Api, text: str, **conf: int) -> tuple[str, str]:
    """Ask what must be refused."""
    response = api.post(QUERY, {"queryString": text, "conf": conf})
    assert response.status_code == 400, response.text
    body = response.json()
    assert body.keys() == {"FaultCode", "FaultMessage"}
    return body["FaultCode"], body["FaultMessage"]


def more(api: Api, locator: str, **headers: str) -> Any:
    return api.post(MORE, {"queryLocator": locator}, **headers)


@pytest.fixture(scope="module")
def stocked(wire: Api) -> Api:
    """Lend books with something of everything in them; the tests leave nothing behind."""
    with builders.writing(wire) as books:
        sold = stock(books)
        customer = sold.subscription.account_id
        use(books, customer, "7", description="50% off_x", custom_fields={"Site__c": "North"})
        use(books, customer, "10.5", description="50 offers", custom_fields={"Site__c": 3})
        builders.account(books, name="acme")
        define_months(books, 2026, 1, 2)
    return wire


def test_records_have_the_fields_that_are_asked_for_and_no_nulls(stocked: Api) -> None:
    found = zoql(
        stocked,
        "select Id, name, AccountNumber, CRMID, CreatedDate from account where Name = 'Acme'",
    )

    identity = found["records"][0].pop("Id")
    assert len(identity) == 32
    assert found == {
        "records": [
            {
                "Name": "Acme",
                "AccountNumber": "A00000001",
                "CreatedDate": "2026-01-15T12:00:00.000+00:00",
            }
        ],
        "size": 1,
        "done": True,
    }


def test_every_field_of_every_object_can_be_asked_for(api: Api) -> None:
    with builders.writing(api) as books:
        stock(books)
        bill(books)
    for known in ZOQL_OBJECTS.values():
        fields = ",".join(field.name for field in known.fields)
        records = zoql(api, SELECT.format(fields, known.name))["records"]
        assert records, known.name
        names = {name for row in records for name in row}
        assert names <= {field.name for field in known.fields}
        assert all(name[0].isupper() for name in names)
        asked = [field.name for field in known.fields if field.derived is None]
        wanted = " or ".join(f"{name} != null" for name in asked)
        found = zoql(api, SELECT.format("Id", f"{known.name} where {wanted}"))
        assert len(found["records"]) == len(records)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Quantity > 9", [12.5, 10.5]),
        ("Quantity <= 10.50", [7, 10.5]),
        ("Quantity != 7 and Quantity != 12.5", [10.5]),
        ("Quantity = 7 or Quantity > 8 and Quantity < 11", [7, 10.5]),
        ("Quantity > 8 and Quantity < 11 or Quantity = 7", [7, 10.5]),
        ("Description = null", [12.5]),
        ("Description != null and Quantity > 8", [10.5]),
        ("Description != '50 offers'", [12.5, 7]),
        ("Description like '50%'", [7, 10.5]),
        ("Description like '50[%] %'", []),
        ("Description like '%off_x'", [7]),
        ("Description like '50% OFF_x'", []),
        ("Description >= '50%'", [7]),
        ("Description = '50 OFFERS'", []),
        ("Site__c = 'North'", [7]),
        ("Site__c = 'north'", []),
        ("Site__c = 3", [10.5]),
        ("Site__c like 'N____'", [7]),
        ("UOM = 'Token' and StartDateTime >= '2026-01-10T13:00:00+01:00'", [12.5, 7, 10.5]),
        ("StartDateTime < '2026-01-10T13:00:00+01:00'", []),
    ],
)
def test_conditions_choose_the_records(stocked: Api, condition: str, found: list[float]) -> None:
    assert values(stocked, SELECT.format("Quantity", f"Usage where {condition}")) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("select Name from Account where Name = 'acme'", ["acme"]),
        ("select Amount from RevenueSchedule where Amount = 300.00", [300.00]),
        ("select StartDate from AccountingPeriod where StartDate > '2026-01-31'", ["2026-02-01"]),
        ("select EndDate from RatingResult where ServiceEndDate = '2026-01-31'", None),
        ("select ServiceEndDate from RatingResult", ["2026-01-31"]),
        ("select AutoPay from Account where AutoPay = true", []),
        ("select IsLatestVersion from Subscription where IsLatestVersion = true", [True]),
        ("select ChargeModel from ProductRatePlanCharge where Name = 'Drawdown'", None),
        (
            "select ChargeType from ProductRatePlanCharge where ChargeModel = 'Per Unit Pricing'",
            ["Usage"],
        ),
        ("select Price from ProductRatePlanChargeTier where Currency = 'USD'", None),
        ("select GLAccountName from AccountingCode where GLAccountNumber = null", [None]),
        ("select ChargeId from Usage where ChargeId != null", []),
    ],
)
def test_objects_are_spelled_as_crud_spells_them(
    stocked: Api, query: str, found: list[Any] | None
) -> None:
    if found is not None:
        assert values(stocked, query) == found


def test_a_one_time_charge_is_asked_for_with_its_hyphen(api: Api) -> None:
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        builders.charge(books, plan, name="Set-up", charge_type="OneTime")
        builders.charge(books, plan, name="Fee", charge_type="Recurring")
    charges = "from ProductRatePlanCharge where ChargeType"

    assert values(api, f"select Name {charges} = 'One-Time'") == ["Set-up"]
    assert values(api, f"select ChargeType {charges} = 'One-Time'") == ["One-Time"]
    assert values(api, f"select Name {charges} != 'One-Time'") == ["Fee"]
    assert values(api, f"select Name {charges} = 'OneTime'") == []


def test_a_period_that_is_pending_close_is_open(api: Api) -> None:
    with builders.writing(api) as books:
        january = define_months(books, 2026, 1, 2)[0]
    answer = api.put(f"/v1/accounting-periods/{january.id}/pending-close")
    assert answer.json()["success"], answer.text
    periods = "from AccountingPeriod where Name != 'Open-Ended' and Status"

    assert values(api, f"select Status {periods} = 'Open'") == ["Open", "Open"]
    assert values(api, f"select Status {periods} = 'PendingClose'") == []
    assert values(api, f"select Status {periods} = 'oPEN'") == []
    assert values(api, f"select Status {periods} != 'Open'") == []
    assert len(values(api, f"select Status {periods} != 'PendingClose'")) == 2


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("select * from Account", "MALFORMED_QUERY", "cannot be read at character 8"),
        ("SELECT Id from Account", "MALFORMED_QUERY", "Keywords are written in lower case."),
        ("select Id from Nothing", "INVALID_TYPE", "invalid type for query: Nothing"),
        ("select Nope from Usage", "INVALID_FIELD", "invalid field for query: Usage.nope"),
        (
            "select Id from Usage where Nope = 1",
            "INVALID_FIELD",
            "invalid field for query: Usage.nope",
        ),
        (
            "select Id from Subscription where Revision = '1.0'",
            "INVALID_FIELD",
            "Cannot use the Revision field of Subscription in the where clause",
        ),
        (
            "select Id from PrepaidBalance where Site__c = 'x'",
            "INVALID_FIELD",
            "invalid field for query: PrepaidBalance.site__c",
        ),
        (
            "select Id from AccountingPeriod where StartDate = '1.1.2026'",
            "INVALID_VALUE",
            "'StartDate' value '1.1.2026' should be a date in yyyy-mm-dd format.",
        ),
        (
            "select Id from Account where CreatedDate > '2026-01-01T00:00:00'",
            "INVALID_VALUE",
            "'CreatedDate' value '2026-01-01T00:00:00' should be a dateTime with an offset.",
        ),
        (
            "select Id from Account where AutoPay > true",
            "MALFORMED_QUERY",
            "Operator > cannot be used with field 'AutoPay'.",
        ),
    ],
)
def test_a_refusal_is_a_fault(stocked: Api, query: str, code: str, message: str) -> None:
    found = fault(stocked, query)

    assert found[0] == code
    assert message in found[1]


def test_two_hundred_conditions_are_answered_and_one_more_is_refused(stocked: Api) -> None:
    query = "select Amount from RevenueSchedule where Amount = 300"

    assert values(stocked, query + " or Amount = 300" * 199) == [300.00]
    assert values(stocked, query + " and Amount != 301" * 199) == [300.00]
    assert fault(stocked, query + " or Amount = 300" * 200) == (
        "MALFORMED_QUERY",
        "A query has at most 200 conditions.",
    )


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, "MISSING_REQUIRED_VALUE", "Missing required value: queryString"),
        (
            {"queryString": "select Id from Usage", "conf": {"batchSize": 0}},
            "INVALID_VALUE",
            "'conf.batchSize' value is invalid",
        ),
    ],
)
def test_a_call_that_says_too_little_is_refused(
    stocked: Api, body: Any, code: str, message: str
) -> None:
    refused = stocked.post(QUERY, body)

    assert refused.status_code == 400
    assert refused.json() == {"FaultCode": code, "FaultMessage": message}


def test_a_call_without_a_token_is_refused(stocked: Api) -> None:
    refused = stocked.post(QUERY, {"queryString": "select Id from Usage"}, Authorization="Bearer x")

    assert (refused.status_code, refused.json()) == (401, {"message": "Authentication error"})


class TestQueryMore:
    @pytest.fixture
    def used(self, api: Api) -> Api:
        with builders.writing(api) as books:
            customer = builders.account(books)
            builders.unit(books)
            for quantity in range(1, 8):
                use(books, customer.id, str(quantity))
        return api

    def test_batches_lead_through_all_records(self, used: Api) -> None:
        answer = zoql(used, "select Quantity from Usage where Quantity < 8", batchSize=3)
        assert (answer["size"], answer["done"]) == (3, False)
        seen = quantities(answer)
        while not answer["done"]:
            answer = more(used, answer["queryLocator"]).json()
            seen += quantities(answer)

        assert seen == [1, 2, 3, 4, 5, 6, 7]
        assert "queryLocator" not in answer

    def test_a_locator_gives_its_batch_again_and_takes_another_size(self, used: Api) -> None:
        locator = zoql(used, "select Quantity from Usage", batchSize=3)["queryLocator"]

        assert quantities(more(used, locator).json()) == [4, 5, 6]
        assert quantities(more(used, locator).json()) == [4, 5, 6]
        sized = used.post(MORE, {"queryLocator": locator, "conf": {"batchSize": 9}}).json()
        assert (quantities(sized), sized["done"]) == ([4, 5, 6, 7], True)

    def test_no_more_than_two_thousand_records_are_given_at_once(self, api: Api) -> None:
        with builders.writing(api) as books:
            customer = builders.account(books)
            first = use(books, customer.id, "1")
            ids = [books.new_id() for _ in range(2000)]
            books.usage.add_all([replace(first, id=identity) for identity in ids])

        answer = zoql(api, "select Id from Usage", batchSize=5000)
        assert (answer["size"], answer["done"]) == (2000, False)
        rest = more(api, answer["queryLocator"]).json()
        assert (rest["records"], rest["done"]) == ([{"Id": ids[-1]}], True)

    def test_a_batch_shows_records_as_they_are_when_it_is_asked_for(self, used: Api) -> None:
        locator = zoql(used, "select Quantity from Usage", batchSize=5)["queryLocator"]
        with builders.writing(used) as books:
            second, sixth = (books.usage.find(quantity=quantity) for quantity in (2, 6))
            assert second
            assert sixth
            books.usage.change(second, deleted=True)
            books.usage.change(sixth, deleted=True)
            use(books, second.account_id, "8")

        assert quantities(more(used, locator).json()) == [7, 8]

    def test_a_locator_expires_a_quarter_of_an_hour_after_it_was_used_last(self, used: Api) -> None:
        locator = zoql(used, "select Quantity from Usage", batchSize=1)["queryLocator"]
        used.clock.now += timedelta(minutes=14)
        assert more(used, locator).status_code == 200
        used.clock.now += timedelta(minutes=14)
        assert more(used, locator).status_code == 200
        used.clock.now += timedelta(minutes=16)
        expired = more(used, locator)
        assert (expired.status_code, expired.json()) == (400, EXPIRED)

        assert used.application.forget_expired(10) == 1

    def test_a_locator_outlives_the_server(self, founded_database_url: str) -> None:
        with serving(founded_database_url) as api:
            with builders.writing(api) as books:
                customer = builders.account(books)
                for quantity in ("1", "2"):
                    use(books, customer.id, quantity)
            locator = zoql(api, "select Quantity from Usage", batchSize=1)["queryLocator"]
        with serving(founded_database_url) as api:
            assert quantities(more(api, locator).json()) == [2]

    @pytest.mark.parametrize("locator", ["", "x", "0" * 32 + "-" + "0" * 32])
    def test_an_unknown_locator_is_refused(self, stocked: Api, locator: str) -> None:
        refused = more(stocked, locator)

        assert refused.status_code == 400
        assert refused.json()["FaultCode"] == "INVALID_VALUE"

    def test_a_query_that_is_answered_whole_leaves_no_locator(self, used: Api) -> None:
        zoql(used, "select Quantity from Usage", batchSize=7)
        with builders.writing(used) as books:
            assert books.locators.count() == 0


class TestIsolation:
    def test_other_entities_are_not_seen_and_their_locators_are_unknown(self, api: Api) -> None:
        application = api.application
        tenant = application.clients.list(Tenant)[0].id
        other = add_entity(application, tenant, "Other")
        scope = Scope(tenant_id=tenant, entity_id=other.id, user_id="tests")
        with application.database.writing() as transaction:
            builders.account(transaction.books(scope), number="B1")
        with builders.writing(api) as books:
            mine = [builders.account(books).id, builders.account(books).id]
        client = add_client(application, tenant, (other.id,), "secret")

        answer = zoql(api, "select Id from Account", batchSize=1)
        assert answer["records"] == [{"Id": mine[0]}]
        theirs = sign_in(api.http, client.id, "secret")
        refused = more(api, answer["queryLocator"], **theirs)
        assert (refused.status_code, refused.json()) == (400, EXPIRED)
        assert more(api, answer["queryLocator"]).json()["records"] == [{"Id": mine[1]}]

    def test_other_organisations_are_not_seen_in_any_batch(self, api: Api) -> None:
        application = api.application
        entity = application.clients.list(Entity)[0]
        north, south = (
            Organization(id=application.database.new_id(), entity_id=entity.id, name=name)
            for name in ("North", "South")
        )
        for part in (north, south):
            application.clients.add(part)
        with builders.writing(api) as books:
            parts = (north, south, north, south)
            ids = [builders.account(books, organization_id=part.id).id for part in parts]
        client = add_client(
            application, entity.tenant_id, (entity.id,), "secret", organization_ids=(north.id,)
        )
        everything = zoql(api, "select Id from Account", batchSize=1)
        api.headers |= sign_in(api.http, client.id, "secret")

        assert values(api, "select Id from Account") == [ids[0], ids[2]]
        rest = more(api, everything["queryLocator"]).json()
        assert rest["records"] == [{"Id": ids[2]}]


EXPIRED = {
    "FaultCode": "INVALID_VALUE",
    "FaultMessage": "The queryLocator is unknown or has expired; query again.",
}


def quantities(answer: Mapping[str, Any]) -> list[float]:
    return [row["Quantity"] for row in answer["records"]]
