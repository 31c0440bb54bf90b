"""Taking units out of funds, one fund after another, and giving them back (U 2.5, 2.15)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from earned.domain.exact import EXACT, ZERO
from earned.domain.prepaid import Fund

_ROLLOVER_GROUPS = {"ApplyFirst": 0, None: 1, "ApplyLast": 2}


class Drawable(Protocol):
    """A fund as it stands in the middle of a group of drawdowns."""

    fund: Fund
    balance: Decimal


class Draw(NamedTuple):
    """Units taken from a fund; negative units were given back."""

    source: Drawable
    units: Decimal


def burn_order(fund: Fund) -> tuple[int, int, date, datetime, str]:
    """Order funds: rolled ones that apply first, ordinary ones, those that apply last.

    Within a group the lower priority number goes first, then the earlier start, the earlier
    creation, the lower id.
    """
    group = _ROLLOVER_GROUPS[fund.rollover_apply if fund.rollover_count else None]
    return group, fund.priority, fund.start_date, fund.created_at, fund.id


def draw_down(
    sources: Iterable[Drawable], day: date, needed: Decimal
) -> tuple[list[Draw], Decimal]:
    """Take `needed` units from the funds valid on `day`, which come in burn order.

    Returns the draws and the shortfall that no fund covered. Balances are left to the caller. A
    fund that was depleted or credited has nothing to give: what comes back to it leaves it again.
    """
    draws = []
    for source in sources:
        if not needed:
            break
        fund = source.fund
        if source.balance > 0 and not fund.done and day in fund.validity:
            units = min(source.balance, needed)
            draws.append(Draw(source, units))
            needed = EXACT.subtract(needed, units)
    return draws, needed


def give_back(
    drawn: Iterable[tuple[Drawable, Decimal]], units: Decimal
) -> tuple[list[Draw], Decimal]:
    """Return `units` to the funds they were drawn from, last drawn first.

    `drawn` pairs each fund with what it gave, in burn order. Returns the (negative) draws and what
    no fund had given.
    """
    returned = []
    for source, given in reversed(list(drawn)):
        if not units:
            break
        back = min(given, units)
        if back > 0:
            returned.append(Draw(source, EXACT.subtract(ZERO, back)))
            units = EXACT.subtract(units, back)
    return returned, units
