"""The months of the story, counted from 0: twelve accounting periods, six of which are over."""

from dataclasses import dataclass
from datetime import date

from earned.domain.calendar import DAY, add_months

PERIODS = 12
OVER = 6
"""How many months lie before the present one."""

DAYS_USED = 28
"""Usage falls on days that every month has, so that no number depends on the calendar."""

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS_OF_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Months:
    """The first day of month 0."""

    first: date

    @classmethod
    def before(cls, today: date) -> "Months":
        """Return the months of a story that is told today."""
        return cls(add_months(today.replace(day=1), -OVER))

    def start(self, month: int) -> date:
        """Return the first day of a month."""
        return add_months(self.first, month)

    def day(self, month: int, day: int) -> date:
        """Return a day of a month; the first is 1."""
        return self.start(month).replace(day=day)

    def name(self, month: int) -> str:
        """Return the name of a month's accounting period, as the samples have it: `Jan'2013`."""
        start = self.start(month)
        return f"{_NAMES[start.month - 1]}'{start.year}"

    def period(self, month: int) -> dict[str, object]:
        """Return the body of a request for the accounting period of a month."""
        start = self.start(month)
        return {
            "name": self.name(month),
            "startDate": start.isoformat(),
            "endDate": (self.start(month + 1) - DAY).isoformat(),
            "fiscalYear": start.year,
            "fiscalQuarter": (start.month - 1) // _MONTHS_OF_QUARTER + 1,
        }
