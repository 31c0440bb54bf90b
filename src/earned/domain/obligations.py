"""Remaining performance obligations by year: what contracts commit to and is not revenue yet.

ASC 606-10-50-13 (IFRS 15.120) asks for the amount, and when it is expected to become revenue. It is
expected in the year of the period it lies in; what lies in Open-Ended has no period yet. Overage is
no commitment and left out: it is owed for usage that has happened already.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from earned.domain.accounting import OPEN_ENDED, AccountingPeriod
from earned.domain.as_of import Known
from earned.domain.reporting import Column, Kind, Report, Row, amount

NAME = "obligations"
COLUMNS = (
    Column("currency", is_key=True),
    Column("year", is_key=True),
    Column("remaining", Kind.AMOUNT),
    Column("recognized", Kind.AMOUNT),
    Column("amount", Kind.AMOUNT),
)


class YearBy(StrEnum):
    """Which year a period belongs to: the fiscal one it is given, or that of its last day."""

    FISCAL = "fiscal"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Committed:
    """What committed schedules of a currency hold in a period."""

    currency: str
    period_id: str
    amount_minor: int


@dataclass(slots=True)
class _Bucket:
    """What the periods of one year hold, in minor units."""

    remaining: int = 0
    recognized: int = 0


def obligations(known: Known, by: YearBy, committed: Iterable[Committed]) -> Report:
    """Add up by year what remains; beside it what was recognised, so that both make the amount."""
    periods = {period.id: period for period in known.periods}
    years: dict[str, dict[str, _Bucket]] = defaultdict(lambda: defaultdict(_Bucket))
    for one in committed:
        period = periods[one.period_id]
        bucket = years[one.currency][_year(period, by)]
        if known.is_closed(period):
            bucket.recognized += one.amount_minor
        else:
            bucket.remaining += one.amount_minor
    rows: list[Row] = []
    totals: list[Row] = []
    for currency, buckets in sorted(years.items()):
        rows += [
            (currency, year, *_amounts(bucket, currency))
            for year, bucket in sorted(buckets.items(), key=_order)
            if bucket.remaining or bucket.recognized
        ]
        totals.append((currency, None, *_amounts(_sum(buckets.values()), currency)))
    return Report(NAME, COLUMNS, rows, totals)


def _sum(buckets: Iterable[_Bucket]) -> _Bucket:
    total = _Bucket()
    for bucket in buckets:
        total.remaining += bucket.remaining
        total.recognized += bucket.recognized
    return total


def _amounts(bucket: _Bucket, currency: str) -> Row:
    minors = (bucket.remaining, bucket.recognized, bucket.remaining + bucket.recognized)
    return [amount(minor, currency) for minor in minors]


def _year(period: AccountingPeriod, by: YearBy) -> str:
    if period.end_date is None:
        return OPEN_ENDED
    year = period.fiscal_year if by is YearBy.FISCAL else None
    return str(year or period.end_date.year)


def _order(bucket: tuple[str, _Bucket]) -> tuple[bool, str]:
    """Years in their order, Open-Ended last."""
    return bucket[0] == OPEN_ENDED, bucket[0]
