"""Expire what nobody used of funds whose validity is over: breakage (U 2.14, U 4.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from earned.domain.accrual import DayRow, ending_key
from earned.domain.calendar import parse_day
from earned.domain.consumption import DailyConsumption, Ending
from earned.domain.errors import Missing, RuleBroken
from earned.domain.exact import ZERO, add, subtract
from earned.domain.expiring import expires
from earned.domain.prepaid import Fund, PrepaidBalance, TransactionType
from earned.domain.subscription import RatePlanCharge
from earned.services.batches import batches
from earned.services.end_units import ending_transaction
from earned.services.open_series import fund_valuation
from earned.services.ports import Books
from earned.services.series_rows import Stored, ending_id, series_of_fund, series_rows
from earned.services.store_series import store_days

THROUGH = "throughDate"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireFunds:
    """Through which day, as sent: funds are expired whose last day is not later."""

    through: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """What one run expired: how many funds, and what they earn by it, by currency."""

    funds: int = 0
    amounts_minor: Mapping[str, int] = field(default_factory=dict)


Charges = Mapping[tuple[str, int], RatePlanCharge]
"""The latest versions of charge segments, by original id and segment."""


def expire_funds(books: Books, command: ExpireFunds) -> Expired:
    """Expire funds through a day that is over. Raises `Missing`, `Invalid` or `RuleBroken`."""
    if command.through is None:
        raise Missing(f"'{THROUGH}' may not be null", field=THROUGH)
    day = parse_day(command.through, THROUGH)
    if day >= books.today():
        raise RuleBroken(f"'{THROUGH}' should be a day that is over.", field=THROUGH)
    return expire_through(books, day)


def expire_through(books: Books, day: date) -> Expired:
    """Take what is left out of every fund whose last day is not later than `day`.

    Left alone are funds of the breakage policy `None`, those that were depleted or credited, and
    those whose units may yet roll over. Each of the others gets a ledger row, and the daily row and
    revenue event that bring it to its whole price; the balances that count its units are brought up
    to date. Those of the whole entity, whoever asks. Expiring again finds nothing.
    """
    books = books.entire
    found = books.ended_balances(day)
    rows = [row for ids in batches(found) for row in _expire(books, day, ids)]
    amounts: dict[str, int] = {}
    for row in rows:
        amounts[row.currency] = amounts.get(row.currency, 0) + row.amount_minor
    return Expired(funds=len(rows), amounts_minor=amounts)


def _expire(books: Books, day: date, ids: Sequence[str]) -> Sequence[DailyConsumption]:
    """Expire the funds of some prepaid balances, with a few statements for all of them."""
    balances = {row.id: row for row in books.lock_balances(ids)}
    funds = books.funds.list(prepaid_balance_id=ids, order_by=("end_date", "id"))
    charges = _charges_of(books, funds)
    due = [
        fund
        for fund in funds
        if expires(fund, day, charges[_charge(fund)], balances[fund.prepaid_balance_id])
    ]
    rows = _rows(books, due, charges)
    _write_ledger(books, due, balances)
    _write_balances(books, day, due, funds, balances)
    _write_periods(books, due)
    store_days(books, rows)
    return [row for row, _ in rows]


def _charge(fund: Fund) -> tuple[str, int]:
    return fund.source_id, fund.charge_segment


def _charges_of(books: Books, funds: Sequence[Fund]) -> Charges:
    ids = list({fund.source_id for fund in funds})
    found = books.charges.list(original_id=ids, is_latest=True)
    return {(charge.original_id, charge.segment): charge for charge in found}


def _rows(books: Books, due: Sequence[Fund], charges: Charges) -> list[Stored]:
    """Return the daily row of each expiry and its event: all of the price that is not earned yet.

    It is the last row of its fund, so its amount is what all units are worth less what is consumed.
    """
    ids = [ending_id(fund.id, Ending.EXPIRY, fund.last_day) for fund in due]
    known = {row.id: row for row in books.consumption.list(id=ids)}
    rows: list[Stored] = []
    for identity, fund in zip(ids, due, strict=True):
        stored, value = known.get(identity), fund_valuation(books, fund)
        units = add(fund.balance, stored.quantity if stored else ZERO)
        all_units = subtract(fund.funded_balance, fund.rolled_over)
        amount = value(all_units) - value(subtract(all_units, units))
        created_at = stored.created_at if stored else books.now
        row = DayRow(units, amount, created_at, books.now)
        series = series_of_fund(fund, charges[_charge(fund)])
        rows += series_rows(books, series, [(ending_key(Ending.EXPIRY, fund.last_day), row)])
    return rows


def _write_ledger(
    books: Books, due: Sequence[Fund], balances: Mapping[str, PrepaidBalance]
) -> None:
    left = {identity: row.balance for identity, row in balances.items()}
    transactions = []
    for fund in due:
        left[fund.prepaid_balance_id] = subtract(left[fund.prepaid_balance_id], fund.balance)
        transactions.append(
            ending_transaction(
                books,
                fund,
                TransactionType.FUND_EXPIRY,
                subtract(ZERO, fund.balance),
                fund.last_day,
                sequence=fund.transaction_count + 1,
                balance=left[fund.prepaid_balance_id],
            )
        )
    books.transactions.add_all(transactions)
    books.funds.update_all(
        [
            {
                "id": fund.id,
                "balance": ZERO,
                "expired": add(fund.expired, fund.balance),
                "expired_on": fund.last_day,
                "transaction_count": fund.transaction_count + 1,
                **books.restamp(),
            }
            for fund in due
        ]
    )


def _write_balances(
    books: Books,
    day: date,
    due: Sequence[Fund],
    funds: Sequence[Fund],
    balances: Mapping[str, PrepaidBalance],
) -> None:
    """Write the prepaid balances; one whose funds are all over and empty has expired itself."""
    gone = {fund.id for fund in due}
    left = {identity: balances[identity].balance for identity in _balances_of(due)}
    active = {
        fund.prepaid_balance_id
        for fund in funds
        if fund.last_day > day or (fund.balance and fund.id not in gone)
    }
    for fund in due:
        left[fund.prepaid_balance_id] = subtract(left[fund.prepaid_balance_id], fund.balance)
    books.balances.update_all(
        [
            {
                "id": identity,
                "balance": balance,
                "state": "ACTIVE" if identity in active else "EXPIRED",
                "version": balances[identity].version + 1,
                **books.restamp(),
            }
            for identity, balance in left.items()
        ]
    )


def _balances_of(funds: Sequence[Fund]) -> Sequence[str]:
    return list(dict.fromkeys(fund.prepaid_balance_id for fund in funds))


def _write_periods(books: Books, due: Sequence[Fund]) -> None:
    ids = list({fund.validity_period_summary_id for fund in due})
    left = {row.id: row.remaining_balance for row in books.validity_periods.list(id=ids)}
    for fund in due:
        identity = fund.validity_period_summary_id
        left[identity] = subtract(left[identity], fund.balance)
    books.validity_periods.update_all(
        [
            {"id": identity, "remaining_balance": remaining, **books.restamp()}
            for identity, remaining in left.items()
        ]
    )
