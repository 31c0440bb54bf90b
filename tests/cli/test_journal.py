"""`earned journal` runs the journal, shows runs and entries, and cancels them."""

import pytest

from earned.cli.exits import Exit
from earned.domain.posting import TransactionType
from tests.api import Api
from tests.cli.conftest import Earned, answered, complaint, done
from tests.http.journal import ENTRIES, RUNS, Ledger

JANUARY = ("--period", "Jan'2013")


@pytest.fixture
def ledger(api: Api) -> Ledger:
    ledger = Ledger(api)
    ledger.schedule("100", {"Jan'2013": "100"})
    return ledger


def lines(printed: str) -> list[list[str]]:
    """Return the lines of a table below its headings, word by word."""
    told = [line.split() for line in printed.splitlines()]
    return [words for words in told if words and words[0].startswith(("JE-", "JR-"))]


def test_a_run_makes_entries_and_the_next_none(ledger: Ledger, earned_here: Earned) -> None:
    printed = done(earned_here("journal", "run", *JANUARY))

    revenue = ["Created", "Revenue", "Event", "Item"]
    assert lines(printed) == [
        ["JR-00000001:", "1", "journal", "entry."],
        ["JE-00000001", *revenue, "Deferred", "Revenue", "USD", "100.00"],
        ["JE-00000001", *revenue, "Subscription", "Revenue", "USD", "100.00"],
    ]
    assert done(earned_here("journal", "run", *JANUARY)) == "JR-00000002: 0 journal entries.\n"
    assert ledger.lines("JR-00000001") == [
        "USD Dr Deferred Revenue 100.00, Cr Subscription Revenue 100.00"
    ]


def test_a_run_is_answered_as_the_wire_has_it(ledger: Ledger, earned_here: Earned) -> None:
    words = ("--type", "revenue event item", "--date", "2013-02-03", "--json")

    told = answered(earned_here("journal", "run", *JANUARY, *words))

    on_the_wire = ledger.api.found(f"{RUNS}/JR-00000001")
    assert {**told["journalRun"], "success": True} == on_the_wire
    assert on_the_wire["journalEntryDate"] == "2013-02-03"
    assert on_the_wire["transactionTypes"] == [{"type": "Revenue Event Item"}]
    assert told["journalEntries"] == ledger.entries("JR-00000001")


def test_days_are_of_all_types_that_have_a_day(ledger: Ledger, earned_here: Earned) -> None:
    days = ("--from", "2013-01-01", "--to", "2013-01-15")

    run = answered(earned_here("journal", "run", *days, "--json"))["journalRun"]

    assert (run["targetStartDate"], run["targetEndDate"]) == ("2013-01-01", "2013-01-15")
    assert len(run["transactionTypes"]) == len(TransactionType) - 1
    refused = earned_here("journal", "run", *days, "--type", "Revenue Event Item")
    assert complaint(refused, Exit.REFUSED) == (
        "Revenue Event Item can only be selected when Target Date(s) is an Accounting Period.\n"
    )
    assert ledger.entries("JR-00000001") == []


def test_runs_are_listed_the_newest_first(ledger: Ledger, earned_here: Earned) -> None:
    ledger.run()
    ledger.run("Feb'2013")

    executed = ("2026-01-15", "12:00:00")
    assert lines(done(earned_here("journal", "list"))) == [
        ["JR-00000002", "Completed", "Feb'2013", "2013-02-01", "2013-02-28", *executed, "0"],
        ["JR-00000001", "Completed", "Jan'2013", "2013-01-01", "2013-01-31", *executed, "1"],
    ]
    told = answered(earned_here("journal", "list", *JANUARY, "--json"))
    assert [run["number"] for run in told["journalRuns"]] == ["JR-00000001"]


def test_entries_are_those_of_a_run_or_of_a_period(ledger: Ledger, earned_here: Earned) -> None:
    ledger.run()
    ledger.enter()

    of_run = answered(earned_here("journal", "entries", "JR-00000001", "--json"))["journalEntries"]
    assert of_run == ledger.entries("JR-00000001")
    printed = lines(done(earned_here("journal", "entries", *JANUARY)))
    assert [line[0] for line in printed] == ["JE-00000001"] * 2 + ["JE-00000002"] * 2
    assert printed[2][1:] == ["Created", "by", "hand", "Deferred", "Revenue", "USD", "100.00"]


def test_runs_and_entries_are_cancelled(ledger: Ledger, earned_here: Earned) -> None:
    ledger.run()
    by_hand = ledger.enter()

    assert done(earned_here("journal", "cancel", "JR-00000001")) == "JR-00000001 is Cancelled.\n"
    assert answered(earned_here("journal", "cancel", by_hand, "--json")) == {
        "success": True,
        "number": by_hand,
        "status": "Cancelled",
    }
    assert ledger.api.found(f"{ENTRIES}/{by_hand}")["status"] == "Cancelled"
    again = complaint(earned_here("journal", "cancel", by_hand), Exit.REFUSED)
    assert again == "A journal entry cannot be cancelled when its status is Cancelled.\n"
    assert answered(earned_here("audit", "--json"))["breaks"] == []


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        (["run"], Exit.REFUSED, "'accountingPeriodName' may not be null\n"),
        (["run", "--period", "May"], Exit.REFUSED, "Cannot find accounting period 'May'.\n"),
        (
            ["run", *JANUARY, "--date", "3 May"],
            Exit.REFUSED,
            "'--date' value should be in yyyy-mm-dd format\n",
        ),
        (["list", "--period", "May"], Exit.REFUSED, "Cannot find accounting period 'May'.\n"),
        (["entries"], Exit.REFUSED, "Name either a journal run or a --period.\n"),
        (["entries", "JR-9"], Exit.NOT_FOUND, "Cannot find entity by key: 'JR-9'.\n"),
        (["cancel", "JE-9"], Exit.NOT_FOUND, "Cannot find entity by key: 'JE-9'.\n"),
    ],
)
def test_what_cannot_be_is_complained_of(
    ledger: Ledger, earned_here: Earned, words: list[str], exit_code: Exit, message: str
) -> None:
    assert ledger.periods
    assert complaint(earned_here("journal", *words), exit_code) == message
