"""Recognised revenue: what lies in closed periods, by period, accounting code and customer."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from earned.domain.as_of import Known
from earned.domain.reporting import Column, Kind, Report, Row, amount

NAME = "recognized-revenue"
COLUMNS = (
    Column("currency", is_key=True),
    Column("accountingPeriodName", is_key=True),
    Column("recognizedRevenueAccountingCode", is_key=True),
    Column("recognizedRevenueAccountingCodeType", is_key=True),
    Column("accountNumber", is_key=True),
    Column("accountName"),
    Column("amount", Kind.AMOUNT),
)


@dataclass(frozen=True, slots=True)
class Recognized:
    """What schedules of one account and recognised revenue code hold in a period."""

    currency: str
    period_id: str
    code: str | None
    code_type: str | None
    account_number: str
    account_name: str
    amount_minor: int


def recognized_revenue(
    known: Known, within: tuple[int, int], found: Iterable[Recognized]
) -> Report:
    """List what is recognised in a range of periods; what an open period holds is not."""
    first, last = within
    places = {p.id: place for place, p in enumerate(known.periods) if known.is_closed(p)}
    kept = [
        one for one in found if first <= places.get(one.period_id, -1) <= last and one.amount_minor
    ]
    kept.sort(key=lambda one: (one.currency, places[one.period_id], *_order(one)))
    totals: dict[str, int] = defaultdict(int)
    for one in kept:
        totals[one.currency] += one.amount_minor
    rows: list[Row] = [
        (
            *(one.currency, known.periods[places[one.period_id]].name, one.code, one.code_type),
            *(one.account_number, one.account_name, amount(one.amount_minor, one.currency)),
        )
        for one in kept
    ]
    blanks = (None,) * (len(COLUMNS) - 2)
    sums = [(currency, *blanks, amount(minor, currency)) for currency, minor in totals.items()]
    return Report(NAME, COLUMNS, rows, sums)


def _order(one: Recognized) -> tuple[str, str, str]:
    return one.code or "", one.code_type or "", one.account_number
