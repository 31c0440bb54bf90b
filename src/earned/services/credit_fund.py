"""Credit a fund back: what is left of it goes, and so does what was paid for it (U 2.11)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from earned.domain.accrual import ending_key
from earned.domain.collecting import FUND_CREDITED
from earned.domain.consumption import Ending
from earned.domain.crediting import check_credit
from earned.domain.errors import NotFound
from earned.domain.exact import ZERO, subtract
from earned.domain.periods import open_ended
from earned.domain.prepaid import Fund, TransactionType
from earned.domain.schedule import RevenueSchedule
from earned.services.add_distributions import NewDistribution
from earned.services.end_units import ending_transaction
from earned.services.open_schedule import open_schedule
from earned.services.open_series import OpenBalance, OpenFund, fund_accrual, open_balances
from earned.services.ports import Books, NumberKind
from earned.services.store_series import settle, store_balances, store_days


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditFund:
    """Which fund, as of which day, and how much is credited (`domain.crediting`)."""

    fund_id: str
    day: date
    credit_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """The fund as it is now, and the schedule of its credit; None where nothing was credited."""

    fund: Fund
    schedule: RevenueSchedule | None


def credit_fund(books: Books, command: CreditFund) -> Credited:
    """Take the units that are left out of a fund, and the credit out of its liability.

    The units leave with a ledger row `PREPAYMENT_CREDIT_BACK`, which is there even if none is left.
    From then on all daily rows of the fund add up to its price less the credit: the row of the
    credit earns what the units were worth beyond it, or takes back what was earned too much. The
    fund's own schedule keeps its amount (R10); a negative one of its own, all of it in Open-Ended,
    offsets what will never be earned. Usage that the credit undoes has to be undone before.

    The fund may be of an organisation that the caller does not see, as for usage: it belongs to the
    invoice owner. The day is kept within the fund's validity. Raises `NotFound`, or `RuleBroken`
    where the fund was credited before, or the credit is not between nothing and its price.
    """
    books = books.entire
    row = books.funds.find(id=command.fund_id)
    if row is None:
        raise NotFound.by_key(command.fund_id)
    balance = open_balances(books, [row.prepaid_balance_id])[row.prepaid_balance_id]
    fund = next(one for one in balance.funds if one.fund.id == row.id)
    check_credit(fund.fund, command.credit_minor)
    day = min(max(command.day, fund.fund.start_date), fund.fund.last_day)
    _empty(books, balance, fund, replace(command, day=day))
    return Credited(fund=fund.fund, schedule=_offset(books, fund.fund))


def _empty(books: Books, balance: OpenBalance, fund: OpenFund, command: CreditFund) -> None:
    """Write what leaves the fund, and its daily rows as they are from now on."""
    units, day = fund.balance, command.day
    facts: dict[str, Any] = {
        "done": True,
        "credited_minor": command.credit_minor,
        "credited_on": day,
    }
    balance.move(fund, subtract(ZERO, units))
    fund.fund = replace(fund.fund, balance=ZERO, transaction_count=fund.transaction_count, **facts)
    fund.accrual = fund_accrual(books, fund.fund, fund.accrual.rows.items())
    fund.accrual.move(ending_key(Ending.CREDIT, day), units, books.now)
    balance.has_ended = True
    kind, place = TransactionType.PREPAYMENT_CREDIT_BACK, fund.transaction_count
    left = balance.balance
    books.transactions.add(
        ending_transaction(
            books, fund.fund, kind, subtract(ZERO, units), day, sequence=place, balance=left
        )
    )
    books.funds.update_all([{"id": fund.fund.id, **facts}])
    days = settle(books, [balance], [])
    store_balances(books, [balance])
    store_days(books, days)


def _offset(books: Books, fund: Fund) -> RevenueSchedule | None:
    """Open the negative schedule of a credit, with the accounting codes of the fund's own."""
    own = books.schedules.find(fund_id=fund.id)
    assert own is not None, "every fund has its schedule"
    assert fund.credited_on is not None
    if not fund.credited_minor:
        return None
    schedule = replace(
        own,
        id=books.new_id(),
        number=books.next_number(NumberKind.REVENUE_SCHEDULE),
        amount_minor=-fund.credited_minor,
        schedule_date=fund.credited_on,
        fund_id=None,
        credited_fund_id=fund.id,
        notes=None,
        custom_fields={},
        **books.stamp(),
    )
    deferred = {open_ended(books.periods.list()).id: schedule.amount_minor}
    return open_schedule(
        books, schedule, NewDistribution(amounts_minor=deferred, type=FUND_CREDITED)
    )
