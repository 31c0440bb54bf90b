"""Adjust a fund: more or fewer units than it was funded with, at another price (U 2.10)."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from earned.domain.collecting import FUND_ADJUSTED
from earned.domain.errors import RuleBroken
from earned.domain.exact import ZERO, add, plain, subtract
from earned.domain.prepaid import CONSUMING, Fund, TransactionType
from earned.domain.reversing import make_room
from earned.services.open_fund import become, enter, offset, open_fund, store
from earned.services.open_series import OpenBalance, OpenFund
from earned.services.ports import Books
from earned.services.reverse_draws import reverse_draws
from earned.services.series_rows import fund_series, rollover_event_id, series_rows

_VALUED = ("quantity", "amount_minor", "charge_segment", "updated_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustFund:
    """What a fund is to hold, what that costs, and which segment of its charge it is of then."""

    fund_id: str
    units: Decimal
    price_minor: int
    segment: int


def adjust_fund(books: Books, command: AdjustFund) -> tuple[Fund, list[str]]:
    """Give a fund its new units and price, as if it had had them from the start.

    The difference is one `PREPAYMENT_ADJUSTMENT` in its ledger, and a schedule of the difference in
    price. Its daily rows are valued anew. Where usage has drawn more than there is now, what was
    recorded last is reversed: those guided usages are returned with the fund. Raises `RuleBroken`
    for a fund that has expired or rolled over, or was depleted or credited, and where more units
    were depleted than it would have had.
    """
    books = books.entire
    balance, fund = open_fund(books, command.fund_id)
    before = fund.fund
    named = f"The fund of {before.start_date} of charge {before.charge_number}"
    if before.done or before.expired_on is not None or before.rolled_over:
        raise RuleBroken(f"{named} is over.")
    if command.units < before.depleted:
        depleted = plain(before.depleted)
        raise RuleBroken(f"{named} was depleted of {depleted} units, and cannot hold fewer.")
    more = subtract(command.units, before.funded_balance)
    lacking = subtract(ZERO, add(fund.balance, more))
    reversed_ids = _make_room(books, before, lacking) if lacking > 0 else []
    if reversed_ids:
        balance, fund = open_fund(books, command.fund_id)
    facts: dict[str, Any] = {
        "funded_balance": command.units,
        "funding_price_minor": command.price_minor,
        "charge_segment": command.segment,
    }
    balance.move(fund, more)
    become(books, fund, facts)
    fund.accrual.revalue()
    enter(books, balance, fund, TransactionType.PREPAYMENT_ADJUSTMENT, more)
    _count(books, balance, fund, more)
    store(books, balance, fund, facts)
    _revalue(books, fund)
    offset(books, before, command.price_minor - before.funding_price_minor, FUND_ADJUSTED)
    return fund.fund, reversed_ids


def _make_room(books: Books, fund: Fund, units: Decimal) -> list[str]:
    """Reverse what was drawn last until that gives back so many units; return who had drawn it."""
    found = books.transactions.list(fund_id=fund.id)
    moves = [move for move in found if move.transaction_type in CONSUMING]
    return list(reverse_draws(books, {fund.id: date.min}, among=make_room(moves, units)))


def _count(books: Books, balance: OpenBalance, fund: OpenFund, units: Decimal) -> None:
    """Count the units in what counts the units that were funded."""
    total = add(balance.row.total_fund, units)
    books.balances.update_all([{"id": balance.row.id, "total_fund": total}])
    balance.row = replace(balance.row, total_fund=total)
    period = fund.validity_period
    grown = add(period.summary.total_balance, units)
    books.validity_periods.update_all([{"id": period.summary.id, "total_balance": grown}])
    period.summary = replace(period.summary, total_balance=grown)


def _revalue(books: Books, fund: OpenFund) -> None:
    """Write what of the fund's daily rows and events hangs on its price and segment."""
    series = fund_series(books, fund.fund)
    rows = series_rows(books, series, fund.accrual.rows.items())
    books.consumption.save_all([day for day, _ in rows], only=_VALUED)
    books.events.save_all([event for _, event in rows], only=(*_VALUED, "unit_price"))
    rolled = books.events.find(id=rollover_event_id(fund.fund.id, fund.fund.last_day))
    if rolled is not None:
        facts = {"charge_segment": series.charge.segment, "unit_price": series.unit_price}
        books.events.change(rolled, **facts, updated_at=books.now)
