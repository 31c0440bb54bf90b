"""Regenerate the daily rows and revenue events of every prepayment charge of an entity (U 4.4).

The ledger is not replayed row by row: it comes added up by fund, day and charge. That is enough for
funds that were only funded and drawn, and drawn again; the ledger of any other is replayed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple, Protocol

from earned.domain.accrual import DayKey
from earned.domain.errors import Denied
from earned.domain.prepaid import Fund
from earned.services.batches import batches
from earned.services.leave_trace import leave_trace
from earned.services.open_series import fund_accrual
from earned.services.ports import Books
from earned.services.regenerate_consumption import (
    FEATURE_OFF,
    Rebuilt,
    RebuiltFund,
    Regenerated,
    replay,
    restore_rows,
    sum_of,
)


class LedgerSum(NamedTuple):
    """What the ledger of a fund says of a usage charge on a day, and when it did first and last."""

    fund_id: str
    day: date
    charge_number: str
    charge_segment: int
    charge_id: str
    units: Decimal
    first_at: datetime
    last_at: datetime
    last_sequence: int

    @property
    def key(self) -> DayKey:
        """The daily row it counts in."""
        return DayKey(self.day, self.charge_number, self.charge_segment, self.charge_id)


class FundLedger(NamedTuple):
    """How far a fund's ledger was added up; `is_plain` if it was only funded and drawn."""

    fund_id: str
    transaction_count: int
    is_plain: bool


class Ledger(Protocol):
    """The ledger of an entity, added up as it was at one moment."""

    def funds(self) -> Sequence[FundLedger]:
        """Return all funds that have one."""

    def sums(self, fund_ids: Sequence[str]) -> Iterable[LedgerSum]:
        """Return what was drawn from funds, fund after fund."""


@dataclass(frozen=True, slots=True)
class RegeneratedAll:
    """What regenerating found to do, in how many charges and funds."""

    charges: int = 0
    funds: int = 0
    done: Regenerated = field(default_factory=Regenerated)


def add_up(left: RegeneratedAll, right: RegeneratedAll) -> RegeneratedAll:
    """Return both together."""
    done = sum_of(left.done, right.done)
    return RegeneratedAll(left.charges + right.charges, left.funds + right.funds, done)


def rebuild_all(books: Books, ledger: Ledger, together: int) -> Iterator[Sequence[Rebuilt]]:
    """Yield the rebuilt funds of every prepayment charge, so many charges together.

    Raises `Denied` where the feature is off.
    """
    if not books.settings.prepaid_with_drawdown:
        raise Denied(FEATURE_OFF)
    known = {one.fund_id: one for one in ledger.funds()}
    funds = books.funds.list(order_by=("source_id", "id"))
    charges = [(key, list(mine)) for key, mine in groupby(funds, key=lambda fund: fund.source_id)]
    for start in range(0, len(charges), together):
        some = charges[start : start + together]
        ids = [fund.id for _, mine in some for fund in mine]
        sums = {key: list(rows) for key, rows in groupby(ledger.sums(ids), key=lambda s: s.fund_id)}
        yield [
            Rebuilt(
                charge_id,
                [_rebuilt(books, fund, known, sums) for fund in mine],
                for_revenue_recollect=False,
            )
            for charge_id, mine in some
        ]


def _rebuilt(
    books: Books,
    fund: Fund,
    known: Mapping[str, FundLedger],
    sums: Mapping[str, Sequence[LedgerSum]],
) -> RebuiltFund:
    """Return a fund's rows, as replaying its ledger would."""
    rebuilt = RebuiltFund(fund, fund_accrual(books, fund), 0)
    ledger = known.get(fund.id)
    if ledger is None or not ledger.is_plain:
        replay(books, rebuilt)
        return rebuilt
    rows = sorted(sums.get(fund.id, ()), key=lambda row: row.key)
    for row in rows:
        rebuilt.accrual.move(row.key, row.units, row.first_at)
    rebuilt.accrual.settle(fund.created_at)
    last = rows[0] if rows else None
    for row in rows:
        # A row is stamped with the last movement of itself and of all rows that it rests on.
        last = max(last or row, row, key=lambda one: one.last_sequence)
        rebuilt.accrual.rows[row.key].updated_at = last.last_at
    rebuilt.transaction_count = ledger.transaction_count
    return rebuilt


def restore_all(books: Books, rebuilt: Sequence[Rebuilt]) -> RegeneratedAll:
    """Make stored rows those of the ledger; what is right is left alone, what is mended is told."""
    total = Regenerated()
    # Of all charges together: balances are locked in one order by everybody.
    ids = {fund.fund.prepaid_balance_id for one in rebuilt for fund in one.funds}
    for some in batches(sorted(ids)):
        books.lock_balances(some)
    for one in rebuilt:
        done = restore_rows(books, one)
        if done != Regenerated():
            leave_trace(books, "regenerated", "RatePlanCharge", one.charge_id, asdict(done))
        total = sum_of(total, done)
    return RegeneratedAll(len(rebuilt), sum(len(one.funds) for one in rebuilt), total)
