"""Roll a validity period over by hand, and take that back (U 2.13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earned.domain.calendar import Days, parse_day
from earned.domain.errors import Invalid, Missing, NotFound, RuleBroken
from earned.domain.prepaid import Fund, PrepaidBalance, ValidityPeriodSummary
from earned.domain.rolling import (
    APPLY_FIRST,
    APPLY_LAST,
    check_adjacent,
    check_untouched,
    destination,
)
from earned.domain.subscription import Subscription
from earned.services.end_funds import Charges, charges_of
from earned.services.leave_trace import leave_trace
from earned.services.move_units import Move, move_units
from earned.services.ports import Books
from earned.services.roll_over import rolled

AUTOMATIC = "The charge {} rolls over by itself."


@dataclass(frozen=True, slots=True, kw_only=True)
class RollByHand:
    """Which validity period of which balance rolls into which, as sent.

    `priority` is when the rolled funds are drawn; taking a rollover back has none.
    """

    subscription_number: object
    uom: object
    source: object
    destination: object
    priority: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a command names in a locked balance: two validity periods, and a subscription's funds.

    `sources` are in the one, `destinations` in the other.
    """

    balance: PrepaidBalance
    source: ValidityPeriodSummary
    destination: ValidityPeriodSummary
    sources: Sequence[Fund]
    destinations: Sequence[Fund]


def roll_by_hand(books: Books, command: RollByHand) -> int:
    """Roll what is left of a validity period into the next one; return how many funds rolled.

    The funds are those of the subscription's own charges, also in a pool, where those of other
    subscriptions stay. Checks in this order: fields are there and well formed (`Missing`,
    `Invalid`), the subscription, its balance and the validity periods are known (`NotFound`), the
    one follows the other, and no charge in it rolls over by itself (`RuleBroken`).
    """
    apply = _text(command.priority, "priority")
    if apply not in (APPLY_FIRST, APPLY_LAST):
        raise Invalid("'priority' value should be ApplyFirst or ApplyLast", field="priority")
    found, books = _find(books, command), books.entire
    rolling = []
    for one in found:
        check_adjacent(_days(one.source), _days(one.destination))
        charges = _by_hand(books, one.sources)
        moves = []
        for fund in one.sources:
            charge, last = charges[fund.segment_key], one.balance.end_date
            to = destination(charge, one.destination, last, apply)
            if fund.balance and not fund.done and to is not None:
                moves.append(rolled(books, fund, to))
        rolling.append((one, moves))
    all_moves = [move for _, moves in rolling for move in moves]
    move_units(books, all_moves, {one.balance.id: one.balance for one in found})
    for one, moves in rolling:
        _tell(books, "rolled over", one, moves)
    return len(all_moves)


def reverse_rollover(books: Books, command: RollByHand) -> int:
    """Take a rollover back: the source is the later validity period, the destination the earlier.

    Returns how many funds gave back what had rolled into them. Refused where one of them has been
    drawn from, has rolled on or has expired, or the fund it came from is done. Checks and refusals
    are otherwise those of `roll_by_hand`.
    """
    found = _find(books, command)
    books = books.entire
    count = 0
    for one in found:
        check_adjacent(_days(one.destination), _days(one.source))
        _by_hand(books, one.destinations)
        origins = {fund.id: fund for fund in one.destinations}
        made = [fund for fund in one.sources if fund.origin_fund_id in origins and fund.own_units]
        for fund in made:
            check_untouched(fund, origins[str(fund.origin_fund_id)])
        moves = [_move_back(books, fund) for fund in made]
        _tell(books, "rolled back", one, moves)
        count += len(moves)
    return count


def _move_back(books: Books, fund: Fund) -> Move:
    """Move what rolled into a fund back; one at a time, as several may come from the same fund."""
    balances = {row.id: row for row in books.balances.list(id=fund.prepaid_balance_id)}
    origin = books.funds.find(id=fund.origin_fund_id)
    assert origin is not None, "a rolled fund has an origin"
    price = fund.funding_price_minor
    units = fund.funded_balance
    move = Move(source=origin, rolled=fund, units=units, price_minor=price, is_back=True)
    move_units(books, [move], balances)
    return move


def _find(books: Books, command: RollByHand) -> Sequence[_Found]:
    """Find the balances that a subscription's charges in a unit fund: its own, and pools."""
    number = _text(command.subscription_number, "subscriptionNumber")
    uom = _text(command.uom, "prepaymentUom")
    source = _period(command.source, "sourceValidityPeriod")
    destination = _period(command.destination, "destinationValidityPeriod")
    subscription = books.subscriptions.find(number=number, is_latest=True)
    if subscription is None:
        raise NotFound.by_key(number)
    books = books.entire
    mine = _funds_of(books, subscription)
    balances = [
        balance
        for balance in books.lock_balances({fund.prepaid_balance_id for fund in mine})
        if balance.uom == uom
    ]
    if not balances:
        raise NotFound(f"The subscription {number} has no prepaid balance in '{uom}'.")
    mine = _funds_of(books, subscription)
    known = [balance for balance in balances if _period_of(books, balance, source)] or balances
    return [_in_balance(books, balance, (source, destination), mine) for balance in known]


def _funds_of(books: Books, subscription: Subscription) -> Sequence[Fund]:
    """Return the funds of a subscription's charges, in whatever balances they are."""
    charges = books.charges.list(original_subscription_id=subscription.original_id, is_latest=True)
    ids = list({charge.original_id for charge in charges if charge.is_topup})
    return books.funds.list(source_id=ids, order_by=("id",)) if ids else ()


def _in_balance(
    books: Books, balance: PrepaidBalance, asked: tuple[Days, Days], mine: Sequence[Fund]
) -> _Found:
    source, destination = (_known(books, balance, days) for days in asked)
    sources, destinations = (
        [fund for fund in mine if fund.validity_period_summary_id == period.id]
        for period in (source, destination)
    )
    return _Found(
        balance=balance,
        source=source,
        destination=destination,
        sources=sources,
        destinations=destinations,
    )


def _period_of(books: Books, balance: PrepaidBalance, days: Days) -> ValidityPeriodSummary | None:
    return books.validity_periods.find(
        prepaid_balance_id=balance.id, start_date=days.start, end_date=days.end
    )


def _known(books: Books, balance: PrepaidBalance, days: Days) -> ValidityPeriodSummary:
    period = _period_of(books, balance, days)
    if period is None:
        text = f"from {days.start} to {days.end}"
        raise NotFound(f"The prepaid balance {balance.name} has no validity period {text}.")
    return period


def _by_hand(books: Books, funds: Sequence[Fund]) -> Charges:
    """Return the charges of funds, none of which rolls over by itself."""
    charges = charges_of(books, funds) if funds else {}
    for charge in charges.values():
        if charge.is_rollover:
            raise RuleBroken(AUTOMATIC.format(charge.number))
    return charges


def _tell(books: Books, action: str, found: _Found, moves: Sequence[Move]) -> None:
    detail = {
        "source": [str(found.source.start_date), str(found.source.end_date)],
        "destination": [str(found.destination.start_date), str(found.destination.end_date)],
        "funds": [move.rolled.id for move in moves],
    }
    leave_trace(books, action, "PrepaidBalance", found.balance.id, detail)


def _days(period: ValidityPeriodSummary) -> Days:
    return Days(period.start_date, period.end_date)


def _text(value: object, field: str) -> str:
    if value is None or value == "":
        raise Missing(f"'{field}' may not be null", field=field)
    if not isinstance(value, str):
        raise Invalid(f"'{field}' value is invalid", field=field)
    return value


def _period(value: object, field: str) -> Days:
    if value is None:
        raise Missing(f"'{field}' may not be null", field=field)
    if not isinstance(value, Mapping):
        raise Invalid(f"'{field}' value is invalid", field=field)
    start, end = (
        parse_day(_text(value.get(name), f"{field}.{name}"), f"{field}.{name}")
        for name in ("startDate", "endDate")
    )
    return Days(start, end)
