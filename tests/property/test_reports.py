"""Whatever happens to the books, reports tie out, and say of the past what they said then."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earned.domain.errors import EarnedError
from earned.domain.report_fields import row_fields
from earned.domain.report_text import to_csv
from earned.domain.terms import TriggerDates
from earned.services.add_product import AddProduct, add_product
from earned.services.add_rate_plans import ChosenPlan
from earned.services.close_period import close_period
from earned.services.collect_revenue import collect_revenue
from earned.services.reopen_period import reopen_period
from earned.services.report import REPORTS, ReportQuery, make_report
from earned.services.schedule_revenue import ScheduleRevenue, schedule_revenue
from tests import builders
from tests.api import keeping
from tests.periods import define_months
from tests.property.shop import Shop, day_of, make_template, usage

Rows = Sequence[dict[str, Any]]
PERIODS = ("Jan'2026", "Feb'2026", "Mar'2026", "Open-Ended")

used = st.tuples(st.just("use"), st.integers(1, 59), st.integers(-400, 900))
made = st.tuples(
    st.just("make"),
    st.sampled_from(["Project", "Projekt"]),
    st.integers(-500, 900),
    st.lists(st.integers(-200, 400), min_size=3, max_size=3),
)
acts = st.one_of(
    used,
    used,
    made,
    st.tuples(st.just("top up"), st.integers(1, 59)),
    st.tuples(st.sampled_from(["collect", "close", "close", "reopen", "define"])),
)


@pytest.fixture(scope="module")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Add to what the shop sells a project in dollars and one in yen."""
    path = make_template(sqlite_template, tmp_path_factory.mktemp("reports") / "template.db")
    with keeping(f"sqlite:///{path}") as keeper, builders.writing(keeper) as books:
        for name, currency in (("Project", "USD"), ("Projekt", "JPY")):
            plan = builders.rate_plan(books, name)
            facts: dict[str, Any] = {"name": name, "tiers": builders.prices(300, currency)}
            builders.unlimited_charge(books, plan, **facts)
            builders.sell(books, builders.account(books, currency=currency), plan)
    return path


def act(shop: Shop, what: Sequence[Any]) -> None:
    """Do one thing to the books; what the rules forbid is not done."""
    if what[0] == "use":
        shop.record([usage("C-00000002", what[1], str(Decimal(what[2]) / 100))])
        return
    with shop.writing(structural=True) as books:
        try:
            with books.attempt():
                _change(books, what)
        except EarnedError:
            pass


def _change(books: Any, what: Sequence[Any]) -> None:
    periods = books.periods.list(order_by=["start_date"])
    defined = [period for period in periods if not period.is_open_ended]
    if what[0] == "make":
        schedule_revenue(books, _by_hand(books, *what[1:]))
    elif what[0] == "top up":
        _top_up(books, what[1])
    elif what[0] == "collect":
        collect_revenue(books)
    elif what[0] == "close":
        close_period(books, next((p for p in defined if not p.is_closed), defined[-1]).id)
    elif what[0] == "reopen":
        reopen_period(books, next((p for p in reversed(defined) if p.is_closed), defined[0]).id)
    elif len(defined) == len(PERIODS) - 2:
        define_months(books, 2026, 3)


def _top_up(books: Any, day: int) -> None:
    """Add tokens that are good from a day on, which may lie in a closed period."""
    subscription = books.subscriptions.find(number="A-S00000001", is_latest=True)
    plan = books.product_rate_plans.find(name="More")
    chosen = ChosenPlan(product_rate_plan_id=plan.id)
    command = AddProduct(triggers=TriggerDates.of(day_of(day)), rate_plan=chosen)
    add_product(books, subscription, command)


def _by_hand(books: Any, name: str, amount: int, parts: Sequence[int]) -> ScheduleRevenue:
    """Return the command for a schedule over two months and Open-Ended."""
    rest = amount - sum(parts[:2])
    names = (*PERIODS[:2], PERIODS[-1])
    distributed = [
        {"accountingPeriodName": period, "newAmount": str(part)}
        for period, part in zip(names, (*parts[:2], rest), strict=True)
    ]
    fields = {
        "amount": str(amount),
        "revenueScheduleDate": f"2026-0{1 + parts[2] % 3}-10",
        "revenueDistributions": distributed,
    }
    charge = next(one for one in books.charges.list() if one.name == name)
    return ScheduleRevenue(charge_key=charge.id, fields=fields)


def said(shop: Shop, at: datetime | None = None) -> dict[str, str]:
    """Return every report as a file, as of a moment."""
    as_of = at.isoformat(timespec="microseconds") if at else None
    with shop.reading() as books:
        return {
            name: to_csv(make_report(books, ReportQuery(name=name, as_of=as_of)).report)
            for name in REPORTS
        }


def tables(shop: Shop, name: str, **query: Any) -> tuple[Rows, Rows]:
    with shop.reading() as books:
        report = make_report(books, ReportQuery(name=name, **query)).report
    return (
        [dict(row_fields(report, row)) for row in report.rows],
        [dict(row_fields(report, row)) for row in report.totals],
    )


def check(shop: Shop) -> None:
    """See that the reports tie out, with one another and with the schedules there are."""
    with shop.reading() as books:
        schedules = {schedule.id: schedule for schedule in books.schedules.list(deleted=False)}
        items = books.items.list()
        periods = {period.id: period for period in books.periods.list()}
    amounts = {"USD": Decimal(0), "JPY": Decimal(0)}
    closed = dict(amounts)
    for schedule in schedules.values():
        amounts[schedule.currency] += major(schedule.amount_minor, schedule.currency)
    for item in items:
        currency = schedules[item.schedule_id].currency
        if periods[item.period_id].is_closed:
            closed[currency] += major(item.amount_minor, currency)
    check_waterfall(shop, amounts)
    check_roll_forward(shop)
    for row in tables(shop, "recognized-revenue")[1]:
        assert row["amount"] == closed[row["currency"]]
    overage = sum(
        major(one.amount_minor, one.currency) for one in schedules.values() if one.rating_result_id
    )
    for row in tables(shop, "obligations")[1]:
        rated = overage if row["currency"] == "USD" else 0
        assert row["remaining"] + row["recognized"] == row["amount"]
        assert row["amount"] == amounts[row["currency"]] - rated
    for row in tables(shop, "usage-to-revenue")[0]:
        assert not row["unitsUnexplained"]
        assert not row["unexplained"]
        assert not row["beyondPrice"]


def major(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-{"USD": 2, "JPY": 0}[currency])


def check_waterfall(shop: Shop, amounts: dict[str, Decimal]) -> None:
    """See that each row adds up to its amount, and the rows to the totals."""
    rows, totals = tables(shop, "waterfall")
    for row in (*rows, *totals):
        assert sum(cell["amount"] for cell in row["accountingPeriods"]) == row["amount"]
        assert row["recognizedRevenue"] + row["unrecognizedRevenue"] == row["amount"]
    for total in totals:
        mine = [row for row in rows if row["currency"] == total["currency"]]
        assert sum(row["amount"] for row in mine) == total["amount"] == amounts[total["currency"]]
        for place, cell in enumerate(total["accountingPeriods"]):
            assert cell["amount"] == sum(row["accountingPeriods"][place]["amount"] for row in mine)


def check_roll_forward(shop: Shop) -> None:
    """See that each period opens with what the one before closed with, down to what is left."""
    rows, totals = tables(shop, "roll-forward", last=PERIODS[-1])
    closing: dict[tuple[Any, ...], Decimal] = {}
    for row in rows:
        key = (row["currency"], row["deferredRevenueAccountingCode"])
        assert row["opening"] == closing.get(key, 0)
        assert row["difference"] == 0
        assert row["closing"] == row["opening"] + row["additions"] - row["credits"] - sum(
            row[name] for name in ("recognizedByDrawdown", "recognizedBySchedule", "breakage")
        )
        closing[key] = row["closing"]
    left = {row["currency"]: row["remaining"] for row in tables(shop, "obligations")[1]}
    for total in totals:
        assert total["closing"] == left[total["currency"]]


def kept(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """Return the lines of the roll-forward for periods that were closed and still are."""
    lines = [text["roll-forward"].splitlines() for text in (before, after)]
    closed = [{line.split(",")[4] for line in part if ",closed," in line} for part in lines]
    return {line for line in lines[0] if line.split(",")[4] in closed[0] & closed[1]}


@settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(happened=st.lists(acts, min_size=3, max_size=12))
def test_reports_tie_out_and_stand_by_what_they_said(
    template: Path, tmp_path: Path, happened: list[Sequence[Any]]
) -> None:
    shop = Shop(template, tmp_path / "shop.db")
    history = []
    for what in happened:
        act(shop, what)
        check(shop)
        history.append((shop.application.database.now(), said(shop)))
    for (_, before), (_, after) in pairwise(history):
        assert kept(before, after) <= set(after["roll-forward"].splitlines())

    for at, then in history:
        assert said(shop, at) == then
    assert said(shop, shop.application.database.now()) == said(shop)
    shop.application.close()
