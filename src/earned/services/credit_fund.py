"""Credit a fund back: what is left of it goes, and so does what was paid for it (U 2.11)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from earned.domain.accrual import ending_key
from earned.domain.collecting import FUND_CREDITED, FUND_RESTORED
from earned.domain.consumption import Ending
from earned.domain.crediting import check_credit
from earned.domain.errors import RuleBroken
from earned.domain.exact import ZERO, subtract
from earned.domain.prepaid import Fund, TransactionType
from earned.domain.schedule import RevenueSchedule
from earned.services.end_units import end_again
from earned.services.open_fund import become, enter, offset, open_fund, store
from earned.services.ports import Books


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
    balance, fund = open_fund(books, command.fund_id)
    check_credit(fund.fund, command.credit_minor)
    day = min(max(command.day, fund.fund.start_date), fund.fund.last_day)
    facts: dict[str, Any] = {
        "done": True,
        "credited_minor": command.credit_minor,
        "credited_on": day,
    }
    units = fund.balance
    balance.move(fund, subtract(ZERO, units))
    become(books, fund, facts)
    fund.accrual.move(ending_key(Ending.CREDIT, day), units, books.now)
    balance.has_ended = True
    enter(books, balance, fund, TransactionType.PREPAYMENT_CREDIT_BACK, subtract(ZERO, units))
    store(books, balance, fund, facts)
    schedule = offset(books, fund.fund, -command.credit_minor, FUND_CREDITED)
    return Credited(fund=fund.fund, schedule=schedule)


def restore_fund(books: Books, fund_id: str) -> Fund:
    """Undo the credit of a fund: its units are back, and so is what was paid for it (U 1.9).

    With a ledger row `PREPAYMENT_CREDIT_BACK_REVERSAL` and a schedule that offsets that of the
    credit. Units of a fund that had expired before expire at once. Raises `RuleBroken` where the
    fund was not credited.
    """
    books = books.entire
    balance, fund = open_fund(books, fund_id)
    was = fund.fund
    if was.credited_on is None:
        raise RuleBroken("The fund has not been credited.")
    key = ending_key(Ending.CREDIT, was.credited_on)
    units = fund.accrual.quantity_of(key)
    balance.move(fund, units)
    enter(books, balance, fund, TransactionType.PREPAYMENT_CREDIT_BACK_REVERSAL, units)
    facts: dict[str, Any] = {"done": False, "credited_minor": 0, "credited_on": None}
    become(books, fund, facts)
    fund.accrual.move(key, subtract(ZERO, units), books.now)
    books.transactions.add_all(list(end_again(books, balance)))
    store(books, balance, fund, facts)
    offset(books, was, was.credited_minor, FUND_RESTORED)
    return fund.fund
