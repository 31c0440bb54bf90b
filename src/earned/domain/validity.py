"""Validity periods: how the term of a subscription is cut into the lives of funds (U 2.1 to 2.3).

The grid of a subscription is counted from one anchor, so that January 31 is followed by February 28
and then by March 31: from the start of the term, or back from its end where the charge is billed on
the term's end day and aligned to it. Then the first period of the term may be a shorter one.

Where a charge has one of the enhanced terms (U 1.5) it has a grid of its own, counted from what it
is aligned to, and any charge and any term fits it: what they have of a period is valid.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

from earned.domain.calendar import Days, add_months, months_apart
from earned.domain.charge import ChargeTerms
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.terms import (
    Length,
    PeriodType,
    billing_length,
    months_between,
    plain_word,
)

PERIODS_MAX = 1200

# The exact texts that clients match on (U 2.1).
UNDIVIDED = "The current term of Charge {} cannot be divided into successive validity periods."
MIXED = "All prepayment charges in a prepaid balance must have the same validity period type."
UNEVEN = (
    "Invalid validity periods in Charge {}. "
    "The validity periods must be evenly distributed over the subscription term."
)
UNBILLABLE = (
    "Validity period ( {} {}) must be equal to or multiple times of the billing period ( {} {})."
)


class ValidityPeriodType(StrEnum):
    """How long the funds of a prepayment charge are valid."""

    MONTH = "MONTH"
    QUARTER = "QUARTER"
    SEMI_ANNUAL = "SEMI_ANNUAL"
    ANNUAL = "ANNUAL"
    SUBSCRIPTION_TERM = "SUBSCRIPTION_TERM"
    SPECIFIC_DAYS = "SPECIFIC_DAYS"
    SPECIFIC_WEEKS = "SPECIFIC_WEEKS"
    SPECIFIC_MONTHS = "SPECIFIC_MONTHS"


_MONTHS = {
    ValidityPeriodType.MONTH: 1,
    ValidityPeriodType.QUARTER: 3,
    ValidityPeriodType.SEMI_ANNUAL: 6,
    ValidityPeriodType.ANNUAL: 12,
}
_SPECIFIC = {
    ValidityPeriodType.SPECIFIC_DAYS: PeriodType.DAY,
    ValidityPeriodType.SPECIFIC_WEEKS: PeriodType.WEEK,
    ValidityPeriodType.SPECIFIC_MONTHS: PeriodType.MONTH,
}


def parse_validity_period(value: str | None) -> ValidityPeriodType:
    """Read a validity period type in any case (`Month`, `SEMI_ANNUAL`). Raises `Invalid`."""
    for known in ValidityPeriodType:
        if plain_word(known) == plain_word(value):
            return known
    allowed = ", ".join(ValidityPeriodType)
    message = f"'validityPeriodType' value should be one of: {allowed}"
    raise Invalid(message, field="validityPeriodType")


@dataclass(frozen=True, slots=True)
class Term:
    """The current term of a subscription; an evergreen one has no end."""

    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Grid:
    """Boundaries every `months` months or every `days` days from `anchor`, in both directions."""

    anchor: date
    months: int = 0
    days: int = 0

    @classmethod
    def of(cls, anchor: date, length: Length) -> "Grid":
        """Return the grid of periods that are so long."""
        return cls(anchor, length.months or 0, length.days or 0)

    def boundary(self, index: int) -> date:
        """Return the boundary `index` periods from the anchor. Raises `Invalid` past year 9999."""
        try:
            if self.days:
                return self.anchor + timedelta(index * self.days)
            return add_months(self.anchor, index * self.months)
        except (ValueError, OverflowError):
            raise Invalid("The validity periods leave the calendar.") from None

    def has_boundary(self, day: date) -> bool:
        """Say whether a period starts on `day`."""
        return self.boundary(self._index(day)) == day

    def period(self, day: date) -> Days:
        """Return the period that contains `day`."""
        index = self._index(day)
        return Days(self.boundary(index), self.boundary(index + 1))

    def periods(self, span: Days) -> Iterator[Days]:
        """Yield the periods that have days in `span`, whole."""
        index = self._index(span.start)
        while self.boundary(index) < span.end:
            yield Days(self.boundary(index), self.boundary(index + 1))
            index += 1

    def _index(self, day: date) -> int:
        if self.days:
            return (day - self.anchor).days // self.days
        index = months_apart(self.anchor, day) // self.months
        # Within the month of a boundary the day decides.
        return index if self.boundary(index) <= day else index - 1


def is_aligned_to_term_end(terms: ChargeTerms) -> bool:
    """Say whether a charge follows the partial-period pattern (U 2.3)."""
    return (
        plain_word(terms.bill_cycle_type) == "termendday"
        and plain_word(terms.billing_period_alignment) == "aligntotermend"
    )


def is_enhanced(terms: ChargeTerms) -> bool:
    """Say whether a prepayment charge has a grid of its own, which any term fits (U 1.5)."""
    return (
        terms.validity_period_alignment is not None
        or terms.validity_period_proration_option is not None
        or parse_validity_period(terms.validity_period_type) in _SPECIFIC
    )


def validity_length(terms: ChargeTerms, term: Term) -> Length | None:
    """Return how long a whole validity period is; None for an endless term.

    A term that is no whole number of months has a length of days only where the terms are enhanced.
    """
    kind = parse_validity_period(terms.validity_period_type)
    if kind in _SPECIFIC:
        return Length(terms.specific_validity_period_length or 1, _SPECIFIC[kind])
    if kind in _MONTHS:
        return Length(_MONTHS[kind])
    whole = months_between(term.start, term.end) if term.end else None
    if whole or term.end is None or not is_enhanced(terms):
        return Length(whole) if whole else None
    return Length(len(Days(term.start, term.end)), PeriodType.DAY)


def grid_of(terms: ChargeTerms, term: Term, number: str, start: date | None = None) -> Grid:
    """Return the grid of a prepayment charge. Raises `RuleBroken` if the term does not fit it.

    Counted from the term's end, any term of whole months fits. With enhanced terms any term does;
    the grid is counted from the charge's `start` unless they say otherwise.
    """
    undivided = RuleBroken(UNDIVIDED.format(number))
    length = validity_length(terms, term)
    if length is None:
        raise undivided
    if is_enhanced(terms):
        return Grid.of(_anchor(terms, term, start, undivided), length)
    if term.end is None:
        return Grid.of(term.start, length)
    if is_aligned_to_term_end(terms):
        if months_between(term.start, term.end) is None:
            raise undivided
        return Grid.of(term.end, length)
    grid = Grid.of(term.start, length)
    if not grid.has_boundary(term.end):
        raise undivided
    return grid


def _anchor(terms: ChargeTerms, term: Term, start: date | None, refusal: RuleBroken) -> date:
    """Return the day from which enhanced validity periods are counted (U 1.5)."""
    if plain_word(terms.validity_period_type) == "subscriptionterm":
        return term.start
    anchors = {
        "TermStart": term.start,
        "TermEnd": term.end,
        "SpecificDate": terms.validity_period_anchor_date,
    }
    anchor = anchors.get(terms.validity_period_alignment or "ChargeStart", start or term.start)
    if anchor is None:
        raise refusal
    return anchor


def check_start(grid: Grid, term: Term, start: date, number: str) -> None:
    """Refuse a prepayment charge of a new subscription that starts within a validity period.

    The first period of a term that is counted from its end may be a shorter one.
    """
    if start != term.start and not grid.has_boundary(start):
        raise RuleBroken(UNDIVIDED.format(number))


def periods_of(grid: Grid, span: Days) -> tuple[Days, ...]:
    """Return the validity periods that have days in `span`, whole.

    Raises `RuleBroken` for more than a hundred years of months.
    """
    periods = tuple(islice(grid.periods(span), PERIODS_MAX + 1))
    if len(periods) > PERIODS_MAX:
        raise RuleBroken(f"A charge may have at most {PERIODS_MAX} validity periods.")
    return periods


def clip_to_term(period: Days, term: Term) -> Days:
    """Return what a period across the term's start has in the term.

    A charge that starts before the term, by whole periods, has whole periods before it.
    """
    if period.start < term.start < period.end:
        return Days(term.start, period.end)
    return period


def clip_around(period: Days, term: Term, valid: Days) -> Days:
    """Return what an enhanced period has in the term, and around the days a fund is valid."""
    start = max(period.start, min(term.start, valid.start))
    end = min(period.end, max(term.end or period.end, valid.end))
    return Days(start, end)


def horizon(grid: Grid, day: date) -> date:
    """Return how far an evergreen subscription has funds on `day`: to the end of the next period.

    Where the documents are silent: a fund is there before its period starts, and no more (U 2.2).
    """
    return grid.period(grid.period(day).end).end


def check_billing(terms: ChargeTerms, term: Term, number: str) -> int:
    """Return how many billing periods make a validity period. Raises `RuleBroken` if not whole."""
    validity = validity_length(terms, term)
    billing = billing_length(terms) or _whole_term(term)
    if validity is None or billing is None:
        raise RuleBroken(UNDIVIDED.format(number))
    for long, short, unit in (
        (validity.months, billing.months, "months"),
        (validity.days, billing.days, "days"),
    ):
        if long is not None and short is not None:
            if long % short:
                raise RuleBroken(UNBILLABLE.format(long, unit, short, unit))
            return long // short
    raise RuleBroken(UNBILLABLE.format(*_spoken(validity), *_spoken(billing)))


def _whole_term(term: Term) -> Length | None:
    months = months_between(term.start, term.end) if term.end else None
    return Length(months) if months else None


def _spoken(length: Length) -> tuple[int, str]:
    return (length.months, "months") if length.months else (length.days or 0, "days")


def check_renewal(terms: ChargeTerms, renewal: Length | None, number: str) -> None:
    """Refuse a renewal that is not a whole number of validity periods."""
    months = _MONTHS.get(parse_validity_period(terms.validity_period_type))
    if renewal is None or not renewal.count or months is None or is_enhanced(terms):
        return
    if renewal.months is None or renewal.months % months:
        raise RuleBroken(UNEVEN.format(number))


def check_extension(terms: ChargeTerms, term: Term, since: date, number: str) -> None:
    """Refuse a term that goes on for other than whole validity periods from a day on.

    Any length fits enhanced ones. Funds that are valid for the whole term have one price for it: it
    may be followed by another term, and not grow.
    """
    if term.end is None:
        return
    kind = parse_validity_period(terms.validity_period_type)
    grows = kind is ValidityPeriodType.SUBSCRIPTION_TERM and since != term.start
    fits = is_enhanced(terms) or _is_whole(validity_length(terms, term), since, term.end)
    if grows or not fits:
        raise RuleBroken(UNEVEN.format(number))


def _is_whole(length: Length | None, start: date, end: date) -> bool:
    return length is not None and Grid.of(start, length).has_boundary(end)


def check_same_type(charges: list[ChargeTerms]) -> None:
    """Refuse prepayment charges of one unit whose funds live differently long."""
    units: dict[str | None, set[ValidityPeriodType]] = {}
    for charge in charges:
        kind = parse_validity_period(charge.validity_period_type)
        units.setdefault(charge.prepaid_uom or charge.commitment_type, set()).add(kind)
    if any(len(kinds) > 1 for kinds in units.values()):
        raise RuleBroken(MIXED)
