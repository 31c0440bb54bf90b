"""Deplete funds: what is left of them expires now, and is revenue (U 2.14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from earned.domain.calendar import DAY
from earned.domain.depleting import (
    MIXED,
    Depletion,
    check_depletion,
    parse_depletions,
)
from earned.domain.errors import EarnedError, NotFound, RuleBroken
from earned.domain.exact import plain
from earned.domain.permissions import Permission, require
from earned.domain.prepaid import Fund
from earned.services.end_funds import Charges, Leaving, charges_of, end_funds
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books

Asked = Mapping[str, Depletion]


@dataclass(frozen=True, slots=True, kw_only=True)
class DepleteFunds:
    """The request as sent: `fundIds`, or `depleteOptions`."""

    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Depleted:
    """What became of one fund: the day its depletion is dated on, or why there was none."""

    fund_id: str
    day: date | None = None
    refusal: str = ""


def deplete_funds(books: Books, command: DepleteFunds) -> Sequence[Depleted]:
    """Deplete funds, wholly or in part; one result for each, in the order they were asked for.

    What is wrong with one fund fails that one alone, and the others are depleted. What was depleted
    is not there for late usage any more. Raises `Denied`, the refusals of a request that cannot be
    read (`parse_depletions`), or `RuleBroken` where it mixes funds of currency with those of units.
    """
    require(Permission.DEPLETE_FUNDS, books.scope.permissions)
    asked = {one.fund_id: one for one in parse_depletions(command.payload)}
    seen = books.funds.list(id=list(asked))
    books = books.entire
    balances = {
        row.id: row for row in books.lock_balances({fund.prepaid_balance_id for fund in seen})
    }
    funds = {fund.id: fund for fund in books.funds.list(id=[fund.id for fund in seen])}
    charges = charges_of(books, list(funds.values()))
    if len({charges[fund.segment_key].is_of_currency for fund in funds.values()}) > 1:
        raise RuleBroken(MIXED)
    leaving, results = _decide(books, asked, funds, charges)
    end_funds(books, leaving, balances, charges, books.today() - DAY)
    for one in leaving:
        detail = {"units": plain(one.units), "on": str(one.day)}
        leave_trace(books, "depleted", "PrepaidBalanceFund", one.fund.id, detail)
    return results


def _decide(
    books: Books, asked: Asked, funds: Mapping[str, Fund], charges: Charges
) -> tuple[Sequence[Leaving], Sequence[Depleted]]:
    last_moved = _last_moved(books, funds)
    leaving: list[Leaving] = []
    results: list[Depleted] = []
    for fund_id, depletion in asked.items():
        fund = funds.get(fund_id)
        try:
            if fund is None:
                raise NotFound.by_key(fund_id)
            charge = charges[fund.segment_key]
            units, day = check_depletion(depletion, fund, charge, last_moved.get(fund_id))
        except EarnedError as refusal:
            results.append(Depleted(fund_id=fund_id, refusal=str(refusal)))
        else:
            leaving.append(Leaving(fund=fund, units=units, day=day, is_depleted=True))
            results.append(Depleted(fund_id=fund_id, day=day))
    return leaving, results


def _last_moved(books: Books, funds: Mapping[str, Fund]) -> Mapping[str, date]:
    """Return the last day that each fund has a daily row of."""
    last: dict[str, date] = {}
    for row in books.consumption.list(fund_id=list(funds)):
        if row.fund_id is not None:
            last[row.fund_id] = max(last.get(row.fund_id, date.min), row.transaction_date)
    return last
