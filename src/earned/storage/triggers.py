"""What the database itself refuses, where no constraint can say it.

No line inside a statement ends in a semicolon: migrations are split there.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

OUT_OF_BALANCE = "journal entry is out of balance"

_SIDE = """(SELECT coalesce(sum(amount_minor), 0) FROM journal_entry_item
    WHERE entry_id = NEW.entry_id AND side = '{}')"""
_UNBALANCED = f"""SELECT 1 FROM journal_entry WHERE id = NEW.entry_id
    AND (total_minor <> {_SIDE.format("Debit")}
    OR total_minor <> {_SIDE.format("Credit")})"""  # noqa: S608 - Words of ours.

_SQLITE = f"""CREATE TRIGGER journal_seal_balanced BEFORE INSERT ON journal_seal
WHEN EXISTS ({_UNBALANCED})
BEGIN SELECT RAISE(ABORT, '{OUT_OF_BALANCE}'); END"""

_FUNCTION = f"""CREATE FUNCTION check_journal_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF EXISTS ({_UNBALANCED})
THEN RAISE EXCEPTION '{OUT_OF_BALANCE}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END
$$"""
_POSTGRESQL = """CREATE TRIGGER journal_seal_balanced BEFORE INSERT ON journal_seal
FOR EACH ROW EXECUTE FUNCTION check_journal_balance()"""

# No entry counts in the books without a seal, and none is sealed whose sides are not equal.
TRIGGERS: Mapping[str, Sequence[str]] = MappingProxyType(
    {"sqlite": (_SQLITE,), "postgresql": (_FUNCTION, _POSTGRESQL)}
)
