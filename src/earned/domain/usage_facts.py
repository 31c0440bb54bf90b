"""What the reconciliation of usage and revenue is made of: sums of stored rows, by their series."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from earned.domain.consumption import Ending


class GuidedUnits(NamedTuple):
    """Usage guided to a charge segment, on one day and in one rating group, or on all days."""

    charge_id: str
    charge_segment: int
    day: date | None
    group: str | None
    records: int
    recorded: Decimal
    guided: Decimal


class UnguidedUnits(NamedTuple):
    """Usage in one unit of an account that no charge covered on its day."""

    currency: str
    account_number: str
    uom: str
    recorded: Decimal


class DrawnUnits(NamedTuple):
    """Prepaid units that usage of a charge segment has drawn at one rate, on one day or on all."""

    charge_id: str
    charge_segment: int
    day: date | None
    group: str | None
    rate: Decimal
    units: Decimal


class RecordUnits(NamedTuple):
    """What no fund covered of usage that was guided to a charge segment, record by record."""

    charge_id: str
    charge_segment: int
    group: str | None
    day: date
    record: str
    units: Fraction


class DayUnits(NamedTuple):
    """Units that left a fund on a day: drawn by usage, or for another reason (`ending`)."""

    fund_id: str
    day: date
    ending: Ending | None
    units: Decimal


class SeriesDays(NamedTuple):
    """What the daily rows of a series say, of usage or of units that ended without it.

    `counted` are the prepaid units that `units` of overage are measured from.
    """

    series_id: str
    has_ended: bool
    units: Decimal
    counted: Decimal
    amount_minor: int


class SeriesMinor(NamedTuple):
    """An amount of the revenue events of a series, and the part of days after a certain one."""

    series_id: str
    amount_minor: int
    later_minor: int


class SeriesHeld(NamedTuple):
    """What the schedules of a series hold in a period, by collecting or by other means."""

    series_id: str
    period_id: str
    by_usage: bool
    amount_minor: int
