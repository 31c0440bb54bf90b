"""The roll-forward of receivables: what was owed, what documents did to it, what is owed (R 6.1).

opening + invoices + debit memos + adjustments - credit memos = closing, for each currency and
accounting period. A document counts in the period of its date. Payments, which would come off, and
refunds are not kept; entries made by hand are in the trial balance only.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from earned.domain.as_of import Known
from earned.domain.reporting import Column, Kind, Report, Row, amount

NAME = "receivables"

_AMOUNTS = ("opening", "invoices", "debitMemos", "adjustments", "creditMemos", "closing")
COLUMNS = (
    Column("currency", is_key=True),
    Column("accountingPeriodName", is_key=True),
    Column("status", Kind.STATUS),
    *(Column(name, Kind.AMOUNT) for name in _AMOUNTS),
)


class Cause(StrEnum):
    """What changes a receivable, in the order of the columns."""

    INVOICE = "Invoice"
    DEBIT_MEMO = "DebitMemo"
    ADJUSTMENT = "Adjustment"
    CREDIT_MEMO = "CreditMemo"


@dataclass(frozen=True, slots=True)
class Owed:
    """What documents of one kind that are in force amount to in a period; credits of items, less.

    A credit memo has the amount that it takes away.
    """

    currency: str
    period_id: str
    cause: Cause
    amount_minor: int


Amounts = Mapping[Cause, int]


def receivables(known: Known, places: tuple[int, int], owed: Iterable[Owed]) -> Report:
    """Roll each currency from the first to the last period, by their places among the periods."""
    first, last = places
    order = {period.id: place for place, period in enumerate(known.periods)}
    found: dict[str, list[dict[Cause, int]]] = defaultdict(
        lambda: [defaultdict(int) for _ in known.periods]
    )
    for one in owed:
        found[one.currency][order[one.period_id]][one.cause] += one.amount_minor
    rows: list[Row] = []
    totals: list[Row] = []
    for currency in sorted(found):
        periods = found[currency]
        for place in range(first, last + 1):
            period = known.periods[place]
            status = "closed" if known.is_closed(period) else "open"
            figures = _figures(periods, place, place)
            if any(figures):
                rows.append((currency, period.name, status, *_shown(figures, currency)))
        totals.append((currency, None, None, *_shown(_figures(periods, first, last), currency)))
    return Report(NAME, COLUMNS, rows, totals)


def _figures(periods: Sequence[Amounts], first: int, last: int) -> Sequence[int]:
    """Return the amounts of a row over a range of periods, in the order of the columns."""
    opening = sum(_change(period) for period in periods[:first])
    within = periods[first : last + 1]
    moved = [sum(period.get(cause, 0) for period in within) for cause in Cause]
    return (opening, *moved, opening + sum(_change(period) for period in within))


def _change(period: Amounts) -> int:
    return sum(-minor if cause is Cause.CREDIT_MEMO else minor for cause, minor in period.items())


def _shown(figures: Sequence[int], currency: str) -> Row:
    return [amount(minor, currency) for minor in figures]
