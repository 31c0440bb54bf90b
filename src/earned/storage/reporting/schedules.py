"""Sums of revenue schedules and of what distributions moved, for the reports on revenue."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ScalarSelect, case, func, select

from earned.domain.consumption import EventType
from earned.domain.obligations import Committed
from earned.domain.recognized import Recognized
from earned.domain.roll_forward import Added, Cause, Code, Moved
from earned.domain.scheduling import USAGE_COLLECTED
from earned.domain.waterfall import Cell, Contract
from earned.storage.reporting.sources import MINOR, Expression, Sources, grouped, total
from earned.storage.tables.accounts import account
from earned.storage.tables.catalog import product_rate_plan_charge
from earned.storage.tables.consumption import revenue_event
from earned.storage.tables.schedules import (
    collected,
    distribution,
    distribution_item,
    revenue_schedule,
)
from earned.storage.tables.subscriptions import rate_plan_charge, subscription

_SCHEDULE = revenue_schedule.c
_CODE = (_SCHEDULE.currency, _SCHEDULE.deferred_code, _SCHEDULE.deferred_code_type)
_PERIOD = distribution_item.c.period_id
# Overage is never deferred: it is earned before it is billed, and no commitment either.
_DEFERRED = _SCHEDULE.rating_result_id.is_(None)


def added(sources: Sources) -> Sequence[Added]:
    """Return what schedules amount to, by deferred code and the period they were booked in."""
    is_credit = case((_SCHEDULE.amount_minor < 0, 1), else_=0)
    by = (*_CODE, sources.booked_in(), is_credit)
    statement = select(*by, total(_SCHEDULE.amount_minor)).where(*sources.schedules(), _DEFERRED)
    return [
        Added(Code(*code), booked, bool(credit), minor)
        for *code, booked, credit, minor in grouped(sources, statement, by)
    ]


def moved(sources: Sources) -> Sequence[Moved]:
    """Return what lies in periods, by deferred code, period of booking, and what moved it there."""
    by_usage = distribution.c.event_type_system_id == USAGE_COLLECTED.system_id
    cause = case((by_usage, Cause.DRAWDOWN.value), else_=Cause.SCHEDULE.value)
    by = (*_CODE, sources.booked_in(), _PERIOD, cause)
    statement = sources.moved(*by, MINOR).where(_DEFERRED)
    rows = [
        Moved(Code(*code), booked, period, Cause(cause), minor)
        for *code, booked, period, cause, minor in grouped(sources, statement, by)
    ]
    return [*rows, *_breakage(sources)]


def _breakage(sources: Sources) -> Sequence[Moved]:
    """Return what units gave that nobody used: it came with drawdown, and is taken out of it.

    They expired, or were worth more (or less) than what was credited for them.
    """
    by = (*_CODE, sources.booked_in(), collected.c.period_id)
    statement = (
        select(*by, total(collected.c.amount_minor))
        .select_from(collected)
        .join(revenue_event, revenue_event.c.id == collected.c.event_id)
        .join(revenue_schedule, revenue_schedule.c.id == collected.c.schedule_id)
        .where(
            *sources.schedules(),
            *sources.by_then(collected.c.created_at),
            revenue_event.c.event_type.in_([EventType.FUND_EXPIRY, EventType.FUND_CREDIT]),
            _DEFERRED,
        )
    )
    return [
        Moved(Code(*code), booked, period, cause, sign * minor)
        for *code, booked, period, minor in grouped(sources, statement, by)
        for cause, sign in ((Cause.BREAKAGE, 1), (Cause.DRAWDOWN, -1))
    ]


def committed(sources: Sources) -> Sequence[Committed]:
    """Return what lies in periods by currency, of schedules that are no overage."""
    by = (_SCHEDULE.currency, _PERIOD)
    statement = sources.moved(*by, MINOR).where(_DEFERRED)
    rows = grouped(sources, statement, by)
    return [Committed(currency, period, minor) for currency, period, minor in rows]


def recognized(sources: Sources) -> Sequence[Recognized]:
    """Return what lies in defined periods by recognised revenue code and customer."""
    codes = (_SCHEDULE.recognized_code, _SCHEDULE.recognized_code_type)
    by = (_SCHEDULE.currency, _PERIOD, *codes, account.c.number, account.c.name)
    statement = sources.moved(*by, MINOR).join(account, account.c.id == _SCHEDULE.account_id)
    return [Recognized(*row) for row in grouped(sources, statement, by)]


def contracts(sources: Sources) -> Sequence[Contract]:
    """Return schedules with the numbers of what they belong to, contract by contract."""
    statement = (
        select(
            _SCHEDULE.id,
            _SCHEDULE.currency,
            account.c.number,
            account.c.name,
            _subscription_number().label("subscription_number"),
            _charge_number().label("charge_number"),
            _SCHEDULE.number,
            _SCHEDULE.schedule_date,
            _SCHEDULE.amount_minor,
        )
        .join(account, account.c.id == _SCHEDULE.account_id)
        .where(*sources.schedules())
    )
    rows = [Contract(*row) for row in sources.connection.execute(statement)]
    return sorted(rows, key=_contract_order)


def _contract_order(row: Contract) -> tuple[str, ...]:
    numbers = (row.account_number, row.subscription_number, row.charge_number, row.number)
    return (row.currency, *(number or "" for number in numbers))


def cells(sources: Sources) -> Sequence[Cell]:
    """Return what each schedule holds in each period."""
    return _cells(sources, _SCHEDULE.id)


def column_totals(sources: Sources) -> Sequence[Cell]:
    """Return what all schedules of a currency hold in each period."""
    return _cells(sources, _SCHEDULE.currency)


def amounts(sources: Sources) -> Mapping[str, int]:
    """Return what all schedules of a currency amount to."""
    by = (_SCHEDULE.currency,)
    statement = select(*by, total(_SCHEDULE.amount_minor)).where(*sources.schedules())
    return dict(grouped(sources, statement, by))


def _cells(sources: Sources, of: Expression) -> Sequence[Cell]:
    by = (of, _PERIOD)
    rows = grouped(sources, sources.moved(*by, MINOR), by)
    return [Cell(key, period, minor) for key, period, minor in rows]


def _subscription_number() -> ScalarSelect[str]:
    own = subscription.c.original_id == _SCHEDULE.original_subscription_id
    same_entity = subscription.c.entity_id == _SCHEDULE.entity_id
    newest = subscription.c.version.desc()
    rows = select(subscription.c.number).where(same_entity, own).order_by(newest)
    return rows.limit(1).scalar_subquery()


def _charge_number() -> Expression:
    """Return the number of the charge: the subscription's, or the catalog's for a memo item."""
    charge, product_charge = rate_plan_charge.c, product_rate_plan_charge.c
    same_entity = charge.entity_id == _SCHEDULE.entity_id
    subscribed = select(charge.number).where(same_entity, charge.original_id == _SCHEDULE.charge_id)
    listed = select(product_charge.number).where(product_charge.id == _SCHEDULE.product_charge_id)
    return func.coalesce(subscribed.limit(1).scalar_subquery(), listed.scalar_subquery())
