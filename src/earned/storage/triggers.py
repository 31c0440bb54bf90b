"""What the database itself refuses, where no constraint can say it.

A statement of a trigger stands on one line: migrations are split where a line ends in a semicolon.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

OUT_OF_BALANCE = "journal entry is out of balance"

_SIDE = (
    "(SELECT coalesce(sum(amount_minor), 0) FROM journal_entry_item"
    " WHERE entry_id = NEW.entry_id AND side = '{}')"
)
_UNBALANCED = (
    "SELECT 1 FROM journal_entry WHERE id = NEW.entry_id AND"
    f" (total_minor <> {_SIDE.format('Debit')} OR total_minor <> {_SIDE.format('Credit')})"
)

# No entry is sealed, and none counts in the books without a seal, whose sides are not equal.
TRIGGERS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "sqlite": (
            "CREATE TRIGGER journal_seal_balanced BEFORE INSERT ON journal_seal"
            f"\nWHEN EXISTS ({_UNBALANCED})"
            f"\nBEGIN SELECT RAISE(ABORT, '{OUT_OF_BALANCE}'); END",
        ),
        "postgresql": (
            "CREATE FUNCTION check_journal_balance() RETURNS trigger LANGUAGE plpgsql AS $$"
            f"\nBEGIN IF EXISTS ({_UNBALANCED})"
            f"\nTHEN RAISE EXCEPTION '{OUT_OF_BALANCE}' USING ERRCODE = 'check_violation'; END IF;"
            " RETURN NEW; END $$",
            "CREATE TRIGGER journal_seal_balanced BEFORE INSERT ON journal_seal"
            "\nFOR EACH ROW EXECUTE FUNCTION check_journal_balance()",
        ),
    }
)
