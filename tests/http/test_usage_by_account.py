"""The usage of one account over the wire: newest first, in pages of 20 (U 3.1)."""

from datetime import UTC, datetime, timedelta

from tests import builders
from tests.api import Api
from tests.asking import NOON, use


def test_usage_is_listed_newest_first_in_pages_of_twenty(api: Api) -> None:
    with builders.writing(api) as books:
        customer = builders.account(books)
        for hours in range(45):
            use(books, customer.id, str(hours), start_date_time=NOON + timedelta(hours=hours))

    first = api.found(f"/v1/usage/accounts/{customer.number}")
    second = api.found(first["nextPage"])
    most = api.found(f"/v1/usage/accounts/{customer.id}?pageSize=100")

    assert first["success"] is True
    assert [row["quantity"] for row in first["usage"]] == list(range(44, 24, -1))
    assert [row["quantity"] for row in second["usage"]] == list(range(24, 4, -1))
    assert len(most["usage"]) == 40
    assert "page=2&pageSize=40" in most["nextPage"]
    assert "nextPage" not in api.found(most["nextPage"])


def test_a_record_is_shown_in_the_words_of_this_list(api: Api) -> None:
    api.settings(time_zone="Asia/Shanghai")
    with builders.writing(api) as books:
        customer = builders.account(books, name="Acme")
        record = use(
            books,
            customer.id,
            "12.5",
            start_date_time=datetime(2017, 12, 1, 15, 41, 36, tzinfo=UTC),
            unique_key="U-1",
            charge_number="C-00000001",
            custom_fields={"Region__c": "north"},
        )

    assert api.found(f"/v1/usage/accounts/{customer.id}") == {
        "usage": [
            {
                "Region__c": "north",
                "id": record.id,
                "accountId": customer.id,
                "accountNumber": "A00000001",
                "accountName": "Acme",
                "subscriptionId": None,
                "subscriptionNumber": None,
                "chargeId": None,
                "chargeNumber": "C-00000001",
                "unitOfMeasure": "Token",
                "quantity": 12.5,
                "startDateTime": "2017-12-01T23:41:36.000+08:00",
                "endDateTime": None,
                "submissionDateTime": "2026-01-15T20:00:00.000+08:00",
                "status": "Pending",
                "sourceName": "API",
                "fileName": None,
                "description": None,
                "uniqueKey": "U-1",
            }
        ],
        "success": True,
    }


def test_deleted_usage_and_that_of_other_accounts_is_not_listed(api: Api) -> None:
    with builders.writing(api) as books:
        customer, other = builders.account(books), builders.account(books)
        use(books, other.id, "1")
        use(books, customer.id, "2", deleted=True)

    assert api.found(f"/v1/usage/accounts/{customer.id}")["usage"] == []


def test_an_unknown_account_is_not_found(api: Api) -> None:
    assert api.get("/v1/usage/accounts/A404").status_code == 404
