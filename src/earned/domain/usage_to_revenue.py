"""From usage to revenue: what was recorded, drawn, earned, collected and recognised.

Every step is counted from its own rows, and every difference between two steps has a reason. What
no reason explains is `unexplained`: zero in sound books.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction

from earned.domain.exact import FRACTION_DIGITS_MAX, ZERO, add, canonical, subtract
from earned.domain.reporting import Column, Kind, Report, Row, Value, amount
from earned.domain.usage_facts import UnguidedUnits

NAME = "usage-to-revenue"

_UNITS = (
    *("unitsRecorded", "unitsWithoutCharge", "unitsRounded", "unitsDrawn", "unitsOverage"),
    *("unitsEnded", "unitsUnexplained"),
)
_AMOUNTS = (
    *("dailyAmount", "eventAmount", "periodNotDefined", "beyondPrice", "notCollectedYet"),
    *("collected", "distributedByHand", "inPeriods", "inOpenPeriods", "recognized"),
    "unexplained",
)
COLUMNS = (
    Column("currency", is_key=True),
    Column("of", is_key=True),
    Column("accountNumber"),
    Column("chargeNumber", is_key=True),
    Column("chargeSegment", Kind.TEXT, is_key=True),
    Column("id", is_key=True),
    Column("unitOfMeasure", is_key=True),
    Column("startDate", Kind.DAY),
    Column("endDate", Kind.DAY),
    *(Column(name, Kind.UNITS) for name in _UNITS),
    *(Column(name, Kind.AMOUNT) for name in _AMOUNTS),
)

USAGE, FUND, OVERAGE = "usage", "fund", "overage"


@dataclass(frozen=True, slots=True)
class Used:
    """Usage on one charge segment: as recorded, rounded to its unit (guided), in how many records.

    `drawn` is what funds covered and `uncovered` what none did, both in the unit of the usage;
    quotients of units and drawdown rate are exact. `overage` is what is rated of that: rounded to
    its unit in each rating result, which adds or takes less than `step` in all.
    """

    currency: str
    account_number: str
    charge_number: str
    charge_segment: int
    charge_id: str
    uom: str | None
    records: int
    recorded: Decimal
    guided: Decimal
    drawn: Fraction
    uncovered: Fraction
    overage: Decimal
    step: Fraction


@dataclass(frozen=True, slots=True)
class Series:
    """A fund or a rating result: whose it is, and its days (`end_date` is not one of them)."""

    id: str
    is_overage: bool
    currency: str
    account_number: str
    charge_number: str
    charge_segment: int
    start_date: date
    end_date: date


@dataclass(slots=True)
class Earned:
    """What a series has come to, in units and minor units.

    `days_minor` is what its daily rows say, `events_minor` its revenue events, `waiting_minor` the
    part of them on days that no open accounting period reaches, `limit_minor` what it may release.
    `collected_minor` is what was collected of its events; `by_usage_minor` and `by_hand_minor` are
    what lies in accounting periods by that and otherwise, `closed_minor` the part in closed ones.
    """

    drawn: Decimal = ZERO
    ended: Decimal = ZERO
    days_minor: int = 0
    events_minor: int = 0
    waiting_minor: int = 0
    limit_minor: int | None = None
    collected_minor: int = 0
    by_usage_minor: int = 0
    by_hand_minor: int = 0
    closed_minor: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether nothing ever happened to it."""
        return not any(getattr(self, one.name) for one in fields(self) if one.name != "limit_minor")


@dataclass(frozen=True, slots=True)
class Usage:
    """Usage on charges, and that of which no charge took notice."""

    guided: Iterable[Used]
    unguided: Iterable[UnguidedUnits]


def usage_to_revenue(
    usage: Usage, series: Iterable[Series], earned: Mapping[str, Earned]
) -> Report:
    """List usage by charge, then funds, then overage; with the amounts of each currency."""
    rows: list[Row] = [_without_charge(one) for one in sorted(usage.unguided)]
    rows += [_of_usage(one) for one in sorted(usage.guided, key=_order)]
    totals: dict[str, list[int]] = defaultdict(lambda: [0] * len(_AMOUNTS))
    for one in sorted(series, key=_order_of_series):
        what = earned.get(one.id, Earned())
        if what.is_nothing:
            continue
        minors = _amounts(what)
        rows.append(_of_series(one, what, minors))
        sums = totals[one.currency]
        totals[one.currency] = [left + right for left, right in zip(sums, minors, strict=True)]
    blanks: Sequence[Value] = [None] * (len(COLUMNS) - len(_AMOUNTS) - 1)
    return Report(
        NAME,
        COLUMNS,
        sorted(rows, key=lambda row: str(row[0])),
        [
            (currency, *blanks, *(amount(minor, currency) for minor in minors))
            for currency, minors in sorted(totals.items())
        ],
    )


def _order(one: Used) -> tuple[object, ...]:
    return one.account_number, one.charge_number, one.charge_segment


def _order_of_series(one: Series) -> tuple[object, ...]:
    place = (one.account_number, one.charge_number, one.charge_segment, one.start_date, one.id)
    return (one.is_overage, *place)


def _of_usage(used: Used) -> Row:
    """Return the row of a charge: recorded = drawn + overage + rounded + unexplained.

    Rounded is what the unit of measure cut off or added, and what no decimal can say of a quotient.
    """
    drawn = to_decimal(used.drawn)
    beyond = subtract(subtract(used.recorded, drawn), used.overage)
    is_counted = Fraction(used.guided) == used.drawn + used.uncovered
    is_explained = is_counted and abs(used.uncovered - Fraction(used.overage)) <= used.step
    rounded = beyond if is_explained else subtract(used.recorded, used.guided)
    units = (used.recorded, None, canonical(rounded), drawn, used.overage, None)
    place = (used.account_number, used.charge_number, str(used.charge_segment))
    return (
        *(used.currency, USAGE, *place, used.charge_id, used.uom, None, None, *units),
        *(canonical(subtract(beyond, rounded)), *[None] * len(_AMOUNTS)),
    )


def _without_charge(found: UnguidedUnits) -> Row:
    units = (found.recorded, found.recorded, None, None, None, None, ZERO)
    return (
        *(found.currency, USAGE, found.account_number, None, None, None, found.uom, None, None),
        *(*units, *[None] * len(_AMOUNTS)),
    )


def _of_series(series: Series, earned: Earned, minors: Sequence[int]) -> Row:
    kind = OVERAGE if series.is_overage else FUND
    place = (series.account_number, series.charge_number, str(series.charge_segment))
    drawn, overage = (None, earned.drawn) if series.is_overage else (earned.drawn, None)
    ended = None if series.is_overage else earned.ended
    return (
        *(series.currency, kind, *place, series.id, None, series.start_date, series.end_date),
        *(None, None, None, drawn, overage, ended, None),
        *(amount(minor, series.currency) for minor in minors),
    )


def _amounts(earned: Earned) -> Sequence[int]:
    """Return the amounts of a row, in the order of their columns."""
    beyond = 0
    if earned.limit_minor is not None:
        beyond = max(earned.events_minor - earned.limit_minor, 0)
    waiting = earned.waiting_minor
    later = earned.events_minor - waiting - beyond - earned.collected_minor
    held = earned.by_usage_minor + earned.by_hand_minor
    unexplained = (
        earned.days_minor - earned.events_minor + earned.collected_minor - earned.by_usage_minor
    )
    return (
        *(earned.days_minor, earned.events_minor, waiting, beyond, later),
        *(earned.collected_minor, earned.by_hand_minor, held, held - earned.closed_minor),
        *(earned.closed_minor, unexplained),
    )


def to_decimal(value: Fraction) -> Decimal:
    """Return a fraction to nine decimals, toward zero."""
    units = abs(value) * 10**FRACTION_DIGITS_MAX // 1
    shown = canonical(Decimal(units).scaleb(-FRACTION_DIGITS_MAX))
    return shown.copy_negate() if value < 0 and shown else shown


def total(quantities: Iterable[Decimal]) -> Decimal:
    """Return the exact sum of quantities."""
    result = ZERO
    for quantity in quantities:
        result = add(result, quantity)
    return result
