"""The roll-forward of deferred revenue: what it was, what came, what went, what it is (R 10.4).

opening + additions - recognised by drawdown - by schedule - breakage - credits = closing, for each
currency, deferred revenue code and period (ASC 606-10-50-8, IFRS 15.116). Revenue is recognised
when its period is closed, so an open period takes nothing from what is deferred.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from earned.domain.as_of import Known
from earned.domain.reporting import Column, Kind, Report, Row, amount

NAME = "roll-forward"

_AMOUNTS = (
    *("opening", "additions", "recognizedByDrawdown", "recognizedBySchedule", "breakage"),
    *("credits", "closing", "unrecognized", "difference", "unrecognizedInPeriod"),
)
COLUMNS = (
    Column("currency", is_key=True),
    Column("deferredRevenueAccountingCode", is_key=True),
    Column("deferredRevenueAccountingCodeType", is_key=True),
    Column("accountingPeriodName", is_key=True),
    Column("status", Kind.STATUS),
    *(Column(name, Kind.AMOUNT) for name in _AMOUNTS),
)


class Cause(StrEnum):
    """What moved revenue into a period."""

    DRAWDOWN = "drawdown"
    SCHEDULE = "schedule"
    BREAKAGE = "breakage"


@dataclass(frozen=True, slots=True)
class Code:
    """What is rolled forward by itself: a deferred revenue code in one currency."""

    currency: str
    name: str | None
    type: str | None


@dataclass(frozen=True, slots=True)
class Added:
    """Amounts of schedules that were booked in one period; of credits, or of all others."""

    code: Code
    period_id: str
    is_credit: bool
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What lies in one period, of schedules that were booked in another, by what moved it there."""

    code: Code
    booked_id: str
    period_id: str
    cause: Cause
    amount_minor: int


@dataclass(slots=True)
class _Flow:
    """What one code does in one period, in minor units.

    `items` is what the items of schedules booked in it add up to, in whatever period they lie;
    `waiting` is what lies in it and is not recognised.
    """

    additions: int = 0
    credits: int = 0
    drawdown: int = 0
    schedule: int = 0
    breakage: int = 0
    items: int = 0
    waiting: int = 0

    @property
    def recognized(self) -> int:
        """What becomes revenue in it."""
        return self.drawdown + self.schedule + self.breakage


Flows = Sequence[_Flow]
"""What one code does in each period, in the order of the periods."""


def roll_forward(
    known: Known, places: tuple[int, int], added: Iterable[Added], moved: Iterable[Moved]
) -> Report:
    """Roll each code from the first to the last period, by their places among the periods.

    `closing` follows from amounts of schedules, `unrecognized` from their items; `difference` says
    whether the two agree.
    """
    first, last = places
    by_code = _flows(known, added, moved)
    rows: list[Row] = []
    totals: list[Row] = []
    for currency in sorted({code.currency for code in by_code}):
        codes = sorted((c for c in by_code if c.currency == currency), key=_order)
        for place in range(first, last + 1):
            named = _named(known, place)
            rows += [
                (currency, code.name, code.type, *named, *_amounts(figures, currency))
                for code in codes
                if any(figures := _figures(by_code[code], place, place))
            ]
        together = [_total(flows) for flows in zip(*(by_code[code] for code in codes), strict=True)]
        if any(figures := _figures(together, first, last)):
            totals.append((currency, *[None] * 4, *_amounts(figures, currency)))
    return Report(NAME, COLUMNS, rows, totals)


def _named(known: Known, place: int) -> tuple[str, str]:
    """Return the name and the status of a period."""
    period = known.periods[place]
    return period.name, "closed" if known.is_closed(period) else "open"


def _flows(known: Known, added: Iterable[Added], moved: Iterable[Moved]) -> Mapping[Code, Flows]:
    places = {period.id: place for place, period in enumerate(known.periods)}
    closed = [known.is_closed(period) for period in known.periods]
    found: dict[Code, Flows] = defaultdict(lambda: [_Flow() for _ in known.periods])
    for one in added:
        flow = found[one.code][places[one.period_id]]
        if one.is_credit:
            flow.credits -= one.amount_minor
        else:
            flow.additions += one.amount_minor
    for move in moved:
        found[move.code][places[move.booked_id]].items += move.amount_minor
        flow = found[move.code][places[move.period_id]]
        name = move.cause.value if closed[places[move.period_id]] else "waiting"
        setattr(flow, name, getattr(flow, name) + move.amount_minor)
    return found


def _figures(flows: Flows, first: int, last: int) -> Sequence[int]:
    """Return the amounts of a row over a range of periods, in the order of the columns."""
    before, within = _total(flows[:first]), _total(flows[first : last + 1])
    opening = before.additions - before.credits - before.recognized
    closing = opening + within.additions - within.credits - within.recognized
    left = before.items + within.items - before.recognized - within.recognized
    return (
        *(opening, within.additions, within.drawdown, within.schedule, within.breakage),
        *(within.credits, closing, left, closing - left, within.waiting),
    )


def _total(flows: Iterable[_Flow]) -> _Flow:
    flows = list(flows)
    return _Flow(**{f.name: sum(getattr(one, f.name) for one in flows) for f in fields(_Flow)})


def _order(code: Code) -> tuple[str, str]:
    """Codes without a name come first."""
    return code.name or "", code.type or ""


def _amounts(figures: Sequence[int], currency: str) -> Row:
    return [amount(minor, currency) for minor in figures]
