"""Whatever is used, taken back and collected: each number is the sum of what explains it."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earned.domain.explaining import Direction, Key, NodeKind, Sums
from earned.domain.scheduling import USAGE_COLLECTED
from earned.services.close_period import close_period
from earned.services.collect_revenue import collect_revenue
from earned.services.ports import Books
from tests.property.shop import RATES, Shop, make_template, usage

DOWN, K = Direction.DOWN, NodeKind

acts = st.one_of(
    st.tuples(st.sampled_from([*RATES]), st.integers(1, 59), st.integers(-300, 900)),
    st.tuples(st.sampled_from(["collect", "collect", "close"])),
)


@pytest.fixture(scope="module")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(sqlite_template, tmp_path_factory.mktemp("explain") / "template.db")


def act(shop: Shop, what: Sequence[str | int]) -> None:
    if len(what) > 1:
        charge, day, cents = what
        assert isinstance(day, int)
        shop.record([usage(str(charge), day, str(Decimal(cents) / 100))])
        return
    with shop.writing(structural=True) as books:
        periods = books.periods.list(order_by=["start_date"])
        still = [one for one in periods if not one.is_open_ended and not one.is_closed]
        if what[0] == "close" and still:
            close_period(books, still[0].id)
        else:
            collect_revenue(books)


def sums(books: Books, parent: NodeKind, child: NodeKind, *key: str) -> Sums:
    """Return what the children of one thing add up to."""
    found = books.trail.sums(DOWN, (parent, child), [Key(key)])
    return found.get(Key(key), Sums(0, None, 0, Decimal(0)))


def check_items(books: Books) -> None:
    """See that items are the sum of what was distributed, and of what events gave."""
    for item in books.items.list():
        parts = sums(books, K.REVENUE_ITEM, K.DISTRIBUTION_ITEM, item.schedule_id, item.period_id)
        assert parts.amount_minor == item.amount_minor
    by_usage = {
        one.id
        for one in books.distributions.list()
        if one.event_type_system_id == USAGE_COLLECTED.system_id
    }
    rest = next(period.id for period in books.periods.list() if period.is_open_ended)
    for one in books.distribution_items.list():
        if one.distribution_id in by_usage and one.period_id != rest:
            key = (one.distribution_id, one.period_id)
            given = sums(books, K.DISTRIBUTION_ITEM, K.REVENUE_EVENT, *key)
            assert given.amount_minor == one.amount_minor


def check_days(books: Books) -> None:
    """See that events are days, and days the sum of what was drawn, or used beyond all funds."""
    for event in books.events.list():
        day = sums(books, K.REVENUE_EVENT, K.DAILY_CONSUMPTION, event.id)
        assert (day.count, day.amount_minor, day.quantity) == (
            *(1, event.amount_minor, event.quantity),
        )
        went = books.trail.sums(
            Direction.UP, (K.REVENUE_EVENT, K.DISTRIBUTION_ITEM), [Key((event.id,))]
        )
        collected = went[Key((event.id,))].amount_minor if went else 0
        assert collected == event.collected_minor
    for row in books.consumption.list():
        drawn = sums(books, K.DAILY_CONSUMPTION, K.BALANCE_TRANSACTION, row.id).quantity
        beyond = sums(books, K.DAILY_CONSUMPTION, K.GUIDED_USAGE, row.id)
        if row.rating_result_id is None:
            assert -(drawn or Decimal(0)) == row.quantity
            continue
        # What is told of a day is rounded to its unit after all is added up, that of a record cut
        # off at nine decimals.
        assert row.units is not None
        exact = Fraction(row.units) / RATES[str(row.usage_charge_number)]
        assert abs(Fraction(beyond.quantity or 0) - exact) <= Fraction(beyond.count, 10**9)


@settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(happened=st.lists(acts, min_size=3, max_size=12))
def test_each_number_is_the_sum_of_what_explains_it(
    template: Path, tmp_path: Path, happened: list[Sequence[str | int]]
) -> None:
    shop = Shop(template, tmp_path / "shop.db")
    for what in happened:
        act(shop, what)
    with shop.reading() as books:
        check_items(books)
        check_days(books)
    shop.application.close()
