"""What collecting took from each revenue event is kept, so that revenue leads back to usage."""

from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from sqlalchemy import select

from earned.services.collect_revenue import collect_revenue
from earned.services.record_usage import RecordUsage, record_usage
from earned.storage.tables.schedules import collected, distribution
from tests import builders
from tests.api import Keeper, keeping
from tests.periods import close, define_months

Row = tuple[str | None, str, int]


@pytest.fixture
def keeper(founded_database_url: str) -> Iterator[Keeper]:
    """Lend books in which January's 7 units are sold for 100.00, and two months are defined."""
    with keeping(founded_database_url) as lent:
        with builders.writing(lent) as books:
            define_months(books, 2026, 1, 2)
            plan = builders.prepaid_plan(books, units=7, price=100)
            builders.sell(books, builders.account(books), plan, months=1)
        yield lent


def use(keeper: Keeper, quantity: int, day: int) -> None:
    with builders.writing(keeper) as books:
        fields = {"AccountNumber": "A00000001", "UOM": "Token", "Quantity": quantity}
        moment = {"StartDateTime": date(2026, 1, day).isoformat()}
        (outcome,) = record_usage(books, [RecordUsage(fields=fields | moment)])
        assert not isinstance(outcome, Exception)


def collect(keeper: Keeper) -> None:
    with builders.writing(keeper) as books:
        collect_revenue(books)


def noted(keeper: Keeper) -> Sequence[Row]:
    """Return what was collected: number of the distribution, name of the period, minor units."""
    with builders.writing(keeper) as books:
        names = {period.id: period.name for period in books.periods.list()}
    statement = (
        select(distribution.c.number, collected.c.period_id, collected.c.amount_minor)
        .select_from(collected)
        .outerjoin(distribution)
        .order_by(collected.c.created_at, collected.c.amount_minor)
    )
    with keeper.application.database.engine.begin() as connection:
        rows = connection.execute(statement)
        return [(number, names[period_id], minor) for number, period_id, minor in rows]


def test_each_event_says_what_it_gave_to_which_period(keeper: Keeper) -> None:
    use(keeper, 2, 3)
    use(keeper, 3, 9)

    collect(keeper)

    assert noted(keeper) == [("RE-00000002", "Jan'2026", 2857), ("RE-00000002", "Jan'2026", 4286)]


def test_only_what_changed_since_is_noted(keeper: Keeper) -> None:
    use(keeper, 2, 3)
    collect(keeper)
    with builders.writing(keeper) as books:
        close(books, "Jan'2026")
    use(keeper, 1, 3)

    collect(keeper)
    collect(keeper)

    assert noted(keeper) == [("RE-00000002", "Jan'2026", 2857), ("RE-00000003", "Feb'2026", 1429)]


def test_events_that_cancel_out_are_noted_without_a_distribution(keeper: Keeper) -> None:
    use(keeper, 2, 3)
    collect(keeper)
    use(keeper, -2, 3)
    use(keeper, 2, 9)

    collect(keeper)

    assert noted(keeper) == [
        ("RE-00000002", "Jan'2026", 2857),
        (None, "Jan'2026", -2857),
        (None, "Jan'2026", 2857),
    ]


def test_what_events_gave_is_what_they_are_marked_as_collected_for(keeper: Keeper) -> None:
    use(keeper, 2, 3)
    collect(keeper)
    use(keeper, 4, 2)
    collect(keeper)

    with builders.writing(keeper) as books:
        marked = {event.id: event.collected_minor for event in books.events.list()}
    assert given(keeper) == marked
    assert sorted(marked.values()) == [2857, 5714]


def given(keeper: Keeper) -> dict[str, int]:
    totals: dict[str, int] = {}
    with keeper.application.database.engine.begin() as connection:
        for event_id, minor in connection.execute(
            select(collected.c.event_id, collected.c.amount_minor)
        ):
            totals[event_id] = totals.get(event_id, 0) + minor
    return totals
