"""Undo what an order did to funds (U 1.9, U 2.11)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from earned.domain.crediting import own_price_minor
from earned.domain.errors import RuleBroken
from earned.domain.exact import ZERO, subtract
from earned.domain.prepaid import CONSUMING, Fund, TransactionType
from earned.domain.subscription import Order
from earned.services.adjust_fund import AdjustFund, adjust_fund
from earned.services.batches import batches
from earned.services.credit_fund import CreditFund, credit_fund, restore_fund
from earned.services.ports import Books
from earned.services.redraw import redraw
from earned.services.reverse_draws import balances_near, reverse_draws

BILLED = (
    "Usage whose drawdown the order '{}' reversed was billed since: cancel the invoice of it first."
)
GONE = "The fund of charge {} from {} has been depleted, or its units rolled over: it stays."


def take_back_funds(books: Books, made: Sequence[Fund], order: Order) -> None:
    """Restore what an order credited, adjust back what it adjusted, and take back what it `made`.

    What was drawn from funds that go is reversed, and so is what was drawn in the place of draws
    that the order had reversed. All of that is drawn again, in the order it was recorded. Raises
    `RuleBroken` for funds that nobody can take back, and where usage was billed as overage since.
    """
    books, effects = books.entire, order.effects
    changed = [*effects.get("credited", ()), *(one["id"] for one in effects.get("adjusted", ()))]
    again = _reversed(books, changed, order.id)
    _refuse_billed(books, again, order)
    most = _most(books, again, order.id)
    for fund_id in effects.get("credited", ()):
        restore_fund(books, fund_id)
    for before in reversed(effects.get("adjusted", ())):
        again |= _adjust_back(books, before)
    made = books.funds.list(id=[fund.id for fund in made], order_by=["start_date", "id"])
    for fund in made:
        if fund.done or fund.rolled_over:
            raise RuleBroken(GONE.format(fund.charge_number, fund.start_date))
    most |= _most(books, _drawn_from(books, made), order.id)
    again |= set(reverse_draws(books, {fund.id: date.min for fund in made}))
    for fund in made:
        minor = own_price_minor(fund)
        credit_fund(books, CreditFund(fund_id=fund.id, day=fund.start_date, credit_minor=minor))
    _draw_again(books, again, most)


def _adjust_back(books: Books, before: Mapping[str, Any]) -> set[str]:
    command = AdjustFund(
        fund_id=before["id"],
        units=Decimal(before["units"]),
        price_minor=before["priceMinor"],
        segment=before["segment"],
    )
    return set(adjust_fund(books, command)[1])


def _reversed(books: Books, fund_ids: Sequence[str], since: str) -> set[str]:
    """Return the guided usages whose draws from some funds were reversed since an id was given."""
    kind = TransactionType.DRAWDOWN_REVERSAL
    moves = books.transactions.list(fund_id=fund_ids, transaction_type=kind)
    return {move.source_id for move in moves if move.amount > 0 and move.id > since}


def _refuse_billed(books: Books, guided_ids: set[str], order: Order) -> None:
    """Refuse to draw what was billed as overage meanwhile. Raises `RuleBroken`."""
    for ids in batches(sorted(guided_ids)):
        if books.processed_usage.list(guided_id=ids, limit=1):
            raise RuleBroken(BILLED.format(order.number))


def _drawn_from(books: Books, funds: Sequence[Fund]) -> set[str]:
    moves = books.transactions.list(fund_id=[fund.id for fund in funds])
    return {move.source_id for move in moves if move.transaction_type in CONSUMING}


def _most(books: Books, guided_ids: set[str], since: str) -> dict[str, Decimal]:
    """Return how many units guided usages draw in all: as many as now, or as before the order.

    What was overage already is not drawn because an order is deleted (U 2.9).
    """
    now, before = defaultdict[str, Decimal](lambda: ZERO), defaultdict[str, Decimal](lambda: ZERO)
    for ids in batches(sorted(guided_ids)):
        usage_ids = [row.usage_id for row in books.guided_usage.list(id=ids)]
        for move in books.transactions.list(usage_id=usage_ids):
            now[move.source_id] = subtract(now[move.source_id], move.amount)
            if move.id < since:
                before[move.source_id] = subtract(before[move.source_id], move.amount)
    return {one: max(now[one], before[one]) for one in guided_ids}


def _draw_again(books: Books, again: set[str], most: Mapping[str, Decimal]) -> None:
    """Draw some guided usages anew, as if they came now one after another."""
    if not again:
        return
    balance_ids = balances_near(books, sorted(again))
    funds = books.funds.list(prepaid_balance_id=balance_ids)
    reverse_draws(
        books, {fund.id: date.min for fund in funds if not fund.done}, among=sorted(again)
    )
    redraw(books, balance_ids, only=again, most=most)
