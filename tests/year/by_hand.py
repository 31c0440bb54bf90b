"""Revenue that people distribute: of projects, and of fees with a manual rule."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from earned.services.ports import Books
from tests.year.company import Project
from tests.year.formulas import BACK, BY_DAYS, DAILY, FRONT, Spread
from tests.year.months import OPEN_ENDED, first_day, month_of
from tests.year.office import Office
from tests.year.reckoner import Reckoner, Schedule

METHODS = (DAILY, FRONT, BACK, BY_DAYS)


class HandDesk:
    """Schedules that people distribute."""

    def __init__(self, office: Office, reckoner: Reckoner, random: Random) -> None:
        self.office = office
        self.reckoner = reckoner
        self.random = random
        self.projects: list[Project] = []
        self.deleted = 0

    def make(self, books: Books, month: int, project: Project) -> None:
        """Make a schedule: all of it in Open-Ended, or some of it in months that are open.

        Some are of the next month, and may be thought better of until that is closed.
        """
        money, random = project.money, self.random
        amount = random.randrange(5_000, 900_000) * money.step
        ahead = random.random() < 0.5
        day = self._day(month + ahead)
        months = random.sample(self.reckoner.open_months[ahead:], random.randrange(2 + (not ahead)))
        held = {at: random.randrange(amount // 3) for at in months}
        held[OPEN_ENDED] = amount - sum(held.values())
        schedule = self.reckoner.open(project, day, amount, held)
        self.office.make_schedule(books, schedule, held)

    def delete(self, books: Books) -> None:
        """Delete a schedule of a project, if there is one that may be."""
        made = [one for one in self.office.numbers if isinstance(one.contract, Project)]
        found = [one for one in made if self.reckoner.may_delete(one)]
        if found:
            schedule = self.random.choice(found)
            self.office.delete_schedule(books, schedule)
            self.reckoner.delete(schedule)
            self.deleted += 1

    def distribute(self, books: Books, month: int, schedules: list[Schedule], count: int) -> None:
        """Distribute some schedules, each in a way of its own."""
        ways: tuple[Callable[[Books, int, Schedule], None], ...] = (
            self._across,
            self._fixed,
            self._percent_of_total,
            self._percent_of_the_rest,
            self._over_range,
        )
        for schedule in self.random.sample(schedules, min(count, len(schedules))):
            self.random.choice(ways)(books, month, schedule)

    def _across(self, books: Books, month: int, schedule: Schedule) -> None:
        """Give half of what an open month holds to another."""
        holding = [m for m in self.reckoner.open_months if schedule.held.get(m, 0) > 1]
        if not holding:
            self._percent_of_the_rest(books, month, schedule)
            return
        giver, taker = self.random.choice(holding), self.random.choice(self.reckoner.open_months)
        if giver == taker:
            taker = OPEN_ENDED
        minor = schedule.held[giver] // 2
        deltas = {giver: -minor, taker: minor}
        new = {at: schedule.held.get(at, 0) + delta for at, delta in deltas.items()}
        self.reckoner.move_by_hand(schedule, deltas)
        self.office.move_across(books, schedule, new)

    def _fixed(self, books: Books, month: int, schedule: Schedule) -> None:
        minor = schedule.undistributed // 3
        fields = {"amount": schedule.contract.money.text(minor)}
        self._on_day(books, month, schedule, "delta fixed amount", minor, fields)

    def _percent_of_total(self, books: Books, month: int, schedule: Schedule) -> None:
        tenths = self.random.randrange(1, 400)
        minor = schedule.contract.money.rounded(Fraction(schedule.amount * tenths, 1000))
        if minor <= schedule.undistributed:
            fields = {"percentage": f"{tenths // 10}.{tenths % 10}"}
            self._on_day(books, month, schedule, "delta percent total", minor, fields)

    def _percent_of_the_rest(self, books: Books, month: int, schedule: Schedule) -> None:
        percent, rest = self.random.choice((10, 25, 33, 100)), schedule.undistributed
        minor = schedule.contract.money.rounded(Fraction(rest * percent, 100))
        minor = rest if percent == 100 else min(minor, rest)
        fields = {"percentage": percent}
        self._on_day(books, month, schedule, "delta percent undistributed", minor, fields)

    def _on_day(
        self,
        books: Books,
        month: int,
        schedule: Schedule,
        kind: str,
        minor: int,
        fields: Mapping[str, object],
    ) -> None:
        """Move an amount into the month of a day, which may be closed."""
        day = self._day(month - self.random.randrange(2))
        home = self.reckoner.lands(month_of(day))
        self.reckoner.move_by_hand(schedule, {home: minor, OPEN_ENDED: -minor})
        said = {"distributeOn": day.isoformat(), "distributionType": f"specific date ({kind})"}
        self.office.move_on_day(books, schedule, {**said, **fields})

    def _over_range(self, books: Books, month: int, schedule: Schedule) -> None:
        start = self._day(month - self.random.randrange(3))
        end = start + timedelta(self.random.randrange(20, 200))
        spread = Spread(start, end, self.random.choice(METHODS))
        self.reckoner.spread_anew(schedule, spread)
        fields = {
            "recognitionStart": start.isoformat(),
            "recognitionEnd": end.isoformat(),
            "distributionType": spread.method,
        }
        self.office.move_over_range(books, schedule, fields)

    def _day(self, month: int) -> date:
        return first_day(max(month, 0)) + timedelta(self.random.randrange(27))
