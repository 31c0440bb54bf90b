"""Collecting: revenue events become amounts in accounting periods (design 2, U 4.4, U 4.5).

What events say and what has been collected of them differ by what is *due*. Collecting moves it
into the period of the event's day, or if that is closed into the next open one: a closed period
never changes (R9). What a fund's events say comes out of the Open-Ended item of its schedule.
Overage was never deferred: what is due of a charge and service period becomes a schedule of its
own, and a later difference another one, because the amount of a schedule never changes (R10).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from earned.domain.accounting import AccountingPeriod
from earned.domain.money import Currency, major
from earned.domain.periods import defined
from earned.domain.scheduling import NOTES_LENGTH_MAX, DistributionType

BY_USAGE = "Recognize by usage"
"""The rule of the schedules of overage."""

FUND_CREDITED = DistributionType("Fund Credited", "FundCredited__z")
"""What was credited of a fund is taken from what is deferred. Ours, after R 2.7."""

FUND_RESTORED = DistributionType("Fund Restored", "FundRestored__z")
"""What was credited of a fund is deferred again: the credit was undone. Ours, after R 2.7."""

FUND_ADJUSTED = DistributionType("Fund Adjusted", "FundAdjusted__z")
"""A fund costs more or less than it did when it was made. Ours, after R 2.7."""

EARLIER = "the days before the first accounting period"
"""Where revenue belongs that no accounting period could ever hold."""

_NAMED_MAX = 10


@dataclass(frozen=True, slots=True)
class Landing:
    """Which period the revenue of some days goes to (both days among them).

    `origin` names the closed period that it belongs to, None where it goes to its own.
    """

    first: date
    last: date
    period_id: str
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one run collected: how many events; the distributions and schedules it made."""

    events: int = 0
    distributions: Sequence[str] = ()
    schedules: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedAmount:
    """What one run collected of one event, and where it went. Never changed, never removed.

    `distribution_id` is None where events of the run cancelled one another out; `schedule_id` is,
    too, where that was overage that has no schedule yet.
    """

    schedule_id: str | None
    distribution_id: str | None
    period_id: str
    event_id: str
    entity_id: str
    amount_minor: int
    created_at: datetime


def landings(periods: Sequence[AccountingPeriod]) -> Sequence[Landing]:
    """Return where the revenue of each day goes, up to the end of the last open period.

    Later days wait for their period to be defined. Earlier ones never do: from a day before the
    first period, as from a closed one, revenue goes to the next that is open.
    """
    found: list[Landing] = []
    home: str | None = None
    ordered = defined(periods)
    for period in reversed(ordered):
        assert period.start_date is not None
        assert period.end_date is not None
        home = home if period.is_closed else period.id
        if home is not None:
            origin = period.name if period.is_closed else None
            found.append(Landing(period.start_date, period.end_date, home, origin))
    if found and home is not None:
        found.append(Landing(date.min, found[-1].first - timedelta(1), home, EARLIER))
    return found[::-1]


def limited(amounts: Sequence[int], room_minor: int) -> Sequence[int]:
    """Return how much of each amount, in the order of their days, is released (U 4.1 fact 10).

    A fund never releases more than its price: `room_minor` is what is left of it. What is taken
    back makes room, whatever its day.
    """
    room = room_minor - sum(minor for minor in amounts if minor < 0)
    released = []
    for minor in amounts:
        given = min(minor, max(room, 0)) if minor > 0 else minor
        room -= max(given, 0)
        released.append(given)
    return released


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Why a distribution holds what its period alone does not explain, in minor units.

    `belated` is by the name of the closed period it belongs to; `breakage` is of units that nobody
    used; `unreleased` is what events say beyond the price of the fund.
    """

    belated: Mapping[str, int]
    breakage_minor: int = 0
    unreleased_minor: int = 0

    def told(self, currency: Currency) -> str | None:
        """Return it as the notes of the distribution, None where there is nothing to tell."""
        belated = [
            f"{_text(minor, currency)} belong to {_name(origin)}"
            for origin, minor in self.belated.items()
            if minor
        ]
        more = len(belated) - _NAMED_MAX
        parts = belated[:_NAMED_MAX]
        parts += [f"and more to {more} other closed periods"] if more > 0 else []
        if self.breakage_minor:
            parts.append(f"{_text(self.breakage_minor, currency)} are breakage: units nobody used")
        if self.unreleased_minor:
            surplus = _text(self.unreleased_minor, currency)
            parts.append(f"no more revenue to be released: {surplus} are beyond the fund's price")
        text = "; ".join(parts)
        assert len(text) <= NOTES_LENGTH_MAX
        return text[0].upper() + text[1:] + "." if text else None


def _name(origin: str) -> str:
    return origin if origin == EARLIER else f"{origin}, which is closed"


def _text(minor: int, currency: Currency) -> str:
    return f"{major(minor, currency)} {currency.code}"
