"""Journal runs over the wire (R 6.2, R 6.3)."""


import pytest

from tests.api import Api
from tests.http.by_hand import refusal
from tests.http.journal import REVENUE, RUNS, Ledger

ONLY_BY_PERIOD = (
    "Revenue Event Item can only be selected when Target Date(s) is an Accounting Period."
)
NO_OPEN_ENDED = "The open-ended accounting period cannot be used in a journal run."


@pytest.fixture
def ledger(api: Api) -> Ledger:
    return Ledger(api)


def t1(ledger: Ledger) -> str:
    """Make the schedule of the seed's sample."""
    return ledger.schedule("300", {"Jan'2013": "100", "Feb'2013": "200"})


def test_r_t36_revenue_event_items_go_by_period(ledger: Ledger) -> None:
    dates = {"targetStartDate": "2013-01-01", "targetEndDate": "2013-01-31"}
    body = {"transactionTypes": REVENUE, **dates}

    assert refusal(ledger.api, "POST", RUNS, body) == (51000030, ONLY_BY_PERIOD)


def test_r_t37_a_closed_period_is_journalled_once(ledger: Ledger) -> None:
    t1(ledger)
    ledger.close("Jan'2013")

    first, second = ledger.run(), ledger.run()

    assert (first, second) == ("JR-00000001", "JR-00000002")
    assert ledger.lines(first) == ["USD Dr Deferred Revenue 100.00, Cr Subscription Revenue 100.00"]
    assert ledger.entries(second) == []
    found = ledger.api.found(f"{RUNS}/{second}")
    assert found["status"] == "Completed"
    assert found["totalJournalEntryCount"] == 0


def test_a_run_is_read_back(ledger: Ledger) -> None:
    t1(ledger)
    number = ledger.run(Batch__c="7")

    found = ledger.api.found(f"{RUNS}/{number}")
    assert found == {
        "number": "JR-00000001",
        "status": "Completed",
        "executedOn": "2026-01-15 12:00:00",
        "journalEntryDate": "2013-01-31",
        "accountingPeriodName": "Jan'2013",
        "targetStartDate": "2013-01-01",
        "targetEndDate": "2013-01-31",
        "aggregateCurrency": False,
        "segmentationRuleName": None,
        "totalJournalEntryCount": 1,
        "transactionTypes": [{"type": "Revenue Event Item"}],
        "organizationLabels": [],
        "createdBy": found["createdBy"],
        "createdOn": "2026-01-15 12:00:00",
        "updatedBy": found["createdBy"],
        "updatedOn": "2026-01-15 12:00:00",
        "Batch__c": "7",
        "success": True,
    }
