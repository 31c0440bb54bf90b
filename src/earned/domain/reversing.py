"""Which draws an order reverses, and how much of each (U 2.10, 2.11)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from earned.domain.exact import ZERO, add, subtract
from earned.domain.prepaid import BalanceTransaction

Drawn = Mapping[str, Mapping[str, Decimal]]
"""Units by guided usage and fund, by their ids."""

_Day = tuple[str, str | None, int | None, date]


def net_draws(moves: Iterable[BalanceTransaction]) -> Drawn:
    """Return what guided usages have drawn; negative where they gave back more."""
    drawn: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for move in moves:
        mine = drawn[move.source_id]
        mine[move.fund_id] = subtract(mine.get(move.fund_id, ZERO), move.amount)
    kept = {source: {f: u for f, u in mine.items() if u} for source, mine in drawn.items()}
    return {source: mine for source, mine in kept.items() if mine}


def latest_draws(
    moves: Sequence[BalanceTransaction], among: Collection[str] | None = None
) -> Drawn:
    """Return what can be reversed of draws, the last recorded first, all or `among` some usages.

    What negative records have given back already is there no more: a day of a fund gives back what
    is left of it, and no more.
    """
    left: dict[_Day, Decimal] = defaultdict(lambda: ZERO)
    day_of: dict[tuple[str, str], _Day] = {}
    for move in moves:
        day = day_of[move.source_id, move.fund_id] = _day_of(move)
        left[day] = subtract(left[day], move.amount)
    drawn, found = net_draws(moves), dict[str, dict[str, Decimal]]()
    for source in sorted(drawn if among is None else drawn.keys() & set(among), reverse=True):
        for fund_id, units in drawn[source].items():
            day = day_of[source, fund_id]
            back = min(units, left[day])
            if back > 0:
                found.setdefault(source, {})[fund_id] = back
                left[day] = subtract(left[day], back)
    return found


def make_room(moves: Sequence[BalanceTransaction], units: Decimal) -> Sequence[str]:
    """Return the guided usages to reverse, the last recorded first, that so many units are back."""
    chosen: list[str] = []
    back = ZERO
    for source, mine in latest_draws(moves).items():
        if back >= units:
            break
        chosen.append(source)
        for one in mine.values():
            back = add(back, one)
    return chosen


def _day_of(move: BalanceTransaction) -> _Day:
    """Return which daily row of which fund a move is in."""
    segment, day = move.drawdown_charge_segment, move.transaction_date
    return move.fund_id, move.drawdown_charge_id, segment, day
