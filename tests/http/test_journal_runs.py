"""Journal runs over the wire (R 6.2, R 6.3)."""

import pytest

from tests.api import Api
from tests.http.by_hand import refusal
from tests.http.journal import ENTRIES, REVENUE, RUNS, Ledger

ONLY_BY_PERIOD = (
    "Revenue Event Item can only be selected when Target Date(s) is an Accounting Period."
)
INVOICES = [{"type": "Invoice Item"}, {"type": "Invoice Item"}, {"type": "Taxation Item"}]
DAY = "'{}' value should be in yyyy-mm-dd format"
DR_CR = "USD Dr Deferred Revenue {0}, Cr Subscription Revenue {0}"
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
    number = ledger.run(Batch__c="7", aggregateCurrency=False, segmentationRuleName=None)

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


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"transactionTypes": None}, 51000022, "'transactionTypes' may not be null"),
        ({"transactionTypes": []}, 51000020, "'transactionTypes' value is invalid"),
        ({"journalEntryDate": "31.1."}, 51000020, DAY.format("journalEntryDate")),
        ({"accountingPeriodName": None}, 51000022, "'accountingPeriodName' may not be null"),
        ({"accountingPeriodName": "May"}, 51000020, "Cannot find accounting period 'May'."),
        ({"accountingPeriodName": "Open-Ended"}, 51000030, NO_OPEN_ENDED),
        (
            {"targetStartDate": "2013-01-02"},
            51000020,
            "'targetStartDate' value should be 2013-01-01, as in accounting period 'Jan'2013'",
        ),
        (
            {"targetEndDate": "2013-02-28"},
            51000020,
            "'targetEndDate' value should be 2013-01-31, as in accounting period 'Jan'2013'",
        ),
        (
            {"journalEntryDate": "2013-03-01"},
            51000030,
            "The journal entry date cannot lie in the open-ended accounting period.",
        ),
        (
            {"organizationLabels": [{"organizationId": "none"}]},
            51000020,
            "'organizationLabels.0.organizationId' value is invalid",
        ),
        (
            {"aggregateCurrency": True},
            51000030,
            "'aggregateCurrency' can only be false: a journal entry has one currency.",
        ),
        (
            {"segmentationRuleName": "By country"},
            51000030,
            "'segmentationRuleName' can only be null: there are no segmentation rules.",
        ),
    ],
)
def test_a_run_that_cannot_be_is_refused(
    ledger: Ledger, changes: dict[str, object], code: int, message: str
) -> None:
    body = {"transactionTypes": REVENUE, "accountingPeriodName": "Jan'2013", **changes}

    assert refusal(ledger.api, "POST", RUNS, body) == (code, message)


@pytest.mark.parametrize(
    ("start", "end", "code", "message"),
    [
        (None, "2013-01-31", 51000022, "'targetStartDate' may not be null"),
        ("2013-01-01", None, 51000022, "'targetEndDate' may not be null"),
        (
            "2013-01-31",
            "2013-01-30",
            51000020,
            "'targetEndDate' value should not be before targetStartDate",
        ),
        (
            "2013-01-31",
            "2013-02-01",
            51000030,
            "The target dates of a journal run must lie in one accounting period.",
        ),
        ("2013-02-28", "2013-03-01", 51000030, NO_OPEN_ENDED),
        ("2012-12-31", "2013-01-01", 51000030, NO_OPEN_ENDED),
    ],
)
def test_dates_of_a_run_lie_in_one_period(
    ledger: Ledger, start: str | None, end: str | None, code: int, message: str
) -> None:
    body = {"transactionTypes": INVOICES, "targetStartDate": start, "targetEndDate": end}

    assert refusal(ledger.api, "POST", RUNS, body) == (code, message)


def test_a_type_that_does_not_exist_is_refused_with_those_that_do(ledger: Ledger) -> None:
    body = {"transactionTypes": [{"type": "Gift"}], "accountingPeriodName": "Jan'2013"}

    code, message = refusal(ledger.api, "POST", RUNS, body)

    assert code == 51000020
    assert message.startswith(
        "'transactionTypes.0.type' value should be one of: Invoice Item, Taxation Item, "
    )
    assert message.endswith(", External Refund Application Item")


def test_a_run_may_be_of_some_days_of_a_period(ledger: Ledger) -> None:
    dates = {"targetStartDate": "2013-01-10", "targetEndDate": "2013-01-20"}
    body = {"transactionTypes": INVOICES, **dates, "journalEntryDate": "2013-02-01"}
    number = ledger.api.made(RUNS, body)["journalRunNumber"]

    found = ledger.api.found(f"{RUNS}/{number}")

    assert (found["targetStartDate"], found["targetEndDate"]) == ("2013-01-10", "2013-01-20")
    assert (found["accountingPeriodName"], found["journalEntryDate"]) == ("Jan'2013", "2013-02-01")


def test_bounds_may_be_given_beside_the_period(ledger: Ledger) -> None:
    t1(ledger)

    run = ledger.run(targetStartDate="2013-01-01", targetEndDate="2013-01-31")

    assert len(ledger.lines(run)) == 1


def test_an_unknown_run_is_not_found(ledger: Ledger) -> None:
    for method, path in (
        ("GET", f"{RUNS}/JR-00000041"),
        ("PUT", f"{RUNS}/JR-00000041/cancel"),
        ("DELETE", f"{RUNS}/JR-00000041"),
        ("GET", f"{ENTRIES}/journal-runs/JR-00000041"),
    ):
        expected = (50000040, "Cannot find entity by key: 'JR-00000041'.")
        assert refusal(ledger.api, method, path) == expected


def test_open_periods_are_journalled_too_and_later_changes_by_the_next_run(ledger: Ledger) -> None:
    number = t1(ledger)
    first = ledger.run()
    ledger.spread(number, {"Jan'2013": "70", "Feb'2013": "230"})

    second = ledger.run()

    assert ledger.lines(first) == [DR_CR.format("100.00")]
    assert ledger.lines(second) == [
        "USD Dr Subscription Revenue 30.00, Cr Deferred Revenue 30.00",
    ]
    assert ledger.lines(ledger.run("Feb'2013")) == [DR_CR.format("230.00")]


def test_negative_amounts_swap_sides_and_are_not_netted(ledger: Ledger) -> None:
    ledger.schedule("300", {"Jan'2013": "300"})
    ledger.schedule("-55.93", {"Jan'2013": "-55.93"})

    assert ledger.lines(ledger.run()) == [
        DR_CR.format("300.00"),
        "USD Dr Subscription Revenue 55.93, Cr Deferred Revenue 55.93",
    ]


def test_entries_are_grouped_by_currency_and_codes(ledger: Ledger) -> None:
    ledger.code("Support Revenue", "OtherRevenue")
    support = {
        "recognizedRevenueAccountingCode": "Support Revenue",
        "recognizedRevenueAccountingCodeType": "OtherRevenue",
    }
    for amount in ("10", "20.50"):
        ledger.schedule(amount, {"Jan'2013": amount})
    ledger.schedule("5", {"Jan'2013": "5"}, **support)
    ledger.schedule("7000", {"Jan'2013": "7000"}, "JPY")
    ledger.schedule("1.005", {"Jan'2013": "1.005"}, "KWD")
    ledger.schedule("9", {"Feb'2013": "9"})

    run = ledger.run()

    assert ledger.lines(run) == [
        "JPY Dr Deferred Revenue 7000, Cr Subscription Revenue 7000",
        "KWD Dr Deferred Revenue 1.005, Cr Subscription Revenue 1.005",
        DR_CR.format("30.50"),
        "USD Dr Deferred Revenue 5.00, Cr Support Revenue 5.00",
    ]
    assert ledger.api.found(f"{RUNS}/{run}")["totalJournalEntryCount"] == 4


def test_a_blank_code_keeps_its_type(ledger: Ledger) -> None:
    blank = {"deferredRevenueAccountingCode": "", "recognizedRevenueAccountingCode": ""}
    ledger.schedule("12", {"Jan'2013": "12"}, **blank)

    (entry,) = ledger.entries(ledger.run())

    assert [
        (i["accountingCodeName"], i["accountingCodeType"], i["type"], i["amount"])
        for i in entry["journalEntryItems"]
    ] == [
        (None, "DeferredRevenue", "Debit", "12.00"),
        (None, "SalesRevenue", "Credit", "12.00"),
    ]


def test_what_lies_in_open_ended_is_in_no_run(ledger: Ledger) -> None:
    ledger.schedule("300", {"Jan'2013": "100", "Open-Ended": "200"})

    assert ledger.lines(ledger.run()) == [DR_CR.format("100.00")]
    assert ledger.lines(ledger.run("Feb'2013")) == []


def test_a_cancelled_run_lets_go_of_its_transactions(ledger: Ledger) -> None:
    t1(ledger)
    run = ledger.run()

    assert ledger.api.put(f"{RUNS}/{run}/cancel").json() == {"success": True}

    assert ledger.api.found(f"{RUNS}/{run}")["status"] == "Cancelled"
    assert [entry["status"] for entry in ledger.entries(run)] == ["Cancelled"]
    assert ledger.lines(ledger.run()) == [DR_CR.format("100.00")]
    assert refusal(ledger.api, "PUT", f"{RUNS}/{run}/cancel") == (
        50000030,
        "A journal run cannot be cancelled when its status is Cancelled.",
    )


def test_transferred_entries_stay_when_their_run_is_cancelled(ledger: Ledger) -> None:
    t1(ledger)
    ledger.schedule("7000", {"Jan'2013": "7000"}, "JPY")
    ledger.schedule("1", {"Jan'2013": "1"}, "EUR")
    run = ledger.run()
    euro, yen, dollar = (entry["number"] for entry in ledger.entries(run))
    ledger.annotate(euro, transferredToAccounting="Yes")
    ledger.annotate(yen, transferredToAccounting="Processing")

    assert ledger.api.put(f"{RUNS}/{run}/cancel").json() == {"success": True}

    assert ledger.api.found(f"{RUNS}/{run}")["status"] == "Completed"
    assert {entry["number"]: entry["status"] for entry in ledger.entries(run)} == {
        euro: "Created",
        yen: "Created",
        dollar: "Cancelled",
    }
    assert ledger.lines(ledger.run()) == [DR_CR.format("100.00")]
    for number in (euro, yen):
        ledger.annotate(number, transferredToAccounting="Error")
    ledger.api.put(f"{RUNS}/{run}/cancel")
    assert ledger.api.found(f"{RUNS}/{run}")["status"] == "Cancelled"


def test_a_cancelled_run_can_be_deleted_and_no_other(ledger: Ledger) -> None:
    t1(ledger)
    run = ledger.run()
    (entry,) = ledger.entries(run)
    assert refusal(ledger.api, "DELETE", f"{RUNS}/{run}") == (
        50000030,
        "A journal run must be cancelled before it can be deleted.",
    )
    ledger.api.put(f"{RUNS}/{run}/cancel")

    assert ledger.api.delete(f"{RUNS}/{run}").json() == {"success": True}

    gone = (50000040, f"Cannot find entity by key: '{run}'.")
    assert refusal(ledger.api, "GET", f"{RUNS}/{run}") == gone
    assert refusal(ledger.api, "GET", f"{ENTRIES}/journal-runs/{run}") == gone
    gone = (50000040, f"Cannot find entity by key: '{entry['number']}'.")
    assert refusal(ledger.api, "GET", f"{ENTRIES}/{entry['number']}") == gone
    assert ledger.run() == "JR-00000002"


def test_entries_of_a_run_come_in_pages_of_eight(ledger: Ledger) -> None:
    for number in range(1, 11):
        ledger.code(f"Revenue {number:02}", "SalesRevenue")
        code = {"recognizedRevenueAccountingCode": f"Revenue {number:02}"}
        ledger.schedule("1", {"Jan'2013": "1"}, **code)
    run = ledger.run()

    page = ledger.api.found(f"{ENTRIES}/journal-runs/{run}")

    assert len(page["journalEntries"]) == 8
    assert page["nextPage"].endswith(f"{ENTRIES}/journal-runs/{run}?page=2&pageSize=8")
    rest = ledger.api.found(f"{ENTRIES}/journal-runs/{run}?page=2&pageSize=8")
    assert [entry["number"] for entry in rest["journalEntries"]] == ["JE-00000009", "JE-00000010"]
    assert "nextPage" not in rest


def test_a_deleted_schedule_is_in_no_run(ledger: Ledger) -> None:
    number = t1(ledger)
    ledger.api.delete(f"/v1/revenue-schedules/{number}")

    assert ledger.lines(ledger.run()) == []


def test_the_same_books_are_journalled_the_same_way(ledger: Ledger) -> None:
    for amount, code in (("3", "Zebra"), ("4", "Ant"), ("5", "Ölfeld")):
        ledger.code(code, "SalesRevenue")
        ledger.schedule(amount, {"Jan'2013": amount}, recognizedRevenueAccountingCode=code)

    credited = [line.rpartition("Cr ")[2] for line in ledger.lines(ledger.run())]

    assert credited == ["Ant 4.00", "Zebra 3.00", "Ölfeld 5.00"]
