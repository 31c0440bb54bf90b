"""The revenue waterfall: what each contract holds in each accounting period (R 10.4).

A row is a revenue schedule with the account, subscription and charge it belongs to; its cells add
up to its amount. What lies in a closed period is recognised, the rest is open, Open-Ended last.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from earned.domain.accounting import AccountingPeriod
from earned.domain.as_of import Known
from earned.domain.reporting import Column, Kind, PeriodOf, Report, Row, amount

NAME = "waterfall"

_CONTRACT = (
    Column("currency", is_key=True),
    Column("accountNumber"),
    Column("accountName"),
    Column("subscriptionNumber"),
    Column("chargeNumber"),
    Column("revenueScheduleNumber", is_key=True),
    Column("revenueScheduleDate", Kind.DAY),
)
_SUMS = ("amount", "recognizedRevenue", "unrecognizedRevenue")


@dataclass(frozen=True, slots=True)
class Contract:
    """A revenue schedule and whose it is."""

    schedule_id: str
    currency: str
    account_number: str
    account_name: str
    subscription_number: str | None
    charge_number: str | None
    number: str
    schedule_date: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What lies in a period, of one schedule or of all in one currency (`of` says which)."""

    of: str
    period_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Contracts, in the order to list them in, and what each holds."""

    contracts: Sequence[Contract]
    cells: Iterable[Cell]


@dataclass(frozen=True, slots=True)
class Totals:
    """What all contracts of a currency amount to, and hold in each period; listed or not."""

    amounts: Mapping[str, int]
    cells: Iterable[Cell]


def waterfall(known: Known, rows: Rows, totals: Totals) -> Report:
    """Lay out contracts by period, with the totals of each currency."""
    columns = (
        *_CONTRACT,
        *(Column(name, Kind.AMOUNT) for name in _SUMS),
        *(Column(p.name, Kind.AMOUNT, period=_period(known, p)) for p in known.periods),
    )
    lines, sums = _lines(known, rows.cells), _lines(known, totals.cells)
    blanks = (None,) * (len(_CONTRACT) - 1)
    return Report(
        NAME,
        columns,
        [_row(known, contract, lines[contract.schedule_id]) for contract in rows.contracts],
        [
            (currency, *blanks, *_amounts(known, currency, minor, sums[currency]))
            for currency, minor in sorted(totals.amounts.items())
        ],
    )


def _period(known: Known, period: AccountingPeriod) -> PeriodOf:
    status = "recognized" if known.is_closed(period) else "open"
    return PeriodOf(period.name, status, period.start_date, period.end_date)


def _lines(known: Known, cells: Iterable[Cell]) -> Mapping[str, Sequence[int]]:
    places = {period.id: place for place, period in enumerate(known.periods)}
    lines: dict[str, list[int]] = defaultdict(lambda: [0] * len(places))
    for cell in cells:
        lines[cell.of][places[cell.period_id]] += cell.amount_minor
    return lines


def _row(known: Known, contract: Contract, line: Sequence[int]) -> Row:
    facts = (
        *(contract.currency, contract.account_number, contract.account_name),
        *(contract.subscription_number, contract.charge_number),
        *(contract.number, contract.schedule_date),
    )
    return (*facts, *_amounts(known, contract.currency, contract.amount_minor, line))


def _amounts(known: Known, currency: str, amount_minor: int, line: Sequence[int]) -> Row:
    closed = sum(
        minor for minor, period in zip(line, known.periods, strict=True) if known.is_closed(period)
    )
    minors = (amount_minor, closed, sum(line) - closed, *line)
    return [amount(minor, currency) for minor in minors]
