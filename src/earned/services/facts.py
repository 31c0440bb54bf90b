"""What reports need of the outside: sums that the database adds up, as known at a moment."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from earned.domain.obligations import Committed
from earned.domain.receivables import Owed
from earned.domain.recognized import Recognized
from earned.domain.reporting import Window
from earned.domain.roll_forward import Added, Moved
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


class Facts(Protocol):
    """The facts known at a moment, of what the caller may see, of all customers or of one."""

    def added(self) -> Sequence[Added]:
        """Return what schedules amount to, by deferred code and the period they were booked in.

        That is the period of the schedule's date, or the first that was open when it was made.
        """

    def moved(self) -> Sequence[Moved]:
        """Return what lies in periods, by deferred code, booking and what moved it there."""

    def committed(self) -> Sequence[Committed]:
        """Return what lies in periods by currency, of schedules that are no overage."""

    def recognized(self) -> Sequence[Recognized]:
        """Return what lies in periods by recognised revenue code and customer."""

    def owed(self) -> Sequence[Owed]:
        """Return what billing documents in force amount to, by currency, period and kind."""

    def contracts(self, window: Window | None = None) -> Sequence[Contract]:
        """Return schedules, or some, with what they belong to, contract by contract."""

    def cells(self, ids: Sequence[str] | None = None) -> Sequence[Cell]:
        """Return what each schedule, or each of some, holds in each period."""

    def column_totals(self) -> Sequence[Cell]:
        """Return what all schedules of a currency hold in each period."""

    def amounts(self) -> Mapping[str, int]:
        """Return what all schedules of a currency amount to."""

    def guided(self, *, by_day: bool) -> Sequence[GuidedUnits]:
        """Return usage by charge segment: as recorded, and rounded to its unit of measure."""

    def unguided(self) -> Sequence[UnguidedUnits]:
        """Return usage that no charge covered on its day, by account and unit."""

    def drawn(self, *, by_day: bool) -> Sequence[DrawnUnits]:
        """Return the prepaid units that usage has drawn, by charge segment and drawdown rate.

        Of all customers: units may be drawn from a fund that another one pays for.
        """

    def uncovered(self, charge_ids: Sequence[str]) -> Sequence[RecordUnits]:
        """Return what no fund covered of the usage of some charges, reversals left out."""

    def ledger(self) -> Sequence[DayUnits]:
        """Return the units that left each fund on each day."""

    def days(self) -> Sequence[SeriesDays]:
        """Return what the daily rows of each series say, as they are now."""

    def events(self, through: date | None) -> Sequence[SeriesMinor]:
        """Return what the events of each series say now, and after `through` (None: on all)."""

    def collected(self, through: date | None) -> Sequence[SeriesMinor]:
        """Return what was collected of the events of each series, and of those after `through`."""

    def held(self) -> Sequence[SeriesHeld]:
        """Return what the schedules of each series hold in defined periods."""
