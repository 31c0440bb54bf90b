"""The range of days that a request spreads revenue over, read field by field (R 2.3, R 2.4)."""

from collections.abc import Mapping, Sequence
from datetime import date

from earned.domain.accounting import AccountingPeriod
from earned.domain.calendar import DAY, Days, parse_day
from earned.domain.choices import parse_choice
from earned.domain.errors import Denied, Invalid, Missing, RuleBroken
from earned.domain.periods import defined
from earned.domain.recognition import Method, Spread
from earned.domain.scheduling import PERIODS_MAX

START, END, TYPE = "recognitionStart", "recognitionEnd", "distributionType"
LENGTH_USUAL = 31


def read_range(
    fields: Mapping[str, object], periods: Sequence[AccountingPeriod], *, monthly: bool
) -> Spread:
    """Return how a request wants an amount spread; daily unless it says otherwise.

    Checked in this order: the start, the end, that it is not before the start, the span, the type,
    whether months are permitted. Revenue is recognised over the term regardless of when the
    transaction occurs, with trailing rounding. Raises `Missing`, `Invalid`, `RuleBroken` or
    `Denied`.
    """
    start, end = _read_day(fields, START), _read_day(fields, END)
    if end < start or end == date.max:
        raise Invalid(f"'{END}' value should be a day from {START} on", field=END)
    most = span_max(periods)
    if (end - start).days > most:
        message = (
            f"'{END}' should be at most {most:,} days after {START}: {PERIODS_MAX} times the "
            "length of an accounting period."
        )
        raise RuleBroken(message, field=END)
    value = fields.get(TYPE)
    method = Method.DAILY if value is None else parse_choice(Method, value, TYPE)
    if method is not Method.DAILY and not monthly:
        message = f"'{TYPE}' needs the model Monthly recognition over time, which is off."
        raise Denied(message, field=TYPE)
    return Spread(start=start, end=end, method=method)


def span_max(periods: Sequence[AccountingPeriod]) -> int:
    """Return how many days apart a range's ends may be: 250 times the longest period's length.

    Where no period is defined, one has 31 days.
    """
    lengths = [
        len(Days(period.start_date, period.end_date + DAY))
        for period in defined(periods)
        if period.start_date and period.end_date
    ]
    return PERIODS_MAX * max(lengths, default=LENGTH_USUAL)


def _read_day(fields: Mapping[str, object], name: str) -> date:
    if fields.get(name) is None:
        raise Missing(f"'{name}' may not be null", field=name)
    return parse_day(fields[name], name)
