"""`earned audit` finds a row of the journal that was changed, removed or inserted by hand."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

import earned
from earned.cli.exits import Exit
from tests.api import Api
from tests.cli.conftest import Earned, answered
from tests.damages import breaks_of, damages_of, missed
from tests.http.journal import ENTRIES, RUNS, Ledger

SCRIPT = "journal_damages.sql"
STATUS = "journal entry is as its seals say"
LAST = "journal entries are as many as their numbers"
BALANCE = "journal entry is in balance"

# Where a check names itself in the source.
NAMED = re.compile(r'check = "([^"]+)"|^_[A-Z_]+ = "([^"]+)"', re.MULTILINE)

# One more entry, like the third, that nobody sealed.
SLIPPED_IN = """
INSERT INTO journal_entry (id, number, entity_id, period_id, currency, journal_entry_date, status,
    total_minor, source_count, segments, transferred, deleted, custom_fields,
    created_by, created_at, updated_by, updated_at)
SELECT 'ffffffffffffffffffffffffffffffff', 'JE-00000005', entity_id, period_id, currency,
    journal_entry_date, status, total_minor, source_count, segments, transferred, deleted,
    custom_fields, created_by, created_at, updated_by, updated_at
FROM journal_entry WHERE number = 'JE-00000003'
"""


@pytest.fixture
def ledger(api: Api) -> Ledger:
    """Journal January: two schedules by a run, two entries by hand, one of them cancelled."""
    ledger = Ledger(api)
    ledger.schedule("300", {"Jan'2013": "100", "Feb'2013": "200"})
    ledger.schedule("7000", {"Jan'2013": "7000"}, "JPY")
    ledger.run()
    for _ in range(2):
        ledger.enter()
    api.put(f"{ENTRIES}/JE-00000004/cancel")
    ledger.close("Jan'2013")
    return ledger


def test_a_sound_journal_is_clean(earned_here: Earned, ledger: Ledger) -> None:
    answer = answered(earned_here("audit", "--json"))

    assert answer["breaks"] == []
    names = ("journal entries", "journal runs", "trial balances")
    assert [answer["counted"][name] for name in names] == [4, 1, 1]


def test_every_damage_is_found(ledger: Ledger) -> None:
    assert missed(ledger.api, SCRIPT) == []


def test_every_check_has_a_damage() -> None:
    source = Path(earned.__file__).parent / "domain"
    texts = [(source / name).read_text() for name in ("audit_journal.py", "seals.py")]
    named = {one or other for text in texts for one, other in NAMED.findall(text)}

    assert named == {check for check, _ in damages_of(SCRIPT)}


def test_an_entry_that_was_slipped_in_is_found(ledger: Ledger) -> None:
    assert {STATUS, LAST, BALANCE} <= breaks_of(ledger.api, SLIPPED_IN)


def test_cancelled_and_deleted_runs_stay_in_the_chain(earned_here: Earned, ledger: Ledger) -> None:
    for method, path in (
        ("PUT", f"{RUNS}/JR-00000001/cancel"),
        ("DELETE", f"{RUNS}/JR-00000001"),
        ("DELETE", f"{ENTRIES}/JE-00000004"),
    ):
        assert ledger.api.request(method, path).json() == {"success": True}
    ledger.run()

    assert answered(earned_here("audit", "--json"))["breaks"] == []
    brought_back = "UPDATE journal_entry SET deleted = NOT deleted WHERE number = 'JE-00000001'"
    assert breaks_of(ledger.api, brought_back) == {STATUS}


def test_what_is_broken_is_told_with_its_entry(earned_here: Earned, ledger: Ledger) -> None:
    damage = "UPDATE journal_entry_item SET amount_minor = 10001 WHERE side = 'Debit'"
    with ledger.api.application.database.engine.begin() as connection:
        connection.execute(text(damage))

    result = earned_here("audit")

    assert result.exit_code == Exit.BROKEN
    assert f"{BALANCE}\n  should be 10000 minor\n" in result.stdout
    assert "is        10001 minor of debits" in result.stdout
