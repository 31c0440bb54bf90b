"""Roll what is left of funds into the next validity period, as their charges say (U 2.12)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from earned.domain.calendar import DAY
from earned.domain.prepaid import Fund
from earned.domain.rolling import (
    Destination,
    breakage_of_rest,
    by_balance,
    destination,
    ending_periods,
    in_force,
    is_spent,
    price_of_rest,
    rolls,
)
from earned.services.batches import batches
from earned.services.end_funds import Charges, Leaving, charges_of, end_funds
from earned.services.move_units import Move, move_units
from earned.services.open_series import fund_valuation
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledOver:
    """How many funds rolled over, and how many were depleted that may roll no more."""

    funds: int = 0
    depleted: int = 0


def roll_over_due(books: Books, account_ids: Iterable[str], target: date) -> RolledOver:
    """Roll over what a bill run up to `target` does, of the balances of some invoice owners.

    Of each prepaid balance the latest validity period whose end is reached rolls into the next one,
    and no other, even if several ends are; the last one never does. What rolled as often as its
    charge allows is depleted once its days are over. Doing it again finds only what came back
    since. That the validity period has been billed is for the caller to see to.
    """
    books = books.entire
    funds = depleted = 0
    for accounts in batches(account_ids):
        found = books.balances.list(account_id=accounts, order_by=("id",))
        for some in batches(found):
            done = _roll_balances(books, [row.id for row in some], target)
            funds, depleted = funds + done.funds, depleted + done.depleted
    return RolledOver(funds=funds, depleted=depleted)


def _roll_balances(books: Books, ids: Sequence[str], target: date) -> RolledOver:
    balances = {row.id: row for row in books.lock_balances(ids)}
    funds = books.funds.list(prepaid_balance_id=ids, order_by=("end_date", "id"))
    charges = charges_of(books, funds)
    spent = [fund for fund in funds if is_spent(fund, charges[fund.segment_key], target)]
    leaving = [
        Leaving(fund=fund, units=fund.balance, day=fund.last_day, is_depleted=True)
        for fund in spent
    ]
    end_funds(books, leaving, balances, charges, books.today() - DAY)
    if spent:
        balances = {row.id: row for row in books.balances.list(id=ids)}
    ends = {row.id: row.end_date for row in balances.values()}
    moves = _moves(books, ends, funds, charges, target)
    move_units(books, moves, balances)
    return RolledOver(funds=len(moves), depleted=len(spent))


def _moves(
    books: Books, ends: Mapping[str, date], funds: Sequence[Fund], charges: Charges, target: date
) -> Sequence[Move]:
    """Return what rolls over of funds, each balance by its own validity periods and its end."""
    periods = in_force(books.validity_periods.list(prepaid_balance_id=list(ends)), funds)
    following = {
        over.id: later
        for mine in by_balance(periods)
        for over, later in ending_periods(mine, target)
    }
    moves = []
    for fund in funds:
        charge, later = charges[fund.segment_key], following.get(fund.validity_period_summary_id)
        if later is not None and rolls(fund, charge):
            assert charge.rollover_apply is not None, "charges that roll over say in which order"
            last, apply = ends[fund.prepaid_balance_id], charge.rollover_apply
            if to := destination(charge, later, last, apply):
                moves.append(rolled(books, fund, to))
    return moves


def rolled(books: Books, fund: Fund, to: Destination) -> Move:
    """Return what rolls out of a fund, into one that is made for it."""
    price = price_of_rest(fund, fund_valuation(books, fund))
    made = Fund(
        id=books.new_id(),
        entity_id=fund.entity_id,
        account_id=fund.account_id,
        prepaid_balance_id=fund.prepaid_balance_id,
        validity_period_summary_id=to.period.id,
        source_id=fund.source_id,
        charge_number=fund.charge_number,
        charge_segment=fund.charge_segment,
        currency=fund.currency,
        funded_balance=fund.balance,
        balance=fund.balance,
        funding_price_minor=price,
        start_date=to.valid.start,
        end_date=to.valid.end,
        scope=fund.scope,
        holder_id=fund.holder_id,
        supports_hierarchy=fund.supports_hierarchy,
        is_of_currency=fund.is_of_currency,
        priority=to.priority,
        rollover_apply=to.apply,
        rollover_count=fund.rollover_count + 1,
        origin_fund_id=fund.id,
        breakage_policy=fund.breakage_policy,
        expected_breakage_rate=breakage_of_rest(fund),
        transaction_count=1,
        **books.stamp(),
    )
    return Move(source=fund, rolled=made, units=fund.balance, price_minor=price)
