"""Rows drawn down in sets: each row gets what it would get in its turn.

Funds are burned in one order, the same for every day of a balance. What a fund gives to a row
depends on what rows before it still needed after the funds before. So a fund is drawn by all rows
at a time: a row finds what is left when the needs of the rows before it are taken from what there
was. Funds that share no day are drawn in the same pass. Where rows give something back, they take
turns (`turns`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from earned.domain.exact import ZERO, subtract
from earned.domain.subscription import RatePlanCharge
from earned.engine.bulk import drawing_rows
from earned.engine.bulk.opening import OpenBooks
from earned.engine.bulk.resolving import Kind
from earned.engine.bulk.turns import Row, TurnFund, Turns
from earned.engine.bulk.whole import (
    QUANTITY_PLACES,
    UNIT_PLACES,
    ratio_of,
    scaled,
    unscaled,
)
from earned.engine.duck import Scratch
from earned.services.open_series import OpenBalance, OpenFund, charge_key

_TEN = 10


@dataclass(slots=True)
class Numbered:
    """What tables call by number: guides, charges, balances and funds."""

    guides: list[tuple[Kind, RatePlanCharge]] = field(default_factory=list)
    charges: list[RatePlanCharge] = field(default_factory=list)
    balances: list[OpenBalance] = field(default_factory=list)
    funds: list[OpenFund] = field(default_factory=list)


def draw_rows(scratch: Scratch, opened: OpenBooks, kinds: Mapping[int, Kind]) -> Numbered:
    """Draw the rows of `plain` down: tables `guided` and `moved` say what becomes of each."""
    numbered = Numbered()
    _fill_guides(scratch, opened, kinds, numbered)
    scratch.run(drawing_rows.NEED)
    scratch.run(drawing_rows.MIXED)
    mixed = [number for (number,) in scratch.rows(drawing_rows.MIXED_BALANCES)]
    passes, funds = _fill_funds(scratch, numbered, mixed)
    _draw_in_turn(scratch, opened, numbered, funds)
    scratch.run(drawing_rows.REST)
    for level in range(1, passes + 1):
        scratch.run(drawing_rows.DRAW, [level])
        scratch.run(drawing_rows.KEEP_DRAWN)
        scratch.run(drawing_rows.KEEP_REST)
    scratch.run(drawing_rows.GUIDED)
    scratch.run(drawing_rows.MOVED)
    return numbered


def _draw_in_turn(
    scratch: Scratch,
    opened: OpenBooks,
    numbered: Numbered,
    funds: Mapping[int, Sequence[TurnFund]],
) -> None:
    """Draw the rows of balances that something is given back to; note what is left open."""
    charges = numbered.charges
    reversed_days = scratch.rows(drawing_rows.REVERSED_DAYS) if funds else []
    opened.open_ratings((charges[number], day) for number, day in reversed_days)

    def pending(number: int, day: date) -> int:
        charge = charges[number]
        return scaled(opened.rating(charge, day).lacking(charge_key(charge, day)), UNIT_PLACES)

    turns = Turns(funds, pending)
    turns.draw(map(Row._make, scratch.rows(drawing_rows.IN_TURN) if funds else []))
    scratch.fill("drawn", drawing_rows.DRAWN, turns.drawn)
    scratch.fill("left_open", drawing_rows.LEFT_OPEN, turns.left_open)


def count_in(scratch: Scratch, opened: OpenBooks, numbered: Numbered) -> None:
    """Move what was drawn in the open balances, and rate what no fund covered."""
    now = opened.books.now
    for number, charge_no, day, units in scratch.rows(drawing_rows.UNITS_OF_DAYS):
        fund, charge = numbered.funds[number], numbered.charges[charge_no]
        fund.accrual.move(charge_key(charge, day), unscaled(units, UNIT_PLACES), now)
    for number, balance_no, units, count in scratch.rows(drawing_rows.UNITS_OF_FUNDS):
        drawn = subtract(ZERO, unscaled(units, UNIT_PLACES))
        numbered.balances[balance_no].move(numbered.funds[number], drawn, count)
    overage = [
        (numbered.charges[number], day, unscaled(units, UNIT_PLACES))
        for number, day, units in scratch.rows(drawing_rows.OVERAGE_OF_DAYS)
    ]
    opened.open_ratings((charge, day) for charge, day, _ in overage)
    for charge, day, units in overage:
        rating = opened.rating(charge, day)
        rating.accrual.move(charge_key(charge, day), units, now)
        rating.changed = True


def _fill_guides(
    scratch: Scratch, opened: OpenBooks, kinds: Mapping[int, Kind], numbered: Numbered
) -> None:
    """Number charges and balances, and say which kind of rows is guided where."""
    charges: dict[str, int] = {}
    balances: dict[str, int] = {}
    guides: list[tuple[object, ...]] = []
    for kind in kinds.values():
        for place, guide in enumerate(kind.guides):
            charge, balance_id = guide.charge, guide.balance_id
            if charge.id not in charges:
                charges[charge.id] = len(numbered.charges)
                numbered.charges.append(charge)
            if balance_id is not None and balance_id not in balances:
                balances[balance_id] = len(numbered.balances)
                numbered.balances.append(opened.balances[balance_id])
            number = balances[balance_id] if balance_id is not None else None
            row = (len(guides), kind.number, place, charges[charge.id], number)
            guides.append((*row, *_rounding(kind), charge.is_drawdown))
            numbered.guides.append((kind, charge))
    scratch.fill("guide", drawing_rows.GUIDE, guides)
    ratios = enumerate(ratio_of(charge.rate) for charge in numbered.charges)
    rates = [(number, *map(str, ratio)) for number, ratio in ratios]
    scratch.fill("charge", drawing_rows.CHARGE, rates)


def _rounding(kind: Kind) -> tuple[str, bool]:
    """Return the step of the unit of measure, in billionths, and whether it rounds up."""
    unit = kind.resolved.unit
    places = min(unit.decimal_places, QUANTITY_PLACES)
    return str(_TEN ** (QUANTITY_PLACES - places)), unit.rounding_mode == "Up"


def _fill_funds(
    scratch: Scratch, numbered: Numbered, mixed: Collection[int]
) -> tuple[int, Mapping[int, Sequence[TurnFund]]]:
    """Number funds; return in how many passes those that have units are drawn.

    Those of `mixed` balances are drawn in no pass, and are returned, all of them.
    """
    rows: list[tuple[object, ...]] = []
    taking_turns: dict[int, list[TurnFund]] = {number: [] for number in mixed}
    passes = 0
    for number, balance in enumerate(numbered.balances):
        is_mixed = number in taking_turns
        for place, (fund, level) in enumerate(_all(balance) if is_mixed else _levels(balance)):
            if is_mixed:
                taking_turns[number].append(TurnFund(len(rows), fund, numbered.charges))
            span = (fund.fund.start_date.isoformat(), fund.fund.end_date.isoformat())
            units = str(scaled(fund.balance, UNIT_PLACES))
            count = fund.transaction_count
            rows.append((len(rows), number, level, place, *span, units, count))
            numbered.funds.append(fund)
            passes = max(passes, level)
    scratch.fill("fund", drawing_rows.FUND, rows)
    totals = [
        (number, str(scaled(balance.balance, UNIT_PLACES)))
        for number, balance in enumerate(numbered.balances)
    ]
    scratch.fill("balance", drawing_rows.BALANCE, totals)
    return passes, taking_turns


def _all(balance: OpenBalance) -> Iterator[tuple[OpenFund, int]]:
    """Yield all funds in burn order, to be drawn in no pass."""
    for fund in balance.funds:
        yield fund, 0


def _levels(balance: OpenBalance) -> Iterator[tuple[OpenFund, int]]:
    """Yield the funds with units in burn order, each with the pass it is drawn in."""
    known: list[tuple[date, date, int]] = []
    for fund in balance.funds:
        if fund.balance > 0:
            start, end = fund.fund.start_date, fund.fund.end_date
            level = 1 + _highest(known, start, end)
            known.append((start, end, level))
            yield fund, level


def _highest(known: Sequence[tuple[date, date, int]], start: date, end: date) -> int:
    return max((level for s, e, level in known if s < end and start < e), default=0)
