"""`earned journal export` writes journal entries to a file, or prints them."""

from pathlib import Path

import pytest

from earned.cli.exits import Exit
from tests.api import Api
from tests.cli.conftest import Earned, complaint, done
from tests.http.journal import ENTRIES, RUNS, Ledger, by_hand, item


@pytest.fixture(autouse=True)
def _journal(api: Api) -> None:
    ledger = Ledger(api)
    ledger.schedule("100", {"Jan'2013": "100"})
    ledger.run()
    ledger.enter(notes="By hand")


def test_a_run_is_printed_as_the_wire_has_it(api: Api, earned_here: Earned) -> None:
    for form in ("csv", "iif", "netsuite"):
        printed = done(earned_here("journal", "export", "JR-00000001", "--format", form))

        on_the_wire = api.get(f"{RUNS}/JR-00000001/export?format={form}").text
        assert printed == on_the_wire.replace("\r\n", "\n")  # As click's runner reads it.
        assert "By hand" not in printed


def test_segments_are_in_a_file_for_people(api: Api, earned_here: Earned) -> None:
    segments = [{"segmentName": name, "segmentValue": "=1"} for name in ("Desk", "Country")]
    debit = item("Debit", "Deferred Revenue", 5, glString="01-10")
    credit = item("Credit", "Subscription Revenue", 5)
    api.made(ENTRIES, by_hand(debit, credit, segments=segments))

    printed = done(earned_here("journal", "export", "--period", "Jan'2013"))

    _, *lines = printed.splitlines()
    assert lines[-2].endswith(",5.00,,No,,01-10,Desk==1; Country==1")
    assert lines[-1].endswith(",,5.00,No,,,Desk==1; Country==1")


def test_a_period_has_the_entries_made_by_hand_too(earned_here: Earned, tmp_path: Path) -> None:
    path = tmp_path / "january.csv"

    result = earned_here("journal", "export", "--period", "Jan'2013", "--output", path)

    assert done(result) == ""
    assert result.stderr == f"Wrote {path}.\n"
    _, *lines = path.read_bytes().decode().split("\r\n")
    assert [line.split(",")[:2] for line in lines if line] == [
        ["JR-00000001", "JE-00000001"],
        ["JR-00000001", "JE-00000001"],
        ["", "JE-00000002"],
        ["", "JE-00000002"],
    ]


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        ([], Exit.REFUSED, "Name either a journal run or a --period.\n"),
        (["JR-1", "--period", "May"], Exit.REFUSED, "Name either a journal run or a --period.\n"),
        (["JR-1"], Exit.NOT_FOUND, "Cannot find entity by key: 'JR-1'.\n"),
        (["--period", "May"], Exit.REFUSED, "Cannot find accounting period 'May'.\n"),
    ],
)
def test_what_is_not_there_is_complained_of(
    earned_here: Earned, words: list[str], exit_code: Exit, message: str
) -> None:
    assert complaint(earned_here("journal", "export", *words), exit_code) == message
