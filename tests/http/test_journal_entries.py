"""Summary journal entries made by hand, and what may be done to any entry (R 6.4)."""

from typing import Any

import pytest

from earned.domain.permissions import Permission
from earned.domain.tenancy import OAuthClient
from tests.api import CLIENT_ID, CLIENT_SECRET, Api, sign_in
from tests.http.by_hand import refusal
from tests.http.journal import ENTRIES, Ledger, by_hand, item

OUT_OF_BALANCE = "The sum of debits must be equal to the sum of credits."
CLOSED = "Journal entries cannot be changed by hand in closed accounting period 'Jan'2013'."
NO_HOME = (
    "'{}homeCurrencyAmount' cannot be given: there is no home currency, and nothing is converted."
)
ONE_CURRENCY = "'aggregateCurrency' can only be false: a journal entry has one currency."
GONE = (
    "Transferred to Accounting can no longer be changed after a Journal Entry has been cancelled."
)


@pytest.fixture
def ledger(api: Api) -> Ledger:
    return Ledger(api)


def refused(ledger: Ledger, *items: dict[str, Any], **changes: Any) -> tuple[int, str]:
    return refusal(ledger.api, "POST", ENTRIES, by_hand(*items, **changes))


def put(ledger: Ledger, number: str, action: str, body: Any = None) -> Any:
    return ledger.api.put(f"{ENTRIES}/{number}/{action}", body).json()


def kept_out(ledger: Ledger, number: str, action: str, body: Any = None) -> tuple[int, str]:
    return refusal(ledger.api, "PUT", f"{ENTRIES}/{number}/{action}", body)


def test_r_t38_debits_and_credits_have_to_be_equal(ledger: Ledger) -> None:
    items = (
        item("Debit", "Deferred Revenue", "100"),
        item("Credit", "Subscription Revenue", "99.99"),
    )

    assert refused(ledger, *items) == (51010030, OUT_OF_BALANCE)


def test_an_entry_by_hand_is_read_back(ledger: Ledger) -> None:
    ledger.code("Cash", "Cash", glAccountName="Bank", glAccountNumber="1000")
    number = ledger.enter(
        item("Debit", "Cash", "80.5", glString="01-1000", notes="wired", Desk__c="A"),
        item("Debit", "", 19.50, accountingCodeType="Other Assets", homeCurrencyAmount=None),
        item("Credit", "Subscription Revenue", "100"),
        notes="A correction",
        transactionType="Invoice Item",
        segments=[{"segmentName": "Country", "segmentValue": "Chile"}],
        aggregateCurrency=False,
        homeCurrency=None,
        Reason__c="late",
    )

    found = ledger.entry(number)

    stamped = {name: found[name] for name in ("createdBy", "updatedBy", "hash")}
    assert found == {
        "number": "JE-00000001",
        "status": "Created",
        "accountingPeriodName": "Jan'2013",
        "journalRunNumber": None,
        "journalEntryDate": "2013-01-31",
        "timePeriodStart": "2013-01-01",
        "timePeriodEnd": "2013-01-31",
        "transactionType": "Invoice Item",
        "currency": "USD",
        "homeCurrency": None,
        "aggregateCurrency": False,
        "segments": [{"segmentName": "Country", "segmentValue": "Chile"}],
        "organizationLabel": None,
        "notes": "A correction",
        "reviewComment": None,
        "transferredToAccounting": "No",
        "transferDateTime": None,
        "transferredBy": None,
        "journalEntryItems": [
            {
                "type": "Debit",
                "accountingCodeName": "Cash",
                "accountingCodeType": "Cash",
                "amount": "80.50",
                "homeCurrencyAmount": None,
                "glAccountName": "Bank",
                "glAccountNumber": "1000",
                "glString": "01-1000",
                "notes": "wired",
                "Desk__c": "A",
            },
            {
                "type": "Debit",
                "accountingCodeName": None,
                "accountingCodeType": "OtherAssets",
                "amount": "19.50",
                "homeCurrencyAmount": None,
                "glAccountName": None,
                "glAccountNumber": None,
                "glString": None,
                "notes": None,
            },
            {
                "type": "Credit",
                "accountingCodeName": "Subscription Revenue",
                "accountingCodeType": "SalesRevenue",
                "amount": "100.00",
                "homeCurrencyAmount": None,
                "glAccountName": None,
                "glAccountNumber": None,
                "glString": None,
                "notes": None,
            },
        ],
        "sequence": 1,
        "previousHash": "0" * 64,
        "createdOn": "2026-01-15 12:00:00",
        "updatedOn": "2026-01-15 12:00:00",
        "Reason__c": "late",
        "success": True,
        **stamped,
    }
    assert len(found["hash"]) == 64


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"accountingPeriodName": None}, 51010022, "'accountingPeriodName' may not be null"),
        ({"accountingPeriodName": "May"}, 51010020, "Cannot find accounting period 'May'."),
        ({"currency": None}, 51010022, "'currency' may not be null"),
        ({"currency": "Dollar"}, 51010020, "'currency' value is invalid"),
        ({"currency": "usd"}, 51010020, "'currency' value is invalid"),
        ({"journalEntryDate": None}, 51010022, "'journalEntryDate' may not be null"),
        ({"journalEntryItems": None}, 51010022, "'journalEntryItems' may not be null"),
        (
            {"journalEntryItems": []},
            51010030,
            "A journal entry has at least one debit and one credit.",
        ),
        ({"notes": "x" * 2001}, 51010020, "'notes' value should be at most 2000 characters"),
        ({"organizationLabel": "none"}, 51010020, "'organizationLabel' value is invalid"),
        (
            {"transferredToAccounting": "Maybe"},
            51010020,
            "'transferredToAccounting' value should be one of: No, Processing, Yes, Error, Ignore",
        ),
        ({"currency": "JPY"}, 51010030, OUT_OF_BALANCE),
        ({"aggregateCurrency": True}, 51010030, ONE_CURRENCY),
        (
            {"homeCurrency": "EUR"},
            51010030,
            "'homeCurrency' can only be null: nothing is converted.",
        ),
    ],
)
def test_an_entry_that_cannot_be_is_refused(
    ledger: Ledger, changes: dict[str, object], code: int, message: str
) -> None:
    items = (
        item("Debit", "Deferred Revenue", "100"),
        item("Credit", "Subscription Revenue", "101" if changes == {"currency": "JPY"} else "100"),
    )

    assert refused(ledger, *items, **changes) == (code, message)
    assert refusal(ledger.api, "GET", f"{ENTRIES}/JE-00000001")[0] == 50000040


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"type": "Both"}, 51010020, "'{}type' value should be one of: Debit, Credit"),
        ({"amount": None}, 51010022, "'{}amount' may not be null"),
        ({"amount": "ten"}, 51010020, "'{}amount' value is invalid"),
        ({"amount": "-1"}, 51010020, "'{}amount' value should not be negative"),
        ({"amount": "1.001"}, 51010020, "Allocation amount with wrong decimal places."),
        ({"accountingCodeName": None}, 51010022, "'{}accountingCodeName' may not be null"),
        ({"accountingCodeName": "Gone"}, 51010020, "Cannot find accounting code 'Gone'."),
        ({"accountingCodeName": ""}, 51010022, "'{}accountingCodeType' may not be null"),
        (
            {"accountingCodeType": "Cash"},
            51010020,
            "Accounting code 'Deferred Revenue' is not of the given type.",
        ),
        ({"accountingCodeName": "Old"}, 51010030, "Accounting code 'Old' is not active."),
        (
            {"homeCurrencyAmount": "100"},
            51010030,
            NO_HOME,
        ),
        ({"glString": "x" * 351}, 51010020, "'{}glString' value should be at most 350 characters"),
        ({"notes": "x" * 1001}, 51010020, "'{}notes' value should be at most 1000 characters"),
    ],
)
def test_an_item_that_cannot_be_is_refused(
    ledger: Ledger, changes: dict[str, object], code: int, message: str
) -> None:
    old = ledger.code("Old", "SalesRevenue")
    ledger.api.put(f"/v1/accounting-codes/{old}/deactivate")
    wrong = item("Debit", "Deferred Revenue", "100") | changes

    expected = (code, message.format("journalEntryItems.1."))
    assert refused(ledger, item("Credit", "Subscription Revenue", "100"), wrong) == expected


def test_at_most_a_hundred_items(ledger: Ledger) -> None:
    pairs = [item("Debit", "Deferred Revenue", 1), item("Credit", "Subscription Revenue", 1)] * 50

    assert len(ledger.entry(ledger.enter(*pairs))["journalEntryItems"]) == 100
    assert refused(ledger, *pairs, pairs[0]) == (51010020, "'journalEntryItems' value is invalid")


def test_an_entry_may_lie_in_open_ended_and_not_in_a_closed_period(ledger: Ledger) -> None:
    ledger.close("Jan'2013")

    number = ledger.enter(accountingPeriodName="Open-Ended")

    assert ledger.entry(number)["timePeriodStart"] is None
    assert refused(ledger) == (51010030, CLOSED)


def test_basic_information_is_changed_and_nothing_else(ledger: Ledger) -> None:
    number = ledger.enter(Reason__c="late")
    before = ledger.entry(number)
    debit = {"type": "Debit", "accountingCodeName": "Deferred Revenue"}

    ledger.annotate(
        number,
        notes="Seen",
        transferredToAccounting="Yes",
        journalEntryItems=[{**debit, "notes": "Mine", "Desk__c": 7, "amount": "1"}],
        Auditor__c="Ada",
        currency="EUR",
    )

    found = ledger.entry(number)
    debited, credited = found.pop("journalEntryItems")
    assert (debited["notes"], debited["Desk__c"], debited["amount"]) == ("Mine", 7, "100.00")
    assert credited == before.pop("journalEntryItems")[1]
    assert found == before | {
        "notes": "Seen",
        "transferredToAccounting": "Yes",
        "transferDateTime": "2026-01-15 12:00:00",
        "transferredBy": found["createdBy"],
        "Auditor__c": "Ada",
    }


def test_an_item_that_is_not_there_cannot_be_changed(ledger: Ledger) -> None:
    number = ledger.enter()
    wrong = {"type": "Credit", "accountingCodeName": "Deferred Revenue", "notes": "x"}

    assert kept_out(ledger, number, "basic-information", {"journalEntryItems": [wrong]}) == (
        51010020,
        "Cannot find a credit of accounting code 'Deferred Revenue'.",
    )


def test_what_was_transferred_is_not_cancelled(ledger: Ledger) -> None:
    number = ledger.enter(transferredToAccounting="Processing")
    message = "A journal entry cannot be cancelled when Transferred to Accounting is {}."

    assert kept_out(ledger, number, "cancel") == (50000030, message.format("Processing"))
    ledger.annotate(number, transferredToAccounting="Yes")
    assert kept_out(ledger, number, "cancel") == (50000030, message.format("Yes"))
    ledger.annotate(number, transferredToAccounting="Ignore")
    assert ledger.entry(number)["transferDateTime"] is None
    assert put(ledger, number, "cancel") == {"success": True}


def test_leaving_yes_takes_a_permission(ledger: Ledger) -> None:
    number = ledger.enter(transferredToAccounting="Yes")
    clients = ledger.api.application.clients
    clients.change_permissions(clients.list(OAuthClient)[0], (Permission.OVERRIDE_TRANSFERRED,))
    ledger.api.headers |= sign_in(ledger.api.http, CLIENT_ID, CLIENT_SECRET)

    response = ledger.api.put(
        f"{ENTRIES}/{number}/basic-information", {"transferredToAccounting": "No"}
    )

    assert response.status_code == 403
    (reason,) = response.json()["reasons"]
    assert reason["code"] == 51010010
    ledger.annotate(number, transferredToAccounting="Yes", notes="Still there")


def test_after_a_cancellation_nothing_is_transferred(ledger: Ledger) -> None:
    number = ledger.enter()
    assert put(ledger, number, "cancel") == {"success": True}

    transferred = {"transferredToAccounting": "Yes"}
    assert kept_out(ledger, number, "basic-information", transferred) == (51010030, GONE)
    ledger.annotate(number, notes="Entered twice", transferredToAccounting="No")
    assert ledger.entry(number)["status"] == "Cancelled"
    assert kept_out(ledger, number, "cancel") == (
        50000030,
        "A journal entry cannot be cancelled when its status is Cancelled.",
    )


def test_an_entry_in_a_closed_period_stays(ledger: Ledger) -> None:
    number = ledger.enter()
    ledger.close("Jan'2013")

    assert kept_out(ledger, number, "cancel") == (50000030, CLOSED)
    ledger.annotate(number, transferredToAccounting="Yes")
    ledger.act("Jan'2013", "reopen")
    ledger.annotate(number, transferredToAccounting="No")
    assert put(ledger, number, "cancel") == {"success": True}


def test_an_entry_of_a_run_may_be_cancelled_alone_though_its_period_is_closed(
    ledger: Ledger,
) -> None:
    ledger.schedule("300", {"Jan'2013": "100", "Feb'2013": "200"})
    ledger.close("Jan'2013")
    run = ledger.run()

    assert put(ledger, "JE-00000001", "cancel") == {"success": True}

    assert ledger.lines(run) == []
    assert len(ledger.lines(ledger.run())) == 1


def test_only_a_cancelled_entry_is_deleted(ledger: Ledger) -> None:
    number = ledger.enter()
    path = f"{ENTRIES}/{number}"

    assert refusal(ledger.api, "DELETE", path) == (
        50000030,
        "A journal entry must be cancelled before it can be deleted.",
    )
    put(ledger, number, "cancel")
    assert ledger.api.delete(path).json() == {"success": True}
    gone = (50000040, "Cannot find entity by key: 'JE-00000001'.")
    assert refusal(ledger.api, "GET", path) == gone
    assert refusal(ledger.api, "DELETE", path) == gone
    assert ledger.enter() == "JE-00000002"


def test_a_code_that_an_entry_names_keeps_its_name(ledger: Ledger) -> None:
    code = ledger.code("Bad Debt", "BadDebt")
    ledger.enter(item("Debit", "Bad Debt", 1), item("Credit", "Subscription Revenue", 1))

    assert refusal(ledger.api, "PUT", f"/v1/accounting-codes/{code}", {"name": "Other"}) == (
        50700030,
        "Accounting code 'Bad Debt' cannot be updated: transactions use it.",
    )


def test_a_period_with_entries_in_force_keeps_its_days(ledger: Ledger) -> None:
    number = ledger.enter(accountingPeriodName="Feb'2013")
    february = ledger.periods["Feb'2013"]
    path = f"/v1/accounting-periods/{february}"

    assert refusal(ledger.api, "DELETE", path) == (
        50000030,
        "Accounting period 'Feb'2013' has active journal entries.",
    )
    assert refusal(ledger.api, "PUT", path, {"endDate": "2013-03-31"})[0] == 50800030
    put(ledger, number, "cancel")
    assert ledger.api.delete(path).json() == {"success": True}
    assert ledger.entry(number)["accountingPeriodName"] is None
