"""What a fund holds and what it costs (U 2.2, 2.4).

Prices are never prorated: a fund that has only a part of its validity period costs the period's
full price. It holds all its units as well, unless its charge says `ProrateUnits` (U 1.5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from earned.domain.calendar import Days
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.exact import ONE, fits, multiply, round_share
from earned.domain.money import Currency, round_to_minor
from earned.domain.rating import rate
from earned.domain.subscription import RatePlanCharge
from earned.domain.terms import MONTHS_OF_YEAR, billing_months, months_between, plain_word
from earned.domain.validity import (
    UNDIVIDED,
    Term,
    check_billing,
    clip_around,
    clip_to_term,
    grid_of,
    horizon,
    is_enhanced,
    periods_of,
)

_WHOLE = Fraction(1)


class Rounding(NamedTuple):
    """How units are rounded before they are stored: to so many places, `Up` or `Down`."""

    places: int
    mode: str


@dataclass(frozen=True, slots=True)
class PlannedFund:
    """A fund to be: its validity period, the days of it on which it is valid, units and price.

    `share` is the part of the units that it holds, before they are rounded to their unit.
    """

    period: Days
    valid: Days
    units: Decimal
    price_minor: int
    share: Fraction = _WHOLE

    def rounded_units(self, unit: Rounding | None) -> Decimal:
        """Return the units it holds, rounded to their unit of measure before they are stored.

        `units x days(fund) / days(period)`, of actual days (U 2.3). Raises `Invalid` where that
        leaves nothing.
        """
        if unit is None:
            return self.units
        share = (self.share.numerator, self.share.denominator)
        rounded = round_share(self.units, share, unit.places, unit.mode)
        if not rounded:
            raise Invalid("'prepaidQuantity' value is invalid", field="prepaidQuantity")
        return rounded


def plan_funds(
    charge: RatePlanCharge, term: Term, known: Sequence[Days], currency: Currency, today: date
) -> list[PlannedFund]:
    """Return the funds of a prepayment charge, in the order of their days.

    `known` are the validity periods its prepaid balance has already: a one-time top-up lives to the
    end of the one it falls into. Recurring charges have a fund for each validity period of the
    term, of an evergreen subscription up to the next one from `today`.
    """
    units = prepaid_units(charge)
    if charge.charge_type == "OneTime":
        price = one_time_price_minor(charge, currency)
        spans = [_top_up_span(charge, term, known)]
    else:
        price = funding_price_minor(charge, term, currency)
        spans = _spans(charge, term, today)
    return [_planned(charge, term, span, units, price) for span in spans]


_Span = tuple[Days, Days]
"""A whole validity period, and the days of it on which a fund is valid."""


def _top_up_span(charge: RatePlanCharge, term: Term, known: Sequence[Days]) -> _Span:
    """Return the span of a one-time top-up: from its start to the end of the period it falls into.

    Its own period where it says what that is aligned to or how long it is; it ends with the term.
    """
    start = charge.effective_start_date
    own = charge.validity_period_alignment or charge.specific_validity_period_length
    period = None if own else next((period for period in known if start in period), None)
    if period is None:
        period = grid_of(charge, term, charge.number, charge.began_on).period(start)
    end = min(period.end, term.end) if term.end and is_enhanced(charge) else period.end
    return period, Days(start, end)


def _spans(charge: RatePlanCharge, term: Term, today: date) -> list[_Span]:
    """Return the spans of a recurring charge, one for each validity period it has days in."""
    start = charge.effective_start_date
    grid = grid_of(charge, term, charge.number, charge.began_on)
    end = charge.effective_end_date or horizon(grid, max(today, charge.began_on))
    if not (is_enhanced(charge) or grid.has_boundary(end)):
        raise RuleBroken(UNDIVIDED.format(charge.number))
    return [
        (period, Days(max(start, period.start), min(end, period.end)))
        for period in periods_of(grid, Days(start, end))
    ]


def _planned(
    charge: RatePlanCharge, term: Term, span: _Span, units: Decimal, price_minor: int
) -> PlannedFund:
    whole, valid = span
    if is_enhanced(charge):
        period = clip_around(whole, term, valid)
    else:
        period = clip_to_term(whole, term)
        valid = Days(max(valid.start, period.start), valid.end)
    return PlannedFund(period, valid, units, price_minor, _share(charge, whole, valid))


def _share(charge: RatePlanCharge, period: Days, valid: Days) -> Fraction:
    """Return which part of a period's units a fund has: all of them, unless they are prorated."""
    if charge.validity_period_proration_option != "ProrateUnits":
        return _WHOLE
    return Fraction(len(valid), len(period))


def prepaid_units(charge: RatePlanCharge) -> Decimal:
    """Return the units of one fund: `PrepaidQuantity` times the quantity, 1 for a flat fee.

    Raises `Invalid` where that is nothing, or more digits than a quantity can have.
    """
    units = multiply(charge.prepaid_quantity or Decimal(0), quantity_of(charge))
    if units <= 0 or not all(fits(units)):
        raise Invalid("'prepaidQuantity' value is invalid", field="prepaidQuantity")
    return units


def quantity_of(charge: RatePlanCharge) -> Decimal:
    """Return how many times a prepayment charge is bought."""
    if charge.charge_model == "FlatFee" or charge.quantity is None:
        return ONE
    return charge.quantity


def one_time_price_minor(charge: RatePlanCharge, currency: Currency) -> int:
    """Return the funding price of a one-time top-up: price times quantity, rounded once."""
    return _not_negative(round_to_minor(_price(charge), currency))


def funding_price_minor(charge: RatePlanCharge, term: Term, currency: Currency) -> int:
    """Return the price of one validity period of a recurring charge, rounded once (U 2.4)."""
    return _not_negative(round_to_minor(price_of_validity_period(charge, term), currency))


def price_of_validity_period(charge: RatePlanCharge, term: Term) -> Fraction:
    """Return the exact price of a whole validity period, from the list price and what it is for.

    The number of billing periods in a validity period times the price of one.
    """
    periods = check_billing(charge, term, charge.number)
    base = plain_word(charge.list_price_base) or "perbillingperiod"
    if base == "pervalidityperiod":
        return _price(charge)
    if base == "perbillingperiod":
        return periods * _price(charge)
    months = _billing_months(charge, term)
    if base == "permonth":
        return periods * months * _price(charge)
    if base == "peryear":
        return periods * Fraction(months, MONTHS_OF_YEAR) * _price(charge)
    raise Invalid("'listPriceBase' value is invalid", field="listPriceBase")


def billing_amounts_minor(price: Fraction, periods: int, currency: Currency) -> list[int]:
    """Spread a price over billing periods so that the rounded amounts add up to it.

    Cumulative: 10.00 over three periods is 3.33, 3.34, 3.33. The documents give the amounts and not
    which period takes the odd cent (U 2.4).
    """
    reached = [round_to_minor(price * count / periods, currency) for count in range(periods + 1)]
    return [after - before for before, after in pairwise(reached)]


def _price(charge: RatePlanCharge) -> Fraction:
    return rate(charge, charge.currency, quantity_of(charge))


def _billing_months(charge: RatePlanCharge, term: Term) -> int:
    months = billing_months(charge)
    if months is None and term.end:
        months = months_between(term.start, term.end)
    assert months is not None, "check_billing has refused other terms"
    return months


def _not_negative(price_minor: int) -> int:
    if price_minor < 0:
        raise RuleBroken("The price of a prepayment charge may not be negative.")
    return price_minor
