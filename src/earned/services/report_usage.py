"""Reconcile usage and revenue: count every step from usage records to recognised revenue.

What daily rows and events said at a past moment is not kept, because both are functions of the
append-only ledger: it is said again from the ledger as it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from earned.domain.accrual import Valuation
from earned.domain.as_of import Known
from earned.domain.consumption import Ending, RatingResult
from earned.domain.exact import ZERO, add
from earned.domain.prepaid import Fund
from earned.domain.reporting import Report
from earned.domain.usage_facts import DayUnits
from earned.domain.usage_to_revenue import (
    Earned,
    Series,
    Usage,
    Used,
    total,
    usage_to_revenue,
)
from earned.services.facts import Facts
from earned.services.open_series import fund_valuation, measure_of
from earned.services.overage_then import (
    ChargeKey,
    Charges,
    Earnings,
    Overage,
    Rest,
    draws_money,
    fees_then,
    overage_then,
)
from earned.services.ports import Books


def report_usage(books: Books, known: Known, account_id: str | None) -> Report:
    """Return the reconciliation as of a moment, of all customers or of one."""
    facts = books.facts(known, account_id)
    mine: dict[str, Any] = {"account_id": account_id} if account_id else {}
    charges = {
        ChargeKey(charge.original_id, charge.segment): charge
        for charge in books.charges.list(charge_type="Usage", is_latest=True, **mine)
    }
    funds = books.funds.list(**mine)
    ratings = books.rating_results.list(**mine)
    earned: Earnings = defaultdict(Earned)
    through = _through(known)
    if known.at is None:
        overage = _as_stored(facts, ratings, earned, through)
    else:
        _funds_as_they_were(books, facts, funds, earned, through)
        overage = overage_then(books, facts, charges, ratings, earned, through)
        fees_then(books, known, charges, ratings, earned, through)
    _count_in(known, facts, earned, through)
    for fund in funds:
        earned[fund.id].limit_minor = fund.funding_price_minor
    numbers = {account.id: account.number for account in books.accounts.list()}
    series = [*(_of_fund(one, numbers) for one in funds), *(_of(one, numbers) for one in ratings)]
    usage = Usage(_used(books, facts, charges, overage, numbers), facts.unguided())
    return usage_to_revenue(usage, series, earned)


def _through(known: Known) -> date | None:
    """Return the last day that an open period has; None where none is open."""
    ends = [p.end_date for p in known.periods if p.end_date and not known.is_closed(p)]
    return max(ends, default=None)


def _as_stored(
    facts: Facts, ratings: Iterable[RatingResult], earned: Earnings, through: date | None
) -> Overage:
    """Count what daily rows, events and rating results say now; return the overage of charges."""
    counted: dict[str, Decimal] = {}
    for row in facts.days():
        one = earned[row.series_id]
        counted[row.series_id] = row.counted
        if row.has_ended:
            one.ended = add(one.ended, row.units)
        else:
            one.drawn = add(one.drawn, row.units)
        one.days_minor += row.amount_minor
    for event in facts.events(through):
        earned[event.series_id].events_minor = event.amount_minor
        earned[event.series_id].waiting_minor = event.later_minor
    overage: dict[ChargeKey, Rest] = defaultdict(Rest)
    for rating in ratings:
        key = ChargeKey(rating.charge_id, rating.charge_segment)
        overage[key].count_in(counted.get(rating.id, ZERO), rating.quantity)
    return overage


def _funds_as_they_were(
    books: Books, facts: Facts, funds: Iterable[Fund], earned: Earnings, through: date | None
) -> None:
    """Say again what daily rows and events of funds said, from the ledger as it was."""
    rows: dict[str, list[DayUnits]] = defaultdict(list)
    for row in facts.ledger():
        rows[row.fund_id].append(row)
    for fund in funds:
        worth = partial(_fund_worth, fund, fund_valuation(books, fund))
        mine, one = rows[fund.id], earned[fund.id]
        one.drawn = total(row.units for row in mine if row.ending is None)
        one.ended = total(row.units for row in mine if row.ending is not None)
        one.days_minor = one.events_minor = worth(mine)
        one.waiting_minor = one.days_minor - worth([row for row in mine if _is_by(row, through)])


def _is_by(row: DayUnits, through: date | None) -> bool:
    return through is not None and row.day <= through


def _fund_worth(fund: Fund, value: Valuation, rows: Sequence[DayUnits]) -> int:
    """Return what the units of some days are worth, less what was credited on one of them."""
    credited = any(row.ending is Ending.CREDIT for row in rows)
    return value(total(row.units for row in rows)) - (fund.credited_minor if credited else 0)


def _count_in(known: Known, facts: Facts, earned: Earnings, through: date | None) -> None:
    """Count what was collected, and what lies in periods."""
    for row in facts.collected(through):
        earned[row.series_id].collected_minor = row.amount_minor
        earned[row.series_id].waiting_minor -= row.later_minor
    closed = {period.id for period in known.periods if known.is_closed(period)}
    for held in facts.held():
        one = earned[held.series_id]
        if held.by_usage:
            one.by_usage_minor += held.amount_minor
        else:
            one.by_hand_minor += held.amount_minor
        one.closed_minor += held.amount_minor if held.period_id in closed else 0


def _used(
    books: Books, facts: Facts, charges: Charges, overage: Overage, numbers: Mapping[str, str]
) -> Iterator[Used]:
    """Yield the usage on each charge, and what became of its units."""
    drawn: dict[ChargeKey, Fraction] = defaultdict(Fraction)
    for row in facts.drawn(by_day=False):
        key = ChargeKey(row.charge_id, row.charge_segment)
        if not draws_money(charges, key):
            drawn[key] += Fraction(row.units) / Fraction(row.rate)
    for used in facts.guided(by_day=False):
        key = ChargeKey(used.charge_id, used.charge_segment)
        if key in charges:
            charge, rest = charges[key], overage.get(key, Rest())
            measure = measure_of(books, charge)
            yield Used(
                currency=charge.currency,
                account_number=numbers[charge.account_id],
                charge_number=charge.number,
                charge_segment=charge.segment,
                charge_id=charge.original_id,
                uom=charge.uom,
                records=used.records,
                recorded=used.recorded,
                guided=used.guided,
                drawn=drawn[key],
                uncovered=Fraction(rest.units) / Fraction(charge.rate),
                overage=rest.measured,
                step=(rest.results + used.records) * measure.step,
            )


def _of_fund(fund: Fund, numbers: Mapping[str, str]) -> Series:
    return Series(
        id=fund.id,
        is_overage=False,
        currency=fund.currency,
        account_number=numbers[fund.account_id],
        charge_number=fund.charge_number,
        charge_segment=fund.charge_segment,
        start_date=fund.start_date,
        end_date=fund.end_date,
    )


def _of(rating: RatingResult, numbers: Mapping[str, str]) -> Series:
    return Series(
        id=rating.id,
        is_overage=True,
        currency=rating.currency,
        account_number=numbers[rating.account_id],
        charge_number=rating.charge_number,
        charge_segment=rating.charge_segment,
        start_date=rating.service_start_date,
        end_date=rating.service_end_date,
    )
