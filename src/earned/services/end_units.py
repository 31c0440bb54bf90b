"""Units that leave a fund without usage, and come back to it (U 2.11, U 2.14 to 2.16).

A fund whose units have expired stays expired: usage of its days that comes late takes units back
from the expiry, what a correction gives back expires at once. So its rows always add up to its
price, and only the parts that were used and that were not change. A fund that was credited takes
nothing back from the credit.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from earned.domain.accrual import ending_key
from earned.domain.consumption import Ending
from earned.domain.exact import ZERO, subtract
from earned.domain.prepaid import BalanceTransaction, Fund, SourceType, TransactionType
from earned.services.open_series import OpenBalance, OpenFund
from earned.services.ports import Books

_KINDS = {
    Ending.EXPIRY: TransactionType.FUND_EXPIRY,
    Ending.CREDIT: TransactionType.PREPAYMENT_CREDIT_BACK,
}


def bring_back(
    books: Books,
    balances: Mapping[str, OpenBalance],
    funds: Sequence[OpenFund],
    day: date,
    needed: Decimal,
) -> Iterator[BalanceTransaction]:
    """Take from expiries what usage of `day` needs beyond what the funds of the day still have.

    Fund by fund in burn order, as if nothing had expired.
    """
    for fund in funds:
        if not needed:
            return
        if day in fund.fund.validity:
            yield from unexpire(books, balances[fund.fund.prepaid_balance_id], fund, needed)
            needed = subtract(needed, min(max(fund.balance, ZERO), needed))


def unexpire(
    books: Books, balance: OpenBalance, fund: OpenFund, needed: Decimal
) -> Iterator[BalanceTransaction]:
    """Take from the expiry of a fund what it lacks of the units that are needed.

    What was depleted by hand is not there to be taken.
    """
    lacking = subtract(needed, fund.balance)
    expired = subtract(fund.expired, fund.fund.depleted)
    if lacking > 0 and expired > 0 and not fund.fund.done:
        units = min(lacking, expired)
        yield _end(books, balance, fund, Ending.EXPIRY, subtract(ZERO, units))


def end_again(books: Books, balance: OpenBalance) -> Iterator[BalanceTransaction]:
    """Take out again what came back to funds whose units have expired, or were credited."""
    for fund in list(balance.moved.values()):
        ending = fund.ending
        if ending and fund.balance > 0:
            yield _end(books, balance, fund, ending, fund.balance)


def _end(
    books: Books, balance: OpenBalance, fund: OpenFund, ending: Ending, units: Decimal
) -> BalanceTransaction:
    """Take units out of a fund (negative: put them back), and return the ledger row of it."""
    day = fund.fund.credited_on if ending is Ending.CREDIT else fund.fund.expired_on
    assert day is not None, "a fund that has ended says when"
    amount = subtract(ZERO, units)
    balance.move(fund, amount)
    if ending is Ending.EXPIRY:
        fund.expired = subtract(fund.expired, amount)
    fund.accrual.move(ending_key(ending, day), units, books.now)
    place, after = fund.transaction_count, balance.balance
    return ending_transaction(
        books, fund.fund, _KINDS[ending], amount, day, sequence=place, balance=after
    )


def ending_transaction(  # noqa: PLR0913 - A ledger row says all of this.
    books: Books,
    fund: Fund,
    kind: TransactionType,
    amount: Decimal,
    day: date,
    *,
    sequence: int,
    balance: Decimal,
) -> BalanceTransaction:
    """Return the ledger row of units that leave a fund without usage."""
    return BalanceTransaction(
        id=books.new_id(),
        entity_id=fund.entity_id,
        account_id=fund.account_id,
        prepaid_balance_id=fund.prepaid_balance_id,
        fund_id=fund.id,
        sequence=sequence,
        amount=amount,
        balance=balance,
        transaction_date=day,
        transaction_type=kind,
        source_type=SourceType.CHARGE,
        source_id=fund.source_id,
        created_by=books.scope.user_id,
        created_at=books.now,
    )
