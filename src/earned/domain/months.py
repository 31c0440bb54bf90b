"""Calendar months of a range of days: whole ones, partial ones, and how many there are (R 3.2)."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from earned.domain.calendar import Days, add_months, months_apart

MONTHS_LEAST = 3


@lru_cache(maxsize=4096)
def months_of(term: Days) -> Sequence[Days]:
    """Cut a range of days at the ends of calendar months; the first and last may be partial.

    Remembered, because thousands of schedules have the same few terms.
    """
    cuts = [term.start]
    while (following := first_of_next(cuts[-1])) < term.end:
        cuts.append(following)
    return tuple(Days(*pair) for pair in zip(cuts, [*cuts[1:], term.end], strict=True))


def first_of_next(day: date) -> date:
    """Return the first day of the month after that of `day`; there is none after the last."""
    if (day.year, day.month) == (date.max.year, date.max.month):
        return date.max
    years, month = divmod(day.month, 12)
    return date(day.year + years, month + 1, 1)


def days_in_month(day: date) -> int:
    """Count the days of the month that `day` is in."""
    return len(Days(day.replace(day=1), first_of_next(day)))


def whole_months(term: Days) -> int | None:
    """Count the months of a term that has a whole number of them, else None.

    January 15 up to and with April 14 are three.
    """
    apart = months_apart(term.start, term.end)
    return apart if apart and add_months(term.start, apart) == term.end else None


def lasts_three_months(term: Days) -> bool:
    """Say whether a term is long enough to be recognised by months (R 3.2 F4)."""
    apart = months_apart(term.start, term.end)
    return apart > MONTHS_LEAST or (
        apart == MONTHS_LEAST and add_months(term.start, MONTHS_LEAST) <= term.end
    )
