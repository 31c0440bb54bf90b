"""Several server processes distribute the revenue of one schedule: nothing is lost or doubled."""

from collections import Counter

from earned.domain.schedule_state import ScheduleState, broken_rules
from tests import builders
from tests.api import keeping
from tests.concurrency.load import Request, by_status, clients, reading, send_all, servers
from tests.periods import define_months

MONTHS = (1, 2, 3)
MOVES = 90
RS = "/v1/revenue-schedules/RS-00000001"


def move(number: int) -> Request:
    """Move one dollar out of Open-Ended into a month."""
    body = {
        "distributeOn": f"2026-{MONTHS[number % len(MONTHS)]:02}-10",
        "distributionType": "specific date (delta fixed amount)",
        "amount": 1,
    }
    return Request(f"{RS}/distribute-revenue-on-specific-date", body, method="PUT")


def test_three_processes_on_one_schedule(migrated_postgresql_url: str) -> None:
    url = migrated_postgresql_url
    with keeping(url) as keeper, builders.writing(keeper) as books:
        define_months(books, 2026, *MONTHS)
        plan = builders.rate_plan(books)
        builders.unlimited_charge(books, plan)
        charge = builders.sell(books, builders.account(books), plan).charge("Project")
    new = {"amount": 80, "revenueScheduleDate": "2026-01-01"}
    schedule = Request(f"/v1/revenue-schedules/subscription-charges/{charge.id}", new)

    with servers(url, 3) as running, clients(running, 9) as senders:
        assert senders[0].send(schedule).status == 200
        answers = send_all(senders, [move(number) for number in range(MOVES)])

    # There are 80 dollars to move.
    assert by_status(answers) == {200: 80, 400: 10}
    done = [answer for answer in answers if answer.status == 200]
    numbers = sorted(str(answer.body["revenueEventNumber"]) for answer in done)
    assert numbers == [f"RE-{number:08}" for number in range(2, 82)]
    moved = Counter(answer.request.body["distributeOn"] for answer in done)
    with reading(url) as books:
        periods = {period.id: period for period in books.periods.list()}
        (found,) = books.schedules.list()
        items = books.items.list()
        made = [
            (one, books.distribution_items.list(distribution_id=one.id))
            for one in books.distributions.list(order_by=["number"])
        ]
    assert list(broken_rules(ScheduleState(found, items, made), periods)) == []
    held = {str(periods[item.period_id].start_date): item.amount_minor for item in items}
    assert held == {
        "None": 0,
        **{f"2026-{month:02}-01": moved[f"2026-{month:02}-10"] * 100 for month in MONTHS},
    }
