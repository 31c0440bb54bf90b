"""What must be true of the books after every step of a story."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from earned.domain.consumption import DailyConsumption, Ending, EventType
from earned.domain.prepaid import BalanceTransaction
from earned.domain.schedule_state import ScheduleState, broken_rules
from tests.property.agreed import PERIODS
from tests.property.model import CREDIT, EXPIRY, Model
from tests.property.shop import Shop, number_of, segment_name

MONTHS = ("Jan'2026", "Feb'2026")
ENDINGS = {Ending.CREDIT: CREDIT, Ending.EXPIRY: EXPIRY}


def books_are_those_of(shop: Shop, model: Model) -> None:
    """Balances, ledger, daily rows and their events are what the model makes of it."""
    with shop.reading() as books:
        funds = books.funds.list(order_by=["created_at", "id"])
        balances = books.balances.list()
        days = books.consumption.list()
        events = [e for e in books.events.list() if e.event_type != EventType.FUND_ROLLOVER]
        ledger = books.transactions.list(order_by=["id"])
        guided = books.guided_usage.list(deleted=False, order_by=["id"])
    assert [Fraction(fund.balance) for fund in funds] == [f.balance for f in model.funds]
    assert [Fraction(fund.funded_balance) for fund in funds] == [f.size for f in model.funds]
    assert [fund.done for fund in funds] == [f.done for f in model.funds]
    assert [fund.credited_minor for fund in funds] == [f.credited for f in model.funds]
    assert [fund.funding_price_minor for fund in funds] == [f.cents for f in model.funds]
    assert all(0 <= fund.balance <= fund.funded_balance for fund in funds)
    left = [Fraction(balance.balance) for balance in balances]
    assert sum(left) == sum(f.balance for f in model.funds)
    assert sum(left) == sum(Fraction(row.amount) for row in ledger)
    assert Fraction(ledger[-1].balance) in left
    for at, fund in enumerate(funds):
        _check_fund(model, at, [row for row in days if row.fund_id == fund.id])
    assert sorted((row.quantity, row.amount_minor) for row in days) == sorted(
        (event.quantity, event.amount_minor or 0) for event in events
    )
    _check_overage(model, days)
    drawn = drawn_by_usage(ledger)
    assert [drawn[row.id] for row in guided] == [part.drawn for part in model.live]


def drawn_by_usage(ledger: Iterable[BalanceTransaction]) -> Mapping[str, Fraction]:
    """Return what each guided usage has of all funds, by its id."""
    drawn: dict[str, Fraction] = defaultdict(Fraction)
    for row in ledger:
        drawn[row.source_id] -= Fraction(row.amount)
    return drawn


def _check_fund(model: Model, at: int, days: Sequence[DailyConsumption]) -> None:
    """The daily rows of a fund are what was used of it, and earn its price when all of it is."""
    rows = {(number_of(row.transaction_date), _charge_of(row)): row for row in days}
    fund, expected = model.funds[at], model.amounts(at)
    assert {key: Fraction(row.quantity) for key, row in rows.items()} == model.rows[at]
    assert {key: row.amount_minor for key, row in rows.items()} == expected
    assert all(row.quantity >= 0 for row in rows.values())
    if fund.balance == 0:
        assert sum(expected.values()) == fund.cents - fund.moved_cents - fund.credited


def _charge_of(row: DailyConsumption) -> str:
    if row.usage_charge_number:
        return segment_name(row.usage_charge_number, row.usage_charge_segment)
    assert row.ending, "units that nobody used say why they are gone"
    return ENDINGS[row.ending]


def _used(row: DailyConsumption) -> Fraction:
    """Return the units that no fund had; the usage itself where funds hold money."""
    return Fraction(row.quantity if row.units is None else row.units)


def _check_overage(model: Model, days: Sequence[Any]) -> None:
    """Drawn and overage together are what was needed."""
    rated = {
        (_charge_of(row), number_of(row.transaction_date)): row
        for row in days
        if row.rating_result_id
    }
    rest = {key: _used(row) / model.rates[key[0]] for key, row in rated.items()}
    assert {k: v for k, v in rest.items() if v} == {k: v for k, v in model.overage.items() if v}
    amounts = {key: row.amount_minor for key, row in rated.items() if row.amount_minor}
    assert amounts == {k: v for k, v in model.overage_amounts(PERIODS).items() if v}
    for charge, day in {(part.charge, part.day) for part in model.live} | set(rest):
        drawn = sum(
            model.rows[at].get((day, charge), Fraction(0)) for at in range(len(model.funds))
        )
        overage = rest.get((charge, day), Fraction(0)) * model.rates[charge]
        assert drawn + overage == model.need(charge, day)


def schedules_hold(shop: Shop, model: Model, collected: Mapping[tuple[int, str], int]) -> None:
    """Each fund has its price in a schedule, deferred but for what was collected of it.

    What was credited of it, and what it costs more or less than at first, is offset, all deferred.
    """
    with shop.reading() as books:
        periods = {period.id: period for period in books.periods.list()}
        funds = books.funds.list(order_by=["created_at", "id"])
        known = books.schedules.list()
        items = by(books.items.list(), "schedule_id")
        made = by(books.distributions.list(order_by=["number"]), "schedule_id")
        moved = by(books.distribution_items.list(), "distribution_id")
    schedules = {row.fund_id: row for row in known if row.fund_id}
    offsets = by(known, "credited_fund_id")
    for at, fund in enumerate(funds):
        schedule = schedules[fund.id]
        gone = model.funds[at]
        assert schedule.amount_minor == fund.funding_price_minor - gone.dearer
        mine = items[schedule.id]
        events = [(one, moved[one.id]) for one in made[schedule.id]]
        assert list(broken_rules(ScheduleState(schedule, mine, events), periods)) == []
        held = {periods[i.period_id].name: i.amount_minor for i in mine if i.amount_minor}
        expected = {m: collected[at, m] for m in MONTHS if collected[at, m]}
        rest = schedule.amount_minor - sum(expected.values())
        assert held == expected | ({"Open-Ended": rest} if rest else {})
        credit = [item for one in offsets[fund.id] for item in items[one.id]]
        assert sum(item.amount_minor for item in credit) == gone.dearer - gone.credited
        assert {periods[i.period_id].name for i in credit if i.amount_minor} <= {"Open-Ended"}


def by(rows: Iterable[Any], name: str) -> dict[str, list[Any]]:
    """Return rows by a field of theirs; none where there are none."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found
