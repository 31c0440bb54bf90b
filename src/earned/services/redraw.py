"""Draw pending usage again: from funds that cover it now and did not when it came (U 2.9, 2.11).

Units that come to a balance, by a top-up or because what was taken from a fund is back, are not
drawn by the usage that waits (it may be billed instead) until somebody has it drawn.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from earned.domain.audit_ledger import total
from earned.domain.exact import ZERO, subtract
from earned.domain.prepaid import Fund
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import PENDING, PROCESSED, GuidedUsage, UsageRecord
from earned.services.batches import batches
from earned.services.draw_down import Drawdown
from earned.services.ports import Books
from earned.services.reach import charges_drawing

Segments = Mapping[tuple[str, int], RatePlanCharge]


def redraw(
    books: Books,
    balance_ids: Collection[str],
    only: Collection[str] | None = None,
    most: Mapping[str, Decimal] = MappingProxyType({}),
) -> int:
    """Draw what waits to be drawn from prepaid balances; return how many guided usages drew.

    Everything that waits, or `only` some guided usages, by their ids, and at `most` so many units
    of each in all. In the order it was recorded, each on its own day, as it would be drawn if it
    came now: what a negative record has cancelled, and what is billed, is not drawn. Doing it again
    draws nothing.
    """
    books = books.entire
    balances = books.balances.list(id=set(balance_ids), order_by=("id",))
    segments = charges_drawing(books, balances)
    funds = books.funds.list(prepaid_balance_id=[row.id for row in balances])
    days = list({fund.validity for fund in funds if _has_units(fund)})
    found = books.pending_usage([key for key, _ in segments], days)
    # Records are locked before balances, by everybody.
    records = [row for ids in batches(sorted(found)) for row in _locked(books, ids)]
    pending = [
        row
        for ids in batches(found)
        for row in _pending(books, ids, segments)
        if only is None or row.id in only
    ]
    drawdown = Drawdown(books, [(segments[row.segment_key], row.usage_date) for row in pending])
    drew = [
        row
        for some in batches(sorted(pending, key=lambda row: row.id))
        for row in _draw(books, drawdown, some, segments, most)
    ]
    drawdown.flush()
    restate(books, [record for record in records if record.id in {row.usage_id for row in drew}])
    return len(drew)


def restate(books: Books, records: Sequence[UsageRecord]) -> None:
    """Give records the status that what they were guided to has: processed, if all of it is."""
    pending: set[str] = set()
    for some in batches([record.id for record in records]):
        guided = books.guided_usage.list(usage_id=some, deleted=False, status=PENDING)
        pending |= {row.usage_id for row in guided}
    wanted = {row.id: PENDING if row.id in pending else PROCESSED for row in records}
    books.usage.update_all(
        [
            {"id": record.id, "rbe_status": wanted[record.id], **books.restamp()}
            for record in records
            if record.rbe_status != wanted[record.id]
        ]
    )


def drawn_of(books: Books, rows: Sequence[GuidedUsage]) -> Mapping[str, Mapping[str, Decimal]]:
    """Return the units that guided usages have drawn, from each fund by its id."""
    wanted = {row.id for row in rows}
    drawn: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for move in books.transactions.list(usage_id=[row.usage_id for row in rows]):
        if move.source_id in wanted:
            mine = drawn[move.source_id]
            mine[move.fund_id] = subtract(mine.get(move.fund_id, ZERO), move.amount)
    return drawn


def _has_units(fund: Fund) -> bool:
    """Say whether usage of the fund's days finds units in it; what expired comes back for it."""
    return fund.balance > 0 or bool(fund.expired and not fund.done)


def _locked(books: Books, ids: Sequence[str]) -> Sequence[UsageRecord]:
    return books.usage.list(id=set(ids), order_by=("id",), lock=True)


def _pending(books: Books, ids: Sequence[str], segments: Segments) -> Sequence[GuidedUsage]:
    rows = books.guided_usage.list(usage_id=ids, status=PENDING, deleted=False)
    return [row for row in rows if row.remaining_quantity > 0 and row.segment_key in segments]


def _draw(
    books: Books,
    drawdown: Drawdown,
    rows: Sequence[GuidedUsage],
    segments: Segments,
    most: Mapping[str, Decimal],
) -> Sequence[GuidedUsage]:
    """Draw some guided usages; return those that drew."""
    drawn = drawn_of(books, rows)
    return [
        row
        for row in rows
        if drawdown.draw_rest(
            row, segments[row.segment_key], total(drawn.get(row.id, {}).values()), most.get(row.id)
        )
    ]
