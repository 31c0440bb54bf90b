"""The chart of accounts over the wire (R 4)."""

from datetime import date
from typing import Any

import pytest

from earned.domain.chart import CATEGORIES
from earned.domain.schedule import RevenueSchedule
from tests import builders
from tests.api import Api
from tests.http.journal import ENTRIES, Ledger

CODES = "/v1/accounting-codes"
REVENUE: dict[str, Any] = {
    "name": "Token Revenue",
    "type": "SalesRevenue",
    "glAccountName": "Revenue from tokens",
    "glAccountNumber": "4000-10",
    "notes": "Drawn down",
    "Region__c": "north",
}


def refusal(api: Api, method: str, path: str, body: object = None) -> tuple[int, str]:
    response = api.request(method, path, body)
    assert response.status_code in {400, 404}, response.text
    (reason,) = response.json()["reasons"]
    return reason["code"], reason["message"]


def made(api: Api, **changes: Any) -> str:
    code_id: str = api.made(CODES, {**REVENUE, **changes})["id"]
    return code_id


def use(api: Api, name: str) -> None:
    """Let a revenue schedule use a code."""
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        builders.unlimited_charge(books, plan)
        sold = builders.sell(books, builders.account(books), plan)
        charge = sold.charge("Project")
        books.schedules.add(
            RevenueSchedule(
                id=books.new_id(),
                entity_id=books.scope.entity_id,
                number="RS-1",
                account_id=charge.account_id,
                original_subscription_id=charge.original_subscription_id,
                charge_id=charge.original_id,
                amount_minor=100,
                currency="USD",
                rule_name="Any",
                schedule_date=date(2026, 1, 1),
                recognized_code=name,
                **books.stamp(),
            )
        )


def test_a_code_is_created_active_and_read_back(api: Api) -> None:
    code_id = made(api)

    found = api.found(f"{CODES}/{code_id}")

    assert found == {
        **REVENUE,
        "id": code_id,
        "category": "Revenue",
        "status": "Active",
        "segmentConstantValues": None,
        "createdBy": found["createdBy"],
        "createdOn": "2026-01-15 12:00:00",
        "updatedBy": found["createdBy"],
        "updatedOn": "2026-01-15 12:00:00",
        "success": True,
    }


@pytest.mark.parametrize("spelling", ["SalesRevenue", "Sales Revenue", "Revenue: Sales"])
def test_a_type_is_understood_in_each_of_its_spellings(api: Api, spelling: str) -> None:
    assert api.found(f"{CODES}/{made(api, type=spelling)}")["type"] == "SalesRevenue"


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"name": None}, 50700022, "'name' may not be null"),
        ({"name": ""}, 50700020, "'name' value is invalid"),
        ({"name": "x" * 101}, 50700020, "'name' value should be at most 100 characters"),
        ({"type": None}, 50700022, "'type' may not be null"),
        ({"notes": "x" * 2001}, 50700020, "'notes' value should be at most 2000 characters"),
        (
            {"glAccountNumber": "x" * 256},
            50700020,
            "'glAccountNumber' value should be at most 255 characters",
        ),
    ],
)
def test_a_code_that_cannot_be_is_refused(
    api: Api, changes: dict[str, object], code: int, message: str
) -> None:
    assert refusal(api, "POST", CODES, {**REVENUE, **changes}) == (code, message)


def test_an_unknown_type_is_refused_with_those_that_are_known(api: Api) -> None:
    code, message = refusal(api, "POST", CODES, {**REVENUE, "type": "Income"})

    assert code == 50700020
    assert message.startswith("'type' value should be one of: AccountsReceivable, ")


def test_a_name_that_is_taken_is_refused(api: Api) -> None:
    made(api)
    other = made(api, name="Other")
    taken = (50700030, "The accounting code 'Token Revenue' already exists.")

    assert refusal(api, "POST", CODES, REVENUE) == taken
    assert refusal(api, "PUT", f"{CODES}/{other}", {"name": "Token Revenue"}) == taken


def test_there_is_one_code_of_accounts_receivable(api: Api) -> None:
    receivable = {"name": "AR", "type": "AccountsReceivable"}
    api.made(CODES, receivable)
    other = made(api)
    second = (50700030, "There is an accounting code of type AccountsReceivable already.")

    assert refusal(api, "POST", CODES, {**receivable, "name": "AR 2"}) == second
    assert refusal(api, "PUT", f"{CODES}/{other}", {"type": "AccountsReceivable"}) == second


def test_there_are_several_codes_of_accounts_receivable_where_the_entity_says_so(api: Api) -> None:
    receivable = {"name": "AR", "type": "AccountsReceivable"}
    api.made(CODES, receivable)
    api.settings(multiple_ar_accounting_codes=True)
    api.made(CODES, {**receivable, "name": "AR 2"})
    other = made(api)
    assert api.put(f"{CODES}/{other}", {"type": "AccountsReceivable"}).status_code == 200

    api.settings(multiple_ar_accounting_codes=False)

    assert len(api.found(CODES)["accountingCodes"]) == 3
    assert refusal(api, "POST", CODES, {**receivable, "name": "AR 3"}) == (
        50700030,
        "There is an accounting code of type AccountsReceivable already.",
    )


def test_segment_constant_values_are_kept_as_they_came(api: Api) -> None:
    values = {"Country": "Chile", "Unit": 4}

    assert (
        api.found(f"{CODES}/{made(api, segmentConstantValues=values)}")["segmentConstantValues"]
        == values
    )


@pytest.mark.parametrize("code_type", CATEGORIES)
def test_every_type_has_its_category(api: Api, code_type: str) -> None:
    found = api.found(f"{CODES}/{made(api, type=code_type)}")

    assert (found["type"], found["category"]) == (code_type, CATEGORIES[code_type])


def test_the_list_is_in_order_of_names_and_comes_in_pages(api: Api) -> None:
    for name in ("Cash", "Bank", "Deferred"):
        made(api, name=name)

    everything = api.found(CODES)
    assert [code["name"] for code in everything["accountingCodes"]] == ["Bank", "Cash", "Deferred"]
    assert "nextPage" not in everything
    first = api.found(f"{CODES}?pageSize=2")
    assert [code["name"] for code in first["accountingCodes"]] == ["Bank", "Cash"]
    second = api.found(first["nextPage"])
    assert [code["name"] for code in second["accountingCodes"]] == ["Deferred"]


def test_a_code_that_nothing_uses_may_become_anything(api: Api) -> None:
    code_id = made(api)

    changes = {"name": "Deferred", "type": "Deferred Revenue", "notes": None, "Size__c": 4}
    assert api.put(f"{CODES}/{code_id}", changes).json() == {"success": True}

    found = api.found(f"{CODES}/{code_id}")
    assert (found["name"], found["type"]) == ("Deferred", "DeferredRevenue")
    assert (found["category"], found["notes"]) == ("Liabilities", None)
    assert found["glAccountNumber"] == "4000-10"
    assert (found["Region__c"], found["Size__c"]) == ("north", 4)


def test_a_code_that_a_transaction_uses_stays_as_it_is(api: Api) -> None:
    code_id = made(api)
    use(api, "Token Revenue")

    text = "Accounting code 'Token Revenue' cannot be {}: transactions use it."
    assert refusal(api, "PUT", f"{CODES}/{code_id}", {"notes": "x"}) == (
        50700030,
        text.format("updated"),
    )
    assert refusal(api, "PUT", f"{CODES}/{code_id}/deactivate") == (
        50000030,
        text.format("deactivated"),
    )


@pytest.mark.parametrize("action", ["updated", "deactivated", "deleted"])
def test_a_code_that_a_journal_entry_ever_used_stays_as_it_is(api: Api, action: str) -> None:
    ledger = Ledger(api)
    name = "Deferred Revenue"
    code_id = next(
        code["id"] for code in api.found(CODES)["accountingCodes"] if code["name"] == name
    )
    path = f"{CODES}/{code_id}"
    if action == "deleted":  # Only what is inactive is deleted.
        assert api.put(f"{path}/deactivate").status_code == 200
        assert api.put(f"{path}/activate").status_code == 200
    entry = ledger.enter()
    assert api.put(f"{ENTRIES}/{entry}/cancel").status_code == 200
    if action == "deleted":
        with builders.writing(api) as books:
            code = books.codes.find(id=code_id)
            assert code
            books.codes.change(code, status="Inactive")

    requests: dict[str, tuple[str, str, Any]] = {
        "updated": ("PUT", path, {"notes": "x"}),
        "deactivated": ("PUT", f"{path}/deactivate", None),
        "deleted": ("DELETE", path, None),
    }

    _, message = refusal(api, *requests[action])
    assert message == f"Accounting code '{name}' cannot be {action}: transactions use it."


def test_a_code_is_deactivated_and_activated_without_a_body(api: Api) -> None:
    code_id = made(api)

    for action, status in (("deactivate", "Inactive"), ("activate", "Active")):
        for _ in range(2):
            answer = api.http.put(f"{CODES}/{code_id}/{action}", headers=api.headers)
            assert (answer.status_code, answer.json()) == (200, {"success": True})
            assert api.found(f"{CODES}/{code_id}")["status"] == status


def test_accounts_receivable_is_never_deactivated(api: Api) -> None:
    code_id = made(api, name="AR", type="AccountsReceivable")

    assert refusal(api, "PUT", f"{CODES}/{code_id}/deactivate") == (
        50000030,
        "An accounting code of type AccountsReceivable cannot be deactivated.",
    )


def test_a_code_is_deleted_once_inactive(api: Api) -> None:
    code_id = made(api)

    assert refusal(api, "DELETE", f"{CODES}/{code_id}") == (
        50000030,
        "Accounting code 'Token Revenue' cannot be deleted: deactivate it first.",
    )
    api.put(f"{CODES}/{code_id}/deactivate")
    assert api.delete(f"{CODES}/{code_id}").json() == {"success": True}
    assert refusal(api, "GET", f"{CODES}/{code_id}") == (
        50000040,
        f"Cannot find entity by key: '{code_id}'.",
    )
    made(api)


def test_a_code_that_a_charge_names_is_neither_renamed_nor_deleted(api: Api) -> None:
    code_id = made(api)
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        builders.charge(books, plan, recognized_revenue_account="Token Revenue")

    text = "Accounting code 'Token Revenue' cannot be {}: charges name it."
    assert refusal(api, "PUT", f"{CODES}/{code_id}", {"name": "Tokens"}) == (
        50700030,
        text.format("renamed"),
    )
    assert api.put(f"{CODES}/{code_id}", {"notes": "x"}).status_code == 200
    assert api.put(f"{CODES}/{code_id}/deactivate").status_code == 200
    assert refusal(api, "DELETE", f"{CODES}/{code_id}") == (50000030, text.format("deleted"))


def test_a_code_that_a_subscribed_charge_names_is_neither_renamed_nor_deleted(api: Api) -> None:
    code_id = made(api)
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        charge = builders.charge(books, plan, recognized_revenue_account="Token Revenue")
        builders.sell(books, builders.account(books), plan)
        books.product_charges.change(charge, recognized_revenue_account=None)

    code, message = refusal(api, "PUT", f"{CODES}/{code_id}", {"name": "Tokens"})

    assert code == 50700030
    assert message == "Accounting code 'Token Revenue' cannot be renamed: charges name it."
