"""Expire what nobody used of funds whose validity is over: breakage (U 2.14, U 4.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from earned.domain.calendar import DAY, parse_day
from earned.domain.consumption import DailyConsumption
from earned.domain.errors import Missing, RuleBroken
from earned.domain.expiring import expires
from earned.domain.prepaid import Fund, ValidityPeriodSummary
from earned.domain.rolling import by_balance, in_force, in_turn
from earned.services.batches import batches
from earned.services.end_funds import Leaving, charges_of, end_funds
from earned.services.ports import Books
from earned.services.work import single

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


def expiring_through(books: Books) -> date:
    """Return through which day funds expire by themselves: yesterday, less the days of grace."""
    return books.today() - DAY - timedelta(books.settings.expiry_grace_days)


EXPIRE_THROUGH = single(expire_through)


def _expire(books: Books, day: date, ids: Sequence[str]) -> Sequence[DailyConsumption]:
    """Expire the funds of some prepaid balances, with a few statements for all of them."""
    balances = {row.id: row for row in books.lock_balances(ids)}
    funds = books.funds.list(prepaid_balance_id=ids, order_by=("end_date", "id"))
    charges, following = charges_of(books, funds), _following(books, ids, funds)
    due = [
        Leaving(fund=fund, units=fund.balance, day=fund.last_day)
        for fund in funds
        if expires(
            fund, day, charges[fund.segment_key], following.get(fund.validity_period_summary_id)
        )
    ]
    return end_funds(books, due, balances, charges, day)


def _following(
    books: Books, ids: Sequence[str], funds: Sequence[Fund]
) -> Mapping[str, ValidityPeriodSummary | None]:
    """Return which validity period of a balance follows which, by id."""
    periods = in_force(books.validity_periods.list(prepaid_balance_id=ids), funds)
    return {period.id: later for mine in by_balance(periods) for period, later in in_turn(mine)}
