"""Reverse what usage drew from funds: the units go back, and the usage waits again (U 2.11)."""

from collections.abc import Mapping, Sequence
from datetime import date

from earned.domain.audit_ledger import total
from earned.domain.prepaid import CONSUMING
from earned.domain.reversing import Drawn, latest_draws, net_draws
from earned.domain.subscription import RatePlanCharge, by_segment
from earned.domain.usage import GuidedUsage
from earned.services.batches import batches
from earned.services.draw_down import Drawdown
from earned.services.ports import Books
from earned.services.reach import balance_ids
from earned.services.redraw import drawn_of, restate


def reverse_draws(
    books: Books, since: Mapping[str, date], among: Sequence[str] | None = None
) -> Sequence[str]:
    """Reverse what was drawn from funds (by id) on a day or later; return the guided usages.

    What negative records gave back to the funds is reversed with it, so that a day's overage is
    what its records add up to. Where only those `among` some guided usages are meant, the others
    keep what they have drawn and given back, and no more is reversed than their days have left.
    Usage that is drawn no more is pending, and rated as overage.
    """
    moves = [
        move
        for move in books.transactions.list(fund_id=list(since))
        if move.transaction_type in CONSUMING and move.transaction_date >= since[move.fund_id]
    ]
    taken = net_draws(moves) if among is None else latest_draws(moves, among)
    usage_ids = sorted(
        {move.usage_id for move in moves if move.usage_id and move.source_id in taken}
    )
    records = [
        row
        for ids in batches(usage_ids)
        for row in books.usage.list(id=set(ids), order_by=("id",), lock=True)
    ]
    guided = [
        row
        for ids in batches(usage_ids)
        for row in books.guided_usage.list(usage_id=ids)
        if row.id in taken
    ]
    _reverse(books, guided, taken)
    restate(books, [record for record in records if not record.deleted])
    return [row.id for row in guided if not row.deleted]


def balances_near(books: Books, guided_ids: Sequence[str]) -> set[str]:
    """Return the prepaid balances that the charges of guided usages draw from."""
    guided = [row for ids in batches(guided_ids) for row in books.guided_usage.list(id=ids)]
    charges = _segments(books, guided).values()
    return {identity for charge in charges for identity in balance_ids(books, charge)}


def _reverse(books: Books, guided: Sequence[GuidedUsage], taken: Drawn) -> None:
    """Move the units; what was drawn before what was given back, so that none is lacking."""
    segments = _segments(books, guided)
    drawdown = Drawdown(books, [(segments[row.segment_key], row.usage_date) for row in guided])
    for rows in batches(
        sorted(guided, key=lambda row: (total(taken[row.id].values()) < 0, row.id))
    ):
        drawn = drawn_of(books, rows)
        for row in rows:
            drawdown.reverse(
                row, segments[row.segment_key], taken[row.id], total(drawn[row.id].values())
            )
    drawdown.flush()


def _segments(
    books: Books, guided: Sequence[GuidedUsage]
) -> Mapping[tuple[str, int], RatePlanCharge]:
    ids = list({row.charge_id for row in guided})
    charges = books.charges.list(original_id=ids, is_latest=True) if ids else ()
    return by_segment(charges)
