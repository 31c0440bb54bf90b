"""Days of the books: half-open date ranges, month arithmetic, and instants in a time zone."""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from earned.domain.errors import Invalid

DAY = timedelta(days=1)
DATE_TIME_LENGTH_MAX = 29
WRITTEN_MAX = len("2026-01-31T23:59:59.999999+00:00")
"""As long as programs write a date-time; usage takes less (U 1.10)."""

# What `fromisoformat` leaves open: it takes any character between day and time.
_DAY_AND_TIME = re.compile(r"[0-9W-]+(?:[T ][0-9:.,+-]*[0-9]Z?)?")


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """A half-open range of days: `start` is in it, `end` is not."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        """Say whether `day` is in the range."""
        return self.start <= day < self.end

    def __len__(self) -> int:
        """Count the days."""
        return (self.end - self.start).days


def joined(ranges: Iterable[Days]) -> list[Days]:
    """Return the same days in as few ranges as they are, in their order."""
    found: list[Days] = []
    for one in sorted(ranges):
        if found and one.start <= found[-1].end:
            found[-1] = Days(found[-1].start, max(found[-1].end, one.end))
        else:
            found.append(one)
    return found


def add_months(anchor: date, months: int) -> date:
    """Return the day `months` after `anchor`, clamped to the end of a shorter month.

    Count from the anchor each time: Jan 31 gives Feb 28 and then Mar 31 (U 2.3).
    """
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def months_apart(start: date, end: date) -> int:
    """Count the months from the one of `start` to the one of `end`, whichever their days."""
    return (end.year - start.year) * 12 + end.month - start.month


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """Return the day of the books on which `instant` falls."""
    assert instant.tzinfo is not None, "an instant carries its offset"
    return instant.astimezone(zone).date()


def parse_day(value: object, field: str) -> date:
    """Read a `yyyy-mm-dd` date. Raises `Invalid`."""
    # As long is `2013-W01-1`, which `fromisoformat` takes as well.
    if isinstance(value, str) and len(value) == len("yyyy-mm-dd") and "W" not in value:
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise Invalid(f"'{field}' value should be in yyyy-mm-dd format", field=field)


def parse_instant(
    value: str, zone: ZoneInfo, length_max: int = DATE_TIME_LENGTH_MAX
) -> datetime | None:
    """Read an ISO 8601 date-time or date, at most 29 characters; return UTC, or None if it is none.

    A value without an offset is in `zone`. Digits beyond microseconds are dropped.
    """
    if len(value) > length_max or not _DAY_AND_TIME.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(_six_fraction_digits(value))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _six_fraction_digits(value: str) -> str:
    """Drop the fraction digits past the sixth, which `fromisoformat` refuses or rounds."""
    head, point, rest = value.partition(".")
    if not point:
        return value
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{head}.{rest[:digits][:6]}{rest[digits:]}"


def in_zone(instant: datetime, zone: ZoneInfo) -> str:
    """Write an instant as the API does: `2017-12-01T23:41:36.000+08:00`."""
    return instant.astimezone(zone).isoformat(timespec="milliseconds")
