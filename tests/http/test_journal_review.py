"""The review of journal entries made by hand, where an entity has it (R 6.4)."""

from typing import Any

import pytest

from tests.api import Api
from tests.http.by_hand import refusal
from tests.http.journal import ENTRIES, Ledger, by_hand, item

STEPS = {
    "submit-for-review": "submitted for review",
    "approve": "approved",
    "reject": "rejected",
    "revert-to-draft": "reverted to draft",
}
ALLOWED = {
    "Draft": {"submit-for-review"},
    "InReview": {"approve", "reject"},
    "Rejected": {"revert-to-draft"},
    "Created": set[str](),
    "Cancelled": set[str](),
}
WAYS: dict[str, list[str]] = {
    "Draft": [],
    "InReview": ["submit-for-review"],
    "Rejected": ["submit-for-review", "reject"],
    "Created": ["submit-for-review", "approve"],
    "Cancelled": ["cancel"],
}


@pytest.fixture
def ledger(api: Api) -> Ledger:
    api.settings(review_journal_entries=True)
    return Ledger(api)


def take(ledger: Ledger, number: str, *steps: str, **body: Any) -> None:
    for step in steps:
        path = f"{ENTRIES}/{number}/{step}"
        answer = ledger.api.put(path, body or None).json()
        assert answer == {"success": True}, (step, answer)


def test_an_entry_is_a_draft_until_it_is_approved(ledger: Ledger) -> None:
    number = ledger.enter()
    draft = ledger.entry(number)
    take(ledger, number, "submit-for-review")
    in_review = ledger.entry(number)

    take(ledger, number, "approve", comment="Agreed")

    found = ledger.entry(number)
    assert (draft["status"], draft["sequence"], draft["hash"]) == ("Draft", None, None)
    assert (in_review["status"], in_review["sequence"]) == ("InReview", None)
    assert (found["status"], found["sequence"], found["reviewComment"]) == ("Created", 1, "Agreed")


def test_a_rejected_entry_is_mended_and_submitted_again(ledger: Ledger) -> None:
    number = ledger.enter(Reason__c="late")
    take(ledger, number, "submit-for-review")
    take(ledger, number, "reject", comment="Wrong month")
    path = f"{ENTRIES}/{number}"
    mended = by_hand(
        item("Debit", "Deferred Revenue", "7"),
        item("Credit", "Subscription Revenue", "3"),
        item("Credit", "Subscription Revenue", "4"),
        accountingPeriodName="Feb'2013",
    )

    assert ledger.entry(number)["status"] == "Rejected"
    assert refusal(ledger.api, "PUT", path, mended) == (
        51010030,
        "A journal entry cannot be updated as a draft when its status is Rejected.",
    )
    take(ledger, number, "revert-to-draft")
    assert ledger.api.put(path, mended).json() == {"success": True}
    take(ledger, number, "submit-for-review", "approve")

    found = ledger.entry(number)
    assert found["accountingPeriodName"] == "Feb'2013"
    assert [one["amount"] for one in found["journalEntryItems"]] == ["7.00", "3.00", "4.00"]
    assert found["Reason__c"] == "late"
    assert found["reviewComment"] is None


@pytest.mark.parametrize("status", WAYS)
def test_each_step_is_taken_from_its_own_status_only(ledger: Ledger, status: str) -> None:
    for step, word in STEPS.items():
        number = ledger.enter()
        take(ledger, number, *WAYS[status])
        response = ledger.api.put(f"{ENTRIES}/{number}/{step}")
        if step in ALLOWED[status]:
            assert response.json() == {"success": True}
            continue
        (reason,) = response.json()["reasons"]
        message = f"A journal entry cannot be {word} when its status is {status}."
        assert (reason["code"] % 100, reason["message"]) == (30, message)


@pytest.mark.parametrize("status", ["Draft", "InReview", "Rejected"])
def test_what_is_not_in_force_counts_nowhere_and_can_be_thrown_away(
    ledger: Ledger, status: str
) -> None:
    number = ledger.enter()
    take(ledger, number, *WAYS[status])
    ledger.act("Jan'2013", "run-trial-balance")

    assert ledger.balance("Jan'2013") == []
    transferred = {"transferredToAccounting": "Yes"}
    path = f"{ENTRIES}/{number}/basic-information"
    assert refusal(ledger.api, "PUT", path, transferred) == (
        51010030,
        f"A journal entry cannot be transferred when its status is {status}.",
    )
    take(ledger, number, "cancel")
    assert ledger.api.delete(f"{ENTRIES}/{number}").json() == {"success": True}


def test_a_draft_cannot_be_made_transferred(ledger: Ledger) -> None:
    body = by_hand(transferredToAccounting="Yes")

    assert refusal(ledger.api, "POST", ENTRIES, body) == (
        51010030,
        "A journal entry cannot be transferred when its status is Draft.",
    )


def test_an_entry_is_not_approved_into_a_closed_period(ledger: Ledger) -> None:
    number = ledger.enter()
    take(ledger, number, "submit-for-review")
    ledger.close("Jan'2013")

    assert refusal(ledger.api, "PUT", f"{ENTRIES}/{number}/approve") == (
        51010030,
        "Journal entries cannot be changed by hand in closed accounting period 'Jan'2013'.",
    )


def test_a_draft_balances_too(ledger: Ledger) -> None:
    items = (item("Debit", "Deferred Revenue", "1"), item("Credit", "Subscription Revenue", "2"))

    assert refusal(ledger.api, "POST", ENTRIES, by_hand(*items)) == (
        51010030,
        "The sum of debits must be equal to the sum of credits.",
    )


def test_without_review_there_is_nothing_to_review(ledger: Ledger) -> None:
    ledger.api.settings(review_journal_entries=False)
    number = ledger.enter()

    assert ledger.entry(number)["status"] == "Created"
    assert refusal(ledger.api, "PUT", f"{ENTRIES}/{number}", by_hand()) == (
        51010030,
        "A journal entry cannot be updated as a draft when its status is Created.",
    )
