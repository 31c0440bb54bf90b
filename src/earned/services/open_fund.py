"""One fund, locked and open, for what happens to it without usage."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from earned.domain.errors import NotFound
from earned.domain.periods import open_ended
from earned.domain.prepaid import Fund, TransactionType
from earned.domain.schedule import RevenueSchedule
from earned.domain.scheduling import DistributionType
from earned.services.add_distributions import NewDistribution
from earned.services.end_units import ending_transaction
from earned.services.open_schedule import open_schedule
from earned.services.open_series import OpenBalance, OpenFund, fund_accrual, open_balances
from earned.services.ports import Books, NumberKind
from earned.services.store_series import settle, store_balances, store_days

_ADJUSTMENT = TransactionType.PREPAYMENT_ADJUSTMENT


def open_fund(books: Books, fund_id: str) -> tuple[OpenBalance, OpenFund]:
    """Lock a fund's prepaid balance; return both as they stand. Raises `NotFound`."""
    row = books.funds.find(id=fund_id)
    if row is None:
        raise NotFound.by_key(fund_id)
    balance = open_balances(books, [row.prepaid_balance_id])[row.prepaid_balance_id]
    return balance, next(one for one in balance.funds if one.fund.id == row.id)


def become(books: Books, fund: OpenFund, facts: Mapping[str, Any]) -> None:
    """Give an open fund new facts; its rows are valued by them from now on."""
    counted: dict[str, Any] = {
        "balance": fund.balance,
        "transaction_count": fund.transaction_count,
    }
    fund.fund = replace(fund.fund, **counted, **facts)
    fund.accrual = fund_accrual(books, fund.fund, fund.accrual.rows.items())


def enter(
    books: Books, balance: OpenBalance, fund: OpenFund, kind: TransactionType, amount: Decimal
) -> None:
    """Write the ledger row of units that were moved, dated on the day of the fund that it is of."""
    day = fund.fund.start_date if kind is _ADJUSTMENT else fund.fund.credited_on
    assert day is not None, "a fund that was credited says when"
    place, left = fund.transaction_count, balance.balance
    row = ending_transaction(books, fund.fund, kind, amount, day, sequence=place, balance=left)
    books.transactions.add(row)


def store(books: Books, balance: OpenBalance, fund: OpenFund, facts: Mapping[str, Any]) -> None:
    """Write a fund with its new facts, and its daily rows."""
    books.funds.update_all([{"id": fund.fund.id, **facts}])
    days = settle(books, [balance], [])
    store_balances(books, [balance])
    store_days(books, days)


def offset(
    books: Books, fund: Fund, amount_minor: int, why: DistributionType
) -> RevenueSchedule | None:
    """Open a further schedule of a fund, all of it in Open-Ended; None where it is nothing.

    The fund's own schedule keeps its amount (R10): what its price becomes later has schedules of
    its own, with the accounting codes of the first.
    """
    own = books.schedules.find(fund_id=fund.id)
    assert own is not None, "every fund has its schedule"
    if not amount_minor:
        return None
    schedule = replace(
        own,
        id=books.new_id(),
        number=books.next_number(NumberKind.REVENUE_SCHEDULE),
        amount_minor=amount_minor,
        schedule_date=fund.credited_on or fund.start_date,
        fund_id=None,
        credited_fund_id=fund.id,
        notes=None,
        custom_fields={},
        **books.stamp(),
    )
    deferred = {open_ended(books.periods.list()).id: amount_minor}
    return open_schedule(books, schedule, NewDistribution(amounts_minor=deferred, type=why))
