"""Billing periods: when which part of a price is due.

In advance: on the first day of the period; in arrears, as usage always is: when it is over.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise, takewhile

from earned.domain.calendar import DAY, Days, add_months, months_apart
from earned.domain.charge import ChargeTerms
from earned.domain.due import Asked
from earned.domain.errors import RuleBroken
from earned.domain.funding import billing_amounts_minor, quantity_of
from earned.domain.money import Currency, round_to_minor
from earned.domain.prepaid import Fund
from earned.domain.rating import fee_of_nothing, rate
from earned.domain.service_period import service_period
from earned.domain.subscription import RatePlanCharge
from earned.domain.terms import (
    MONTHS_OF_YEAR,
    billing_months,
    goes_on,
    months_between,
    plain_word,
)
from earned.domain.validity import Grid, Term, is_aligned_to_term_end

DAYS_OF_WEEK, WEEKS_OF_YEAR = 7, 52
_BY_WEEKS = frozenset({"week", "specificweeks", "specificdays"})
_DISCOUNTS = frozenset({"DiscountFixedAmount", "DiscountPercentage"})


def is_billable(charge: ChargeTerms) -> bool:
    """Say whether a charge that is neither a prepayment nor usage is billed. Discounts are not."""
    return (
        not charge.is_topup
        and charge.charge_type in {"OneTime", "Recurring"}
        and charge.charge_model not in _DISCOUNTS
    )


def asked_of_fund(
    fund: Fund, price: Fraction, validity_period: Days, charge: RatePlanCharge, currency: Currency
) -> Sequence[Asked]:
    """Return what a fund asks for: its price, spread over the billing periods of its validity.

    Cumulative, so that the amounts add up to the price: 10.00 for a quarter that is billed by
    month is 3.33, 3.34 and 3.33 (U 2.4). A one-time top-up is due at once. `price` is what was paid
    for the units, wherever they have rolled since.
    """
    if charge.charge_type == "OneTime":
        one_day = Days(fund.start_date, fund.start_date + DAY)
        return [Asked(one_day, fund.start_date, round_to_minor(price, currency))]
    periods = list(_within(fund.validity, validity_period, charge))
    amounts = billing_amounts_minor(price, len(periods), currency)
    return [
        Asked(period, period.start, amount) for period, amount in zip(periods, amounts, strict=True)
    ]


def _within(valid: Days, validity_period: Days, charge: RatePlanCharge) -> Iterator[Days]:
    """Yield the billing periods that have days of a fund's validity, cut to it."""
    months = _months(charge)
    if months is None:
        yield valid
        return
    for period in Grid(_counted_from(charge, validity_period), months).periods(valid):
        yield Days(max(period.start, valid.start), min(period.end, valid.end))


def _counted_from(charge: RatePlanCharge, validity_period: Days) -> date:
    """Return the day that the billing periods of a validity period are counted from (U 2.3).

    That of the charge, where the validity period is counted from it: from April 30 to July 31 are
    three months that began on a January 31. Else a bound of the period, the one of the longer month
    where the other is as long as its month is.
    """
    start, end = validity_period.start, validity_period.end
    if is_aligned_to_term_end(charge):
        return end
    if {start, end} <= {_near(charge.began_on, day) for day in (start, end)}:
        return charge.began_on
    is_last = (start + DAY).day == 1
    return end if is_last and end.day > start.day else start


def _near(anchor: date, day: date) -> date:
    """Return the day, whole months from an anchor, in the month of another."""
    return add_months(anchor, months_apart(anchor, day))


def asked_of_charge(
    charge: RatePlanCharge, through: date, currency: Currency, terms: Sequence[date] = ()
) -> Sequence[Asked]:
    """Return what a recurring or one-time charge asks for in billing periods up to a day.

    A period that is cut short by the days of the segment costs its share of days, rounded once.
    `terms` are the first days of the subscription's terms, and the end of the last one: where a
    billing period is a term, it asks for its price in each of them.
    """
    start = charge.effective_start_date
    if not len(charge.days):
        return []
    if charge.charge_type == "OneTime":
        amount = round_to_minor(_price(charge), currency)
        return [Asked(Days(start, start + DAY), start, amount)]
    in_arrears = plain_word(charge.billing_timing) == "inarrears"
    periods = takewhile(lambda period: period.start <= through, _periods(charge, terms))
    found = []
    for whole in periods:
        end = min(whole.end, charge.effective_end_date or whole.end)
        service = Days(max(whole.start, start), end)
        price = _price(charge) * _factor(charge, whole)
        amount = round_to_minor(price * len(service) / len(whole), currency)
        due = service.end if in_arrears else service.start
        found.append(Asked(service, due, amount, whole))
    return found


def usage_due(charge: RatePlanCharge, service: Days) -> date:
    """Return the day a service period of usage is due: the first that is not in it any more."""
    return min(service.end, max(charge.effective_end_date or service.end, service.start + DAY))


def fee_of_period(charge: RatePlanCharge, service: Days) -> Fraction:
    """Return what a service period costs in which nothing is used, if it has days of the charge."""
    if not has_days_of(charge, service):
        return Fraction(0)
    return fee_of_nothing(charge, charge.currency)


def has_days_of(charge: RatePlanCharge, service: Days) -> bool:
    """Say whether a charge segment is effective on days of a service period."""
    days = charge.days
    return days.start < service.end and max(service.start, days.start) < days.end


def usage_periods(charge: RatePlanCharge, target: date) -> Iterator[Days]:
    """Yield the service periods of a usage charge that are due by a target date, each whole."""
    day, end = charge.effective_start_date, charge.effective_end_date
    while end is None or day < end:
        period = service_period(charge, day)
        if usage_due(charge, period) > target:
            return
        yield period
        day = period.end


def _periods(charge: RatePlanCharge, terms: Sequence[date]) -> Iterator[Days]:
    """Yield the billing periods of a charge from its start on, each whole."""
    end = charge.effective_end_date
    if plain_word(charge.billing_period) == "subscriptionterm" and end:
        yield from _terms(charge, end, terms)
        return
    day = charge.effective_start_date
    while end is None or day < end:
        period = service_period(charge, day)
        yield period
        day = period.end


def _terms(charge: RatePlanCharge, end: date, terms: Sequence[date]) -> Iterator[Days]:
    """Yield the terms that a charge has days of, from the day it began on.

    One that was to end by itself ends its last term; one that was ended has only a part of it.
    """
    last = date.max if goes_on(charge) else end
    bounds = list(terms) or [charge.effective_start_date, end]
    for first, after in pairwise(bounds):
        whole = Days(max(first, charge.began_on), min(after, last))
        is_of_charge = whole.start < end and charge.effective_start_date < whole.end
        if whole.start < whole.end and is_of_charge:
            yield whole


def bounds_of(versions: Iterable[Term]) -> list[date]:
    """Return the first day of each term, and the end of the last, of a subscription's versions.

    A term that begins where the one before ended follows it. Any other is that one, changed.
    """
    bounds: list[date] = []
    for term in versions:
        kept = bounds[:-1] if bounds[-1:] == [term.start] else bounds[:-2]
        bounds = [*kept, term.start, term.end or date.max]
    return bounds


def _price(charge: RatePlanCharge) -> Fraction:
    return rate(charge, charge.currency, quantity_of(charge))


def _factor(charge: RatePlanCharge, whole: Days) -> Fraction:
    """Return how many times the list price a billing period costs.

    A year has 52 weeks, where a price for months or years is billed by weeks or days.
    """
    base = plain_word(charge.list_price_base)
    if base == "perweek":
        return Fraction(len(whole), DAYS_OF_WEEK)
    if base not in {"permonth", "peryear"}:
        return Fraction(1)
    months = _months(charge) or months_between(whole.start, whole.end)
    if months is None or plain_word(charge.billing_period) in _BY_WEEKS:
        years = Fraction(len(whole), DAYS_OF_WEEK * WEEKS_OF_YEAR)
    else:
        years = Fraction(months, MONTHS_OF_YEAR)
    return years * MONTHS_OF_YEAR if base == "permonth" else years


def _months(charge: RatePlanCharge) -> int | None:
    """Return the months of a billing period; None for weeks, days and the whole term."""
    try:
        return billing_months(charge)
    except RuleBroken:
        return None
