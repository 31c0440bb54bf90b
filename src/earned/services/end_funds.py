"""Take units that nobody used out of funds: expiry and depletion (U 2.14, U 4.3).

With a few statements, however many funds there are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from earned.domain.accrual import DayRow, ending_key
from earned.domain.consumption import DailyConsumption, Ending
from earned.domain.exact import ZERO, add, subtract
from earned.domain.notifying import Held
from earned.domain.prepaid import Fund, PrepaidBalance, TransactionType
from earned.domain.subscription import RatePlanCharge, by_segment
from earned.services.end_units import ending_transaction
from earned.services.open_series import fund_valuation
from earned.services.ports import Books
from earned.services.series_rows import Stored, ending_id, series_of_fund, series_rows
from earned.services.store_series import store_days
from earned.services.tell_thresholds import Change, tell_thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Units that leave a fund on a day of its validity, at or after the last day it was used.

    Units that expire come back for late usage, those that are depleted do not; a fund that is
    depleted wholly is done.
    """

    fund: Fund
    units: Decimal
    day: date
    is_depleted: bool = False

    @property
    def is_all(self) -> bool:
        """Whether nothing is left then."""
        return self.units == self.fund.balance

    @property
    def is_done(self) -> bool:
        """Whether the fund is done then."""
        return self.fund.done or (self.is_depleted and self.is_all)


Balances = Mapping[str, PrepaidBalance]
Charges = Mapping[tuple[str, int], RatePlanCharge]
"""The latest versions of charge segments, by original id and segment."""


def charges_of(books: Books, funds: Sequence[Fund]) -> Charges:
    """Return the prepayment charges of funds."""
    ids = list({fund.source_id for fund in funds})
    found = books.charges.list(original_id=ids, is_latest=True)
    return by_segment(found)


def end_funds(
    books: Books, leaving: Sequence[Leaving], balances: Balances, charges: Charges, through: date
) -> Sequence[DailyConsumption]:
    """Write what leaves funds of locked prepaid balances; return the daily rows, as they are now.

    A fund is in it once. A balance whose funds are all over, after `through`, and empty has expired
    itself.
    """
    if not leaving:
        return ()
    rows = _rows(books, leaving, charges)
    _write_ledger(books, leaving, balances)
    _write_funds(books, leaving)
    _write_balances(books, leaving, balances, through)
    _write_periods(books, leaving)
    store_days(books, rows)
    return [row for row, _ in rows]


def _rows(books: Books, leaving: Sequence[Leaving], charges: Charges) -> list[Stored]:
    """Return the daily row of each and its event.

    It is the last row of its fund, so its amount is what all units gone are worth less what is
    consumed.
    """
    ids = [ending_id(one.fund.id, Ending.EXPIRY, one.day) for one in leaving]
    known = {row.id: row for row in books.consumption.list(id=ids)}
    rows: list[Stored] = []
    for identity, one in zip(ids, leaving, strict=True):
        fund, stored, value = one.fund, known.get(identity), fund_valuation(books, one.fund)
        units = add(one.units, stored.quantity if stored else ZERO)
        gone = subtract(fund.own_units, subtract(fund.balance, one.units))
        amount = value(gone) - value(subtract(gone, units))
        created_at = stored.created_at if stored else books.now
        row = DayRow(units, amount, created_at, books.now)
        series = series_of_fund(fund, charges[fund.segment_key])
        rows += series_rows(books, series, [(ending_key(Ending.EXPIRY, one.day), row)])
    return rows


def _write_ledger(books: Books, leaving: Sequence[Leaving], balances: Balances) -> None:
    left = {identity: row.balance for identity, row in balances.items()}
    transactions = []
    for one in leaving:
        fund = one.fund
        left[fund.prepaid_balance_id] = subtract(left[fund.prepaid_balance_id], one.units)
        transactions.append(
            ending_transaction(
                books,
                fund,
                TransactionType.FUND_EXPIRY,
                subtract(ZERO, one.units),
                one.day,
                sequence=fund.transaction_count + 1,
                balance=left[fund.prepaid_balance_id],
            )
        )
    books.transactions.add_all(transactions)


def _write_funds(books: Books, leaving: Sequence[Leaving]) -> None:
    """Write the funds; what comes back to one that has ended leaves it again on the same day."""
    books.funds.update_all(
        [
            {
                "id": one.fund.id,
                "balance": subtract(one.fund.balance, one.units),
                "expired": add(one.fund.expired, one.units),
                "expired_on": one.day if one.is_all else one.fund.expired_on,
                "depleted": add(one.fund.depleted, one.units if one.is_depleted else ZERO),
                "done": one.is_done,
                "transaction_count": one.fund.transaction_count + 1,
                **books.restamp(),
            }
            for one in leaving
        ]
    )


def _write_balances(
    books: Books, leaving: Sequence[Leaving], balances: Balances, through: date
) -> None:
    """Write the prepaid balances that funds leave something of, as their funds are now."""
    left: dict[str, Decimal] = {}
    for one in leaving:
        identity = one.fund.prepaid_balance_id
        left[identity] = subtract(left.get(identity, balances[identity].balance), one.units)
    active = {
        fund.prepaid_balance_id
        for fund in books.funds.list(prepaid_balance_id=list(left))
        if fund.balance or (fund.last_day > through and not fund.done)
    }
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


def _write_periods(books: Books, leaving: Sequence[Leaving]) -> None:
    gone: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in leaving:
        identity = one.fund.validity_period_summary_id
        gone[identity] = add(gone[identity], one.units)
    periods = books.validity_periods.list(id=list(gone), order_by=("id",))
    left = {one.id: subtract(one.remaining_balance, gone[one.id]) for one in periods}
    books.validity_periods.update_all(
        [
            {"id": identity, "remaining_balance": remaining, **books.restamp()}
            for identity, remaining in left.items()
        ]
    )
    tell_thresholds(
        books,
        (
            Change(
                one,
                Held(one.total_balance, one.remaining_balance),
                Held(one.total_balance, left[one.id]),
            )
            for one in periods
        ),
    )
