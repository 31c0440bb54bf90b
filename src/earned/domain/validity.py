"""Validity periods: how the term of a subscription is cut into the lives of funds (U 2.1 to 2.3).

The grid of a subscription is counted from one anchor, so that January 31 is followed by February 28
and then by March 31: from the start of the term, or back from its end where the charge is billed on
the term's end day and aligned to it. Then the first period of the term may be a shorter one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice

from earned.domain.calendar import Days, add_months
from earned.domain.charge import ChargeTerms
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.terms import (
    MONTHS_OF_YEAR,
    Length,
    billing_months,
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
    "Validity period ( {} months) must be equal to or multiple times of "
    "the billing period ( {} months)."
)


class ValidityPeriodType(StrEnum):
    """How long the funds of a prepayment charge are valid."""

    MONTH = "MONTH"
    QUARTER = "QUARTER"
    SEMI_ANNUAL = "SEMI_ANNUAL"
    ANNUAL = "ANNUAL"
    SUBSCRIPTION_TERM = "SUBSCRIPTION_TERM"

    @property
    def months(self) -> int | None:
        """The months of one period, None for the whole term."""
        return _MONTHS.get(self)


_MONTHS = {
    ValidityPeriodType.MONTH: 1,
    ValidityPeriodType.QUARTER: 3,
    ValidityPeriodType.SEMI_ANNUAL: 6,
    ValidityPeriodType.ANNUAL: 12,
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
    """Boundaries every `months` months from `anchor`, in both directions."""

    anchor: date
    months: int

    def boundary(self, index: int) -> date:
        """Return the boundary `index` periods from the anchor. Raises `Invalid` past year 9999."""
        try:
            return add_months(self.anchor, index * self.months)
        except ValueError:
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
        months = (day.year - self.anchor.year) * MONTHS_OF_YEAR + day.month - self.anchor.month
        index = months // self.months
        # Within the month of a boundary the day decides.
        return index if self.boundary(index) <= day else index - 1


def is_aligned_to_term_end(terms: ChargeTerms) -> bool:
    """Say whether a charge follows the partial-period pattern (U 2.3)."""
    return (
        plain_word(terms.bill_cycle_type) == "termendday"
        and plain_word(terms.billing_period_alignment) == "aligntotermend"
    )


def grid_of(terms: ChargeTerms, term: Term, number: str) -> Grid:
    """Return the grid of a prepayment charge. Raises `RuleBroken` if the term does not fit it.

    Counted from the term's end, any term of whole months fits.
    """
    undivided = RuleBroken(UNDIVIDED.format(number))
    whole = months_between(term.start, term.end) if term.end else None
    months = parse_validity_period(terms.validity_period_type).months or whole
    if months is None:
        raise undivided
    if term.end is None:
        return Grid(term.start, months)
    if is_aligned_to_term_end(terms):
        if whole is None:
            raise undivided
        return Grid(term.end, months)
    grid = Grid(term.start, months)
    if not grid.has_boundary(term.end):
        raise undivided
    return grid


def check_start(grid: Grid, term: Term, start: date, number: str) -> None:
    """Refuse a prepayment charge of a new subscription that starts within a validity period.

    The first period of a term that is counted from its end may be a shorter one.
    """
    if start != term.start and not grid.has_boundary(start):
        raise RuleBroken(UNDIVIDED.format(number))


def periods_of(grid: Grid, term: Term, span: Days) -> tuple[Days, ...]:
    """Return the validity periods that have days in `span`, none of them across the term's start.

    A charge that starts before the term, by whole periods, has whole periods before it. Raises
    `RuleBroken` for more than a hundred years of months.
    """
    periods = tuple(islice(grid.periods(span), PERIODS_MAX + 1))
    if len(periods) > PERIODS_MAX:
        raise RuleBroken(f"A charge may have at most {PERIODS_MAX} validity periods.")
    return tuple(clip_to_term(period, term) for period in periods)


def clip_to_term(period: Days, term: Term) -> Days:
    """Return what a period across the term's start has in the term."""
    if period.start < term.start < period.end:
        return Days(term.start, period.end)
    return period


def horizon(grid: Grid, day: date) -> date:
    """Return how far an evergreen subscription has funds on `day`: to the end of the next period.

    Where the documents are silent: a fund is there before its period starts, and no more (U 2.2).
    """
    return grid.period(grid.period(day).end).end


def check_billing(terms: ChargeTerms, term: Term, number: str) -> int:
    """Return how many billing periods make a validity period. Raises `RuleBroken` if not whole."""
    whole = months_between(term.start, term.end) if term.end else None
    validity = parse_validity_period(terms.validity_period_type).months or whole
    billing = billing_months(terms) or whole
    if validity is None or billing is None:
        raise RuleBroken(UNDIVIDED.format(number))
    if validity % billing:
        raise RuleBroken(UNBILLABLE.format(validity, billing))
    return validity // billing


def check_renewal(terms: ChargeTerms, renewal: Length | None, number: str) -> None:
    """Refuse a renewal that is not a whole number of validity periods."""
    months = parse_validity_period(terms.validity_period_type).months
    if renewal is None or not renewal.count or months is None:
        return
    if renewal.months is None or renewal.months % months:
        raise RuleBroken(UNEVEN.format(number))


def check_same_type(charges: list[ChargeTerms]) -> None:
    """Refuse prepayment charges of one unit whose funds live differently long."""
    units: dict[str | None, set[ValidityPeriodType]] = {}
    for charge in charges:
        kind = parse_validity_period(charge.validity_period_type)
        units.setdefault(charge.prepaid_uom, set()).add(kind)
    if any(len(kinds) > 1 for kinds in units.values()):
        raise RuleBroken(MIXED)
