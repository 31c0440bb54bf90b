"""The tables on collecting and breakage are what happens."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from earned.domain.money import Currency, major
from earned.services.ports import Books
from tests import builders
from tests.api import Api, Clock, serving
from tests.periods import define_months

CONCEPTS = Path(__file__).parents[2] / "docs" / "concepts"
USD = Currency.of("USD")
REGENERATE = "/v1/uno-regenerate/rev-rec-events/daily-consumption?forRevenueRecollect=true"
JANUARY, FEBRUARY, REST = "Jan'2026", "Feb'2026", "Open-Ended"

Step = Callable[[], object]
Row = Sequence[Decimal]


def tables(page: str) -> list[list[Row]]:
    """Return the numbers of each table of `what happens`, row by row."""
    text = (CONCEPTS / f"{page}.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| what happens .*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [
        [[Decimal(cell) for cell in line.split("|")[2:-1]] for line in table.splitlines()]
        for table in found
    ]


def use(api: Api, account: str, quantity: int, day: int) -> None:
    record = {"AccountNumber": account, "UOM": "Token", "Quantity": quantity}
    api.made("/v1/object/usage", {**record, "StartDateTime": f"2026-01-{day}"})


def told(minor: int) -> Decimal:
    return major(minor, USD)


def run(steps: Sequence[Step], look: Callable[[], Row]) -> Iterator[Row]:
    for step in steps:
        step()
        yield look()


def test_collecting_does_what_its_table_says(migrated_sqlite_url: str) -> None:
    (expected,) = tables("collecting")

    with serving(migrated_sqlite_url) as api:
        with builders.writing(api) as books:
            periods = define_months(books, 2026, 1, 2)
            plan = builders.prepaid_plan(books)
            sold = builders.sell(books, builders.account(books, number="A-1"), plan, months=1)
        charge = {"originalChargeId": sold.charge("Prepayment").original_id}

        def close(place: int) -> None:
            api.put(f"/v1/accounting-periods/{periods[place].id}/close")

        def collect() -> None:
            api.made("/v1/revenue/collect", None)

        def fill_and_close() -> None:
            use(api, "A-1", 15_000, 20)
            close(0)

        def take_back() -> None:
            use(api, "A-1", -8_000, 20)
            collect()

        def recollect() -> None:
            api.made(REGENERATE, charge)
            collect()

        steps: list[Step] = [
            lambda: None,
            lambda: use(api, "A-1", 90_000, 10),
            collect,
            fill_and_close,
            take_back,
            recollect,
            lambda: close(1),
        ]
        assert list(run(steps, lambda: lying(api))) == expected
        assert notes(api) == {None, "-30.00 USD belong to Jan'2026, which is closed."} | {
            "-100.00 USD belong to Jan'2026, which is closed."
        }


def lying(api: Api) -> Row:
    """Return what lies in the schedule of the fund, then in those of overage."""
    with builders.writing(api) as books:
        fund: dict[str, int] = {}
        overage: dict[str, int] = {}
        names = {period.id: period.name for period in books.periods.list()}
        for schedule in books.schedules.list():
            amounts = fund if schedule.fund_id else overage
            for item in books.items.list(schedule_id=schedule.id):
                name = names[item.period_id]
                amounts[name] = amounts.get(name, 0) + item.amount_minor
    cells = [fund.get(JANUARY, 0), fund.get(FEBRUARY, 0), fund.get(REST, 0)]
    cells += [overage.get(JANUARY, 0), overage.get(FEBRUARY, 0)]
    assert not overage.get(REST)
    return [told(minor) for minor in cells]


def notes(api: Api) -> set[str | None]:
    with builders.writing(api) as books:
        return {made.notes for made in books.distributions.list()}


def test_breakage_does_what_its_tables_say(migrated_sqlite_url: str) -> None:
    by_policy, late = tables("breakage")

    clock = Clock()
    clock.now = datetime(2026, 2, 15, 12, tzinfo=UTC)
    with serving(migrated_sqlite_url, clock) as api:
        with builders.writing(api) as books:
            sell(books, "A-1")
            rate = Decimal("0.1")
            sell(books, "A-2", breakage_policy="Proportional", expected_breakage_rate=rate)
            sell(books, "A-3", breakage_policy="None")

        def use_all(quantity: int) -> None:
            for account in ("A-1", "A-2", "A-3"):
                use(api, account, quantity, 10)

        steps: list[Step] = [
            lambda: use_all(270),
            lambda: use_all(180),
            lambda: use_all(450),
            lambda: use_all(50),
            lambda: expire(api, 2),
        ]
        assert list(run(steps, lambda: earned(api))) == by_policy

        with builders.writing(api) as books:
            sell(books, "A-4", units=10_000, price=1200)
        steps = [
            lambda: use(api, "A-4", 3_333, 10),
            lambda: expire(api, 1),
            lambda: use(api, "A-4", 1_000, 20),
            lambda: use(api, "A-4", -500, 20),
            lambda: use(api, "A-4", 7_000, 30),
        ]
        assert list(run(steps, lambda: used_and_expired(api))) == late
        with builders.writing(api) as books:
            (rating,) = books.rating_results.list()
            assert rating.quantity == 833


def sell(books: Books, account: str, *, units: int = 1000, price: int = 1000, **terms: Any) -> None:
    plan = builders.rate_plan(books)
    builders.prepayment_charge(books, plan, units=units, price=price, **terms)
    builders.drawdown_charge(books, plan)
    builders.sell(books, builders.account(books, number=account), plan, months=1)


def expire(api: Api, funds: int) -> None:
    answer = api.made("/v1/revenue/expire-funds", {"throughDate": "2026-01-31"})
    assert answer["expiredFundCount"] == funds


def earned(api: Api) -> Row:
    """Return what the fund of each account has earned."""
    with builders.writing(api) as books:
        numbers = {account.id: account.number for account in books.accounts.list()}
        totals: dict[str, int] = {}
        for event in books.events.list():
            number = numbers[event.account_id]
            totals[number] = totals.get(number, 0) + (event.amount_minor or 0)
    return [told(totals[number]) for number in sorted(totals)]


def used_and_expired(api: Api) -> Row:
    """Return what was used and what expired of the last account's fund, and its liability."""
    with builders.writing(api) as books:
        account = books.accounts.find(number="A-4")
        assert account
        (fund,) = books.funds.list(account_id=account.id)
        amounts: Mapping[bool, list[int]] = {True: [0], False: [0]}
        for day in books.consumption.list(fund_id=fund.id):
            amounts[day.ending is None].append(day.amount_minor)
    used, expired = sum(amounts[True]), sum(amounts[False])
    return [told(used), told(expired), told(fund.funding_price_minor - used - expired)]
