"""Whatever is distributed, closed, run and cancelled: each revenue event item is posted once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earned.domain.accounting import AccountingPeriod
from earned.domain.errors import EarnedError
from earned.domain.journal import EntryStatus, Transferred
from earned.domain.periods import defined, open_ended
from earned.domain.posting import Code, PostingSum, Side, TransactionType, post, summarize
from earned.domain.schedule import RevenueSchedule
from earned.domain.scheduling import REVENUE_DISTRIBUTED
from earned.services.add_distributions import NewDistribution
from earned.services.annotate_entry import AnnotateEntry, annotate_journal_entry
from earned.services.audit_journal import audit_journal
from earned.services.cancel_journal import (
    cancel_journal_entry,
    cancel_journal_run,
    delete_journal_run,
)
from earned.services.close_period import close_period
from earned.services.move_revenue import move_revenue
from earned.services.open_schedule import open_schedule
from earned.services.ports import Books, NumberKind
from earned.services.reopen_period import reopen_period
from earned.services.run_journal import RunJournal, run_journal
from tests import builders
from tests.api import Keeper, keeping
from tests.builders import writing
from tests.periods import define_months

T = TypeVar("T")

REVENUE = TransactionType.REVENUE_EVENT_ITEM
MONTHS = 3
STORIES = 25
CODES = ("Subscription Revenue", "Support Revenue", None)

places = st.integers(0, 9)
cents = st.integers(-500, 20_000)
spreads = st.dictionaries(st.integers(0, MONTHS - 1), cents, min_size=1)
steps = st.one_of(
    st.tuples(st.just("make"), places, spreads),
    st.tuples(st.just("move"), places, spreads),
    st.tuples(st.sampled_from(["close", "reopen"]), places, st.none()),
    st.tuples(st.sampled_from(["run", "run", "cancel run", "delete run"]), places, st.none()),
    st.tuples(st.just("cancel entry"), places, st.none()),
    st.tuples(st.just("transfer"), places, st.sampled_from(Transferred)),
)


class Undone(Exception):
    """A story is over, and nothing of it is kept."""


class Nothing(Exception):
    """There is nothing to choose from."""


def _pick(rows: Sequence[T], place: int) -> T:
    if not rows:
        raise Nothing
    return rows[place % len(rows)]


@contextmanager
def telling(keeper: Keeper) -> Iterator[Books]:
    """Lend books for one story, which is never committed."""
    with suppress(Undone), writing(keeper) as books:
        yield books
        raise Undone


@dataclass
class Story:
    """Schedules of one charge, and what happens to them and to the journal."""

    books: Books
    charge_id: str

    @property
    def periods(self) -> Sequence[AccountingPeriod]:
        return defined(self.books.periods.list())

    def take(self, step: str, place: int, more: object) -> None:
        """Do something, unless it is refused or there is nothing to do it to."""
        with suppress(EarnedError, Nothing), self.books.attempt():
            act = getattr(self, step.replace(" ", "_"))
            act(place) if more is None else act(place, more)

    def make(self, place: int, spread: dict[int, int]) -> None:
        """Make a schedule that lies in open months and in Open-Ended."""
        amounts = self._open(spread)
        charge = self.books.charges.find(id=self.charge_id)
        assert charge
        schedule = RevenueSchedule(
            id=self.books.new_id(),
            entity_id=self.books.scope.entity_id,
            number=self.books.next_number(NumberKind.REVENUE_SCHEDULE),
            account_id=charge.account_id,
            original_subscription_id=charge.original_subscription_id,
            charge_id=charge.original_id,
            amount_minor=sum(amounts.values()) + 100,
            currency=("USD", "JPY")[place % 2],
            rule_name="Any",
            schedule_date=self.periods[0].start_date or builders.NEW_YEAR,
            recognized_code=CODES[place % 3],
            **self.books.stamp(),
        )
        rest = open_ended(self.books.periods.list()).id
        first = NewDistribution(amounts_minor={**amounts, rest: 100}, type=REVENUE_DISTRIBUTED)
        open_schedule(self.books, schedule, first)

    def move(self, place: int, spread: dict[int, int]) -> None:
        """Move revenue of a schedule between open months and Open-Ended."""
        schedule = _pick(self.books.schedules.list(order_by=["number"]), place)
        amounts = self._open(spread)
        rest = open_ended(self.books.periods.list()).id
        deltas = {**amounts, rest: -sum(amounts.values())}
        move_revenue(self.books, schedule, deltas, REVENUE_DISTRIBUTED)

    def _open(self, spread: dict[int, int]) -> dict[str, int]:
        periods = self.periods
        return {
            periods[place].id: minor
            for place, minor in spread.items()
            if not periods[place].is_closed
        }

    def close(self, place: int) -> None:
        close_period(self.books, _pick(self.periods, place).id)

    def reopen(self, place: int) -> None:
        reopen_period(self.books, _pick(self.periods, place).id)

    def run(self, place: int) -> None:
        name = _pick(self.periods, place).name
        run_journal(
            self.books, RunJournal(transaction_types=[REVENUE], accounting_period_name=name)
        )

    def cancel_run(self, place: int) -> None:
        cancel_journal_run(self.books, self._run(place))

    def delete_run(self, place: int) -> None:
        delete_journal_run(self.books, self._run(place))

    def cancel_entry(self, place: int) -> None:
        cancel_journal_entry(self.books, self._entry(place))

    def transfer(self, place: int, more: Transferred) -> None:
        command = AnnotateEntry(number=self._entry(place), transferred=more)
        annotate_journal_entry(self.books, command)

    def _run(self, place: int) -> str:
        return _pick(self.books.journal_runs.list(order_by=["number"]), place).number

    def _entry(self, place: int) -> str:
        return _pick(self.books.entries.list(order_by=["number"]), place).number


def posted_once(books: Books) -> Iterator[str]:
    """Say which items of defined periods are not in exactly one entry in force."""
    links = Counter(
        (link.source_id, link.period_id) for link in books.posted.list(released_at=None)
    )
    rest = open_ended(books.periods.list()).id
    items = {
        (item.distribution_id, item.period_id)
        for item in books.distribution_items.list()
        if item.period_id != rest and item.amount_minor
    }
    for item in items | links.keys():
        if links[item] != (item in items):
            yield f"{item} is posted {links[item]} times"


def in_entries(books: Books, period: AccountingPeriod) -> Sequence[PostingSum]:
    """Add up the entries in force of a period, as one run over all of it would have made them."""
    sums: Counter[tuple[str, Code, Code]] = Counter()
    counts: Counter[tuple[str, Code, Code]] = Counter()
    for entry in books.entries.list(period_id=period.id, status=EntryStatus.CREATED):
        items = books.entry_items.list(entry_id=entry.id, order_by=["place"])
        debit, credit = (Code(item.code_name, item.code_type) for item in items)
        assert [item.side for item in items] == [Side.DEBIT, Side.CREDIT]
        assert [item.amount_minor for item in items] == [entry.total_minor] * 2
        key = (entry.currency, debit, credit)
        sums[key] += entry.total_minor
        counts[key] += entry.source_count
    found = [PostingSum(REVENUE, *key, sums[key], counts[key]) for key in sums]
    return sorted(found, key=lambda one: one.order)


def in_schedules(books: Books, period: AccountingPeriod) -> Sequence[PostingSum]:
    """Add up the postings of a period, one transaction at a time."""
    schedules = {schedule.id: schedule for schedule in books.schedules.list()}
    owners = {made.id: schedules[made.schedule_id] for made in books.distributions.list()}
    postings = (
        post(
            REVENUE,
            owners[item.distribution_id].currency,
            item.amount_minor,
            Code(None, "DeferredRevenue"),
            Code(owners[item.distribution_id].recognized_code, "SalesRevenue"),
        )
        for item in books.distribution_items.list(period_id=period.id)
    )
    return summarize(posting for posting in postings if posting)


def test_every_revenue_event_item_is_posted_exactly_once(founded_database_url: str) -> None:
    with keeping(founded_database_url) as keeper:
        with writing(keeper) as books:
            define_months(books, 2026, *range(1, MONTHS + 1))
            plan = builders.rate_plan(books)
            builders.unlimited_charge(books, plan)
            charge_id = builders.sell(books, builders.account(books), plan).charge("Project").id

        @settings(
            max_examples=STORIES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(steps, max_size=25))
        def tell(story: list[tuple[str, int, object]]) -> None:
            with telling(keeper) as books:
                told = Story(books, charge_id)
                for step in story:
                    told.take(*step)
                for place in range(MONTHS):
                    told.run(place)

                assert list(posted_once(books)) == []
                for period in told.periods:
                    assert in_entries(books, period) == in_schedules(books, period)
                assert list(audit_journal(books, Counter())) == []

        tell()
