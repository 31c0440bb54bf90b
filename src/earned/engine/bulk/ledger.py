"""The ledger added up by fund, day and charge: implements `services.regenerate_all.Ledger`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

from earned.engine.bulk.whole import UNIT_PLACES, unscaled
from earned.engine.duck import Scratch, load_scanner, open_scratch, quoted
from earned.services.regenerate_all import FundLedger, LedgerSum

WriteLedger = Callable[[Path], None]
"""Writes the ledger to a new file."""

# In billionths of billionths; by way of DECIMAL it would take forty times as long.
_WHOLE = """CREATE MACRO whole_units(x) AS CAST(CASE WHEN contains(x, '.')
    THEN replace(x, '.', '') || repeat('0', 18 - strlen(x) + instr(x, '.'))
    ELSE x || '000000000000000000' END AS HUGEINT)"""
_CSV = """read_csv({file}, header = false, auto_detect = false, columns = {{
    'fund_id': 'VARCHAR', 'sequence': 'BIGINT', 'day': 'VARCHAR', 'number': 'VARCHAR',
    'segment': 'BIGINT', 'charge_id': 'VARCHAR', 'amount': 'VARCHAR', 'moment': 'VARCHAR',
    'kind': 'VARCHAR'}})"""
_FUNDS = """CREATE TABLE fund_ledger AS
    SELECT fund_id, max(sequence) AS transactions, bool_and(kind <> 'other') AS is_plain
    FROM {source} GROUP BY fund_id"""
# The first and the last of a row's movements, in the order they were recorded.
_SUMS = """CREATE TABLE ledger_sum AS
    SELECT fund_id, day::DATE AS day, number, segment, charge_id,
        -sum(whole_units(amount)) AS units,
        arg_min(moment, sequence) AS first_at, arg_max(moment, sequence) AS last_at,
        max(sequence) AS last_sequence
    FROM {source} WHERE kind = 'drawn' GROUP BY fund_id, day, number, segment, charge_id"""
_OF_FUNDS = """SELECT fund_id, day, number, segment, charge_id, units, first_at::TIMESTAMP,
        last_at::TIMESTAMP, last_sequence
    FROM ledger_sum SEMI JOIN wanted_fund USING (fund_id) ORDER BY fund_id"""


class DuckLedger:
    """The ledger as one file had it."""

    def __init__(self, scratch: Scratch) -> None:
        """Read what was added up in a scratch database."""
        self._scratch = scratch

    def funds(self) -> Sequence[FundLedger]:
        """Return all funds that have one."""
        return [FundLedger(*row) for row in self._scratch.rows("FROM fund_ledger")]

    def sums(self, fund_ids: Sequence[str]) -> Iterable[LedgerSum]:
        """Return what was drawn from funds, fund after fund."""
        self._scratch.fill("wanted_fund", {"fund_id": "VARCHAR"}, ((one,) for one in fund_ids))
        for row in map(LedgerSum._make, self._scratch.rows(_OF_FUNDS)):
            yield row._replace(
                units=unscaled(int(row.units), UNIT_PLACES),
                first_at=row.first_at.replace(tzinfo=UTC),
                last_at=row.last_at.replace(tzinfo=UTC),
            )


@contextmanager
def summed_ledger(write: WriteLedger, *, is_embedded: bool) -> Iterator[DuckLedger]:
    """Lend what `write` wrote added up: from an SQLite file where the books are one, or CSV."""
    with open_scratch() as scratch:
        file = scratch.directory / "ledger"
        write(file)
        scratch.run(_WHOLE)
        source = _attached(scratch, file) if is_embedded else _CSV.format(file=quoted(str(file)))
        for statement in (_FUNDS, _SUMS):
            scratch.run(statement.format(source=source))
        if is_embedded:
            scratch.run("DETACH books")
        file.unlink()
        yield DuckLedger(scratch)


def _attached(scratch: Scratch, file: Path) -> str:
    load_scanner(scratch)
    scratch.run(f"ATTACH {quoted(str(file))} AS books (TYPE sqlite, READ_ONLY)")
    return "books.ledger"
