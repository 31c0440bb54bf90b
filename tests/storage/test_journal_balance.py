"""The database itself lets no journal entry count that is out of balance, whoever writes."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from earned.storage.triggers import OUT_OF_BALANCE
from tests.api import Api, serving
from tests.http.journal import ENTRIES, RUNS, Ledger

SEAL_AGAIN = """
INSERT INTO journal_seal
SELECT entity_id, sequence + 7, entry_id, 'Deleted', at, actor, previous_hash, hash
FROM journal_seal WHERE act = 'Created'
"""
POST_AGAIN = """
INSERT INTO posted_source
SELECT (SELECT id FROM journal_entry WHERE number = 'JE-00000002'), source_type, source_id,
    period_id, entity_id, released_at
FROM posted_source
"""


@pytest.fixture
def ledger(migrated_database_url: str) -> Iterator[Ledger]:
    """Have two entries in force: one of a run, one by hand."""
    with serving(migrated_database_url) as api:
        ledger = Ledger(api)
        ledger.schedule("100", {"Jan'2013": "100"})
        ledger.run()
        ledger.enter()
        yield ledger


def execute(api: Api, *statements: str) -> None:
    with api.application.database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE journal_entry_item SET amount_minor = 1 WHERE side = 'Credit'",
        "UPDATE journal_entry_item SET side = 'Debit'",
        "UPDATE journal_entry SET total_minor = 1",
        "DELETE FROM journal_entry_item",
    ],
)
def test_no_entry_is_sealed_out_of_balance(ledger: Ledger, damage: str) -> None:
    with pytest.raises(DBAPIError, match=OUT_OF_BALANCE):
        execute(ledger.api, damage, SEAL_AGAIN)
    execute(ledger.api, SEAL_AGAIN)


def test_no_transaction_is_in_two_entries_in_force(ledger: Ledger) -> None:
    with pytest.raises(DBAPIError, match=r"uq_posted_source_in_force|UNIQUE constraint failed"):
        execute(ledger.api, POST_AGAIN)
    assert ledger.api.put(f"{RUNS}/JR-00000001/cancel").json() == {"success": True}
    execute(ledger.api, POST_AGAIN)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry_item SET amount_minor = -1",
        "UPDATE journal_entry_item SET side = 'Both'",
        "UPDATE journal_entry SET status = 'Gone'",
        "UPDATE journal_entry SET transferred = 'Yes'",
        "UPDATE journal_entry SET status = 'Draft', transferred = 'Ignore'",
        "UPDATE journal_entry SET deleted = NOT deleted",
        "UPDATE journal_run SET status = 'Canceled'",
        "UPDATE journal_run SET target_end = '2012-12-31'",
        "UPDATE journal_seal SET sequence = 1",
        "DELETE FROM journal_entry",
        "INSERT INTO journal_seal SELECT * FROM journal_seal",
    ],
)
def test_a_wrong_row_is_refused(ledger: Ledger, statement: str) -> None:
    with pytest.raises(DBAPIError):
        execute(ledger.api, statement)


def test_a_line_of_a_trial_balance_adds_up(ledger: Ledger) -> None:
    ledger.close("Jan'2013")

    with pytest.raises(DBAPIError):
        execute(ledger.api, "UPDATE trial_balance_row SET closing_minor = closing_minor + 1")
    assert ledger.api.found(f"{ENTRIES}/JE-00000001")["status"] == "Created"
