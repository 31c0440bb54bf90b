"""Revenue schedules as the rules tell them (R 1, R 2.4, R 2.5, R 3.2), in whole cents and lists.

Written beside the program and not from it. The months are those of 2026, from January, and the last
of them may be defined late; what comes after the defined ones is Open-Ended, here the last place of
every list.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

MONTHS = 4
REST = MONTHS
PLACES = MONTHS + 1


class Refused(Exception):
    """The rules forbid it."""


@dataclass
class Sheet:
    """One schedule: its amount, the cents in each place, and what its events added to them."""

    amount: int
    day: date
    held: list[int]
    events: list[list[int]]
    deleted: bool = False
    term: tuple[date, date] | None = None


@dataclass
class Model:
    """Schedules by number, and how many of the months are defined, and closed."""

    may_oppose: bool = False
    defined: int = MONTHS - 1
    closed: int = 0
    sheets: dict[str, Sheet] = field(default_factory=dict)

    def create(self, number: str, amount: int, day: date, spread: dict[int, int]) -> None:
        """Make a schedule; without a spread all of it is in Open-Ended."""
        refuse(self.is_closed(self.place_of(day)))
        held = [0] * PLACES
        for place, cents in (spread or {REST: amount}).items():
            refuse(self.is_shut(place))
            held[place] = cents
        refuse(sum(held) != amount)
        refuse(not self.may_oppose and opposes(held[REST], amount))
        self.sheets[number] = Sheet(amount, day, held, [list(held)])

    def across(self, number: str, new: dict[int, int]) -> bool:
        """Give places new amounts; say whether an event came of it."""
        refuse(any(self.is_shut(place) for place in new))
        held = list(self.sheet(number).held)
        for place, cents in new.items():
            held[place] = cents
        return self._by_hand(number, held)

    def on_day(self, number: str, day: date, cents: int | None, percent: Fraction | None) -> bool:
        """Move cents, percent of all, or (both None) half of the rest, to a month."""
        sheet = self.sheet(number)
        place = self._open_from(day)
        refuse(place is None)
        if cents is None:
            rest = sheet.held[REST] * Fraction(1, 2)
            cents = half_up(rest if percent is None else sheet.amount * percent / 100)
        held = list(sheet.held)
        assert place is not None
        held[place] += cents
        held[REST] -= cents
        return self._by_hand(number, held)

    def over(self, number: str, start: date, end: date) -> bool:
        """Spread all of it by days; what a closed month would gain or lose, the next open one does.

        A day's share is truncated, and the last day gets what is left.
        """
        sheet = self.sheet(number)
        target = self._target(sheet.amount, start, end)
        held, carried = list(sheet.held), 0
        for place in (*range(self.defined), REST):
            if self.is_closed(place):
                carried += target[place] - held[place]
            else:
                held[place], carried = target[place] + carried, 0
        made = self._become(number, held)
        sheet.term = (start, end)
        return made

    @property
    def is_waiting(self) -> bool:
        """Whether a schedule was spread over days that have no month yet."""
        return any(one.term and one.held[REST] and not one.deleted for one in self.sheets.values())

    def define(self) -> None:
        """Define the next month: it takes its share of what was spread by days and waits."""
        place = self.defined
        self.defined += 1
        for number, sheet in self.sheets.items():
            if sheet.deleted or sheet.term is None:
                continue
            rest, due = sheet.held[REST], sum(self._target(sheet.amount, *sheet.term)[:REST])
            share = due - (sheet.amount - rest)
            share = max(min(share, rest), 0) if rest > 0 else min(max(share, rest), 0)
            held = list(sheet.held)
            held[place] += share
            held[REST] -= share
            self._become(number, held)

    def delete(self, number: str) -> None:
        """Delete a schedule."""
        sheet = self.sheet(number)
        refuse(any(sheet.held[: self.closed]))
        refuse(self.is_closed(self.place_of(sheet.day)))
        sheet.deleted = True

    def sheet(self, number: str) -> Sheet:
        """Return a schedule that is there."""
        sheet = self.sheets[number]
        refuse(sheet.deleted)
        return sheet

    def is_closed(self, place: int) -> bool:
        """Say whether a place is a closed month; Open-Ended never is."""
        return place < self.closed

    def is_shut(self, place: int) -> bool:
        """Say whether nothing may be said of a place: it is closed, or not defined yet."""
        return self.is_closed(place) or self.defined <= place < REST

    def place_of(self, day: date) -> int:
        """Return the month of a day from 2026 on; what comes after the defined is Open-Ended."""
        is_known = day.year == date(2026, 1, 1).year and day.month <= self.defined
        return day.month - 1 if is_known else REST

    def _target(self, amount: int, start: date, end: date) -> list[int]:
        days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
        unit = abs(amount) // len(days) * (-1 if amount < 0 else 1)
        target = [0] * PLACES
        for day in days:
            target[self.place_of(day)] += unit
        target[self.place_of(end)] += amount - unit * len(days)
        return target

    def _by_hand(self, number: str, held: list[int]) -> bool:
        """Who touches Open-Ended decides what waits there from now on."""
        sheet = self.sheet(number)
        was = sheet.held[REST]
        made = self._become(number, held)
        if sheet.held[REST] != was:
            sheet.term = None
        return made

    def _become(self, number: str, held: list[int]) -> bool:
        sheet = self.sheet(number)
        refuse(sum(held) != sheet.amount)
        was, rest = sheet.held[REST], held[REST]
        if opposes(rest, sheet.amount) and not self.may_oppose:
            refuse(not opposes(was, sheet.amount) or abs(rest) > abs(was))
        added = [new - old for new, old in zip(held, sheet.held, strict=True)]
        if not any(added):
            return False
        sheet.events.append(added)
        sheet.held = held
        return True

    def _open_from(self, day: date) -> int | None:
        place = max(self.place_of(day), self.closed)
        return place if place < self.defined else None


def opposes(rest: int, amount: int) -> bool:
    """Say whether Open-Ended is negative, or positive where the amount is negative."""
    return rest > 0 if amount < 0 else rest < 0


def half_up(cents: Fraction) -> int:
    """Round half away from zero."""
    whole = int(abs(cents) * 2 + 1) // 2
    return whole if cents >= 0 else -whole


def refuse(broken: object) -> None:
    """Refuse what breaks a rule."""
    if broken:
        raise Refused
