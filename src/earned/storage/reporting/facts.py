"""What reports are made of, as `earned.services.facts.Facts` asks for it."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from earned.domain.as_of import Known
from earned.domain.obligations import Committed
from earned.domain.receivables import Owed
from earned.domain.recognized import Recognized
from earned.domain.reporting import Window
from earned.domain.roll_forward import Added, Moved
from earned.domain.tenancy import Scope
from earned.domain.usage_facts import (
    DayUnits,
    DrawnUnits,
    GuidedUnits,
    RecordUnits,
    SeriesDays,
    SeriesHeld,
    SeriesMinor,
    UnguidedUnits,
)
from earned.domain.waterfall import Cell, Contract
from earned.storage.reporting import documents, schedules, usage
from earned.storage.reporting.sources import Sources


class SqlFacts:
    """The facts known at a moment, of what a scope may see, of all customers or one."""

    def __init__(
        self, connection: Connection, scope: Scope, known: Known, account_id: str | None
    ) -> None:
        """Ask on `connection`."""
        self._sources = Sources(connection, scope, known, account_id)

    def added(self) -> Sequence[Added]:
        """Return what schedules amount to, by deferred code and the period they were booked in."""
        return schedules.added(self._sources)

    def moved(self) -> Sequence[Moved]:
        """Return what lies in periods, by deferred code, booking and what moved it there."""
        return schedules.moved(self._sources)

    def committed(self) -> Sequence[Committed]:
        """Return what lies in periods by currency, of schedules that are no overage."""
        return schedules.committed(self._sources)

    def recognized(self) -> Sequence[Recognized]:
        """Return what lies in periods by recognised revenue code and customer."""
        return schedules.recognized(self._sources)

    def owed(self) -> Sequence[Owed]:
        """Return what documents in force amount to, by currency, period and kind."""
        return documents.owed(self._sources)

    def contracts(self, window: Window | None = None) -> Sequence[Contract]:
        """Return schedules, or some, with what they belong to, contract by contract."""
        return schedules.contracts(self._sources, window)

    def cells(self, ids: Sequence[str] | None = None) -> Sequence[Cell]:
        """Return what each schedule, or each of some, holds in each period."""
        return schedules.cells(self._sources, ids)

    def column_totals(self) -> Sequence[Cell]:
        """Return what all schedules of a currency hold in each period."""
        return schedules.column_totals(self._sources)

    def amounts(self) -> Mapping[str, int]:
        """Return what all schedules of a currency amount to."""
        return schedules.amounts(self._sources)

    def guided(self, *, by_day: bool) -> Sequence[GuidedUnits]:
        """Return usage by charge segment: as recorded, and rounded to its unit of measure."""
        return usage.guided(self._sources, by_day=by_day)

    def unguided(self) -> Sequence[UnguidedUnits]:
        """Return usage that no charge covered on its day, by account and unit."""
        return usage.unguided(self._sources)

    def drawn(self, *, by_day: bool) -> Sequence[DrawnUnits]:
        """Return the prepaid units that usage has drawn, by charge segment and drawdown rate."""
        return usage.drawn(self._sources, by_day=by_day)

    def uncovered(self, charge_ids: Sequence[str]) -> Sequence[RecordUnits]:
        """Return what no fund covered of the usage of some charges, reversals left out."""
        return usage.uncovered(self._sources, charge_ids)

    def ledger(self) -> Sequence[DayUnits]:
        """Return the units that left each fund on each day."""
        return usage.ledger(self._sources)

    def days(self) -> Sequence[SeriesDays]:
        """Return what the daily rows of each series say, as they are now."""
        return usage.days(self._sources)

    def events(self, through: date | None) -> Sequence[SeriesMinor]:
        """Return what the events of each series say now, and on days after `through`."""
        return usage.events(self._sources, through)

    def collected(self, through: date | None) -> Sequence[SeriesMinor]:
        """Return what was collected of the events of each series, and of those after `through`."""
        return usage.gathered(self._sources, through)

    def held(self) -> Sequence[SeriesHeld]:
        """Return what the schedules of each series hold in defined periods."""
        return usage.held(self._sources)
