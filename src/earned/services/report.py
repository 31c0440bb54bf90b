"""Make a report: what the books say of revenue now, or said at a past moment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from earned.domain import (
    obligations,
    receivables,
    recognized,
    roll_forward,
    trial_balance,
    usage_to_revenue,
    waterfall,
)
from earned.domain.as_of import Known
from earned.domain.errors import Invalid, NotFound
from earned.domain.reporting import Report, Window, compare
from earned.services.facts import Facts
from earned.services.find import account_by_key
from earned.services.ports import Books
from earned.services.read_as_of import known_at
from earned.services.read_trial_balance import read_trial_balance
from earned.services.report_usage import report_usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuery:
    """Which report, as of when, and of what; texts as they were sent, None where nothing was.

    `first` and `last` name accounting periods, the range that the report is of. With `window`, no
    other rows than those need to be there.
    """

    name: str
    as_of: str | None = None
    compare_to: str | None = None
    first: str | None = None
    last: str | None = None
    account_key: str | None = None
    year_by: obligations.YearBy = obligations.YearBy.FISCAL
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """A report, as of when, and what it was compared to."""

    report: Report
    at: datetime | None
    compared_to: datetime | None = None

    def heading(self, zone: ZoneInfo) -> Mapping[str, object]:
        """Return the fields that say what report it is, and as of when."""
        return {
            "report": self.report.name,
            "asOf": _written(self.at, zone),
            "compareTo": _written(self.compared_to, zone),
        }


def _written(instant: datetime | None, zone: ZoneInfo) -> str | None:
    """Write a moment to the microsecond: rows are told apart by it."""
    return instant.astimezone(zone).isoformat(timespec="microseconds") if instant else None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, with what was known at the moment it is asked for."""

    books: Books
    query: ReportQuery
    known: Known
    account_id: str | None

    @property
    def facts(self) -> Facts:
        """What the report is made of."""
        return self.books.facts(self.known, self.account_id)

    def place(self, name: str | None, field: str, default: int) -> int:
        """Return the place of the period that is named. Raises `Invalid`."""
        if name is None:
            return default
        for place, period in enumerate(self.known.periods):
            if period.name == name:
                return place
        raise Invalid(f"Cannot find accounting period '{name}'.", field=field)

    @property
    def range(self) -> tuple[int, int]:
        """The places of the first and the last period: all defined ones where none is named."""
        latest = max(len(self.known.periods) - 2, 0)
        first = self.place(self.query.first, "from", 0)
        last = self.place(self.query.last, "to", max(first, latest))
        if last < first:
            raise Invalid("'to' should not be before 'from'", field="to")
        return first, last


def make_report(books: Books, query: ReportQuery) -> Reported:
    """Return a report, beside the same report of another moment where that is asked for.

    Raises `NotFound` for an unknown report or account, `Invalid` for a moment or period that cannot
    be read.
    """
    if query.name not in {*REPORTS, *KEPT}:
        raise NotFound.by_key(query.name)
    if query.name not in RANGED and (query.first or query.last):
        message = f"The report '{query.name}' takes no range of accounting periods."
        raise Invalid(message, field="from")
    account = account_by_key(books, query.account_key) if query.account_key else None
    account_id = account.id if account else None
    known = known_at(books, query.as_of, "asOf")
    report = _make(books, query, known, account_id)
    if not query.compare_to:
        return Reported(report, known.at)
    then = known_at(books, query.compare_to, "compareTo")
    other = _make(books, query, then, account_id)
    return Reported(compare(report, other), known.at, then.at)


def _make(books: Books, query: ReportQuery, known: Known, account_id: str | None) -> Report:
    report = REPORTS.get(query.name) or KEPT[query.name]
    return report(_Asked(books, query, known, account_id))


def _roll_forward(asked: _Asked) -> Report:
    facts = asked.facts
    return roll_forward.roll_forward(asked.known, asked.range, facts.added(), facts.moved())


def _waterfall(asked: _Asked) -> Report:
    facts = asked.facts
    window = None if asked.query.compare_to else asked.query.window
    contracts = facts.contracts(window)
    ids = [contract.schedule_id for contract in contracts] if window else None
    rows = waterfall.Rows(contracts, facts.cells(ids))
    totals = waterfall.Totals(facts.amounts(), facts.column_totals())
    made = waterfall.waterfall(asked.known, rows, totals)
    return replace(made, skipped=window.offset) if window else made


def _obligations(asked: _Asked) -> Report:
    return obligations.obligations(asked.known, asked.query.year_by, asked.facts.committed())


def _recognized(asked: _Asked) -> Report:
    return recognized.recognized_revenue(asked.known, asked.range, asked.facts.recognized())


def _receivables(asked: _Asked) -> Report:
    return receivables.receivables(asked.known, asked.range, asked.facts.owed())


def _usage(asked: _Asked) -> Report:
    return report_usage(asked.books, asked.known, asked.account_id)


def _trial_balance(asked: _Asked) -> Report:
    """Return the trial balance of a period that was run last, up to the moment asked for."""
    name = asked.query.first
    if name is None or asked.query.last != name or asked.account_id is not None:
        message = f"The report '{trial_balance.NAME}' is of one accounting period as a whole."
        raise Invalid(message, field="accountingPeriodName")
    view = read_trial_balance(asked.books, name, asked.known.at)
    return trial_balance.report_of(view.lines)


REPORTS: Mapping[str, Callable[[_Asked], Report]] = MappingProxyType(
    {
        roll_forward.NAME: _roll_forward,
        waterfall.NAME: _waterfall,
        obligations.NAME: _obligations,
        recognized.NAME: _recognized,
        receivables.NAME: _receivables,
        usage_to_revenue.NAME: _usage,
    }
)
"""Every report that is made of the books as they are known, by its name."""

KEPT: Mapping[str, Callable[[_Asked], Report]] = MappingProxyType(
    {trial_balance.NAME: _trial_balance}
)
"""What was made when it was run, and is shown as it was then."""

RANGED = frozenset({roll_forward.NAME, recognized.NAME, receivables.NAME, trial_balance.NAME})
"""The reports that may be of some accounting periods only."""
