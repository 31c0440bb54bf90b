"""Sums of revenue schedules and of what distributions moved, for the reports on revenue."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ScalarSelect, case, func, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from earned.domain.consumption import EventType
from earned.domain.obligations import Committed
from earned.domain.recognized import Recognized
from earned.domain.reporting import Window
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
Columns = Mapping[str, Expression] | ReadOnlyColumnCollection[str, Any]
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


def contracts(sources: Sources, window: Window | None) -> Sequence[Contract]:
    """Return schedules, or some, with the numbers of what they belong to, contract by contract."""
    customer = (account.c.number.label("account_number"), account.c.name.label("account_name"))
    found = (
        select(*revenue_schedule.c, *customer)
        .join(account, account.c.id == _SCHEDULE.account_id)
        .where(*sources.schedules())
    )
    if window is not None:
        by = {**dict(_SCHEDULE.items()), "account_number": account.c.number}
        found = found.order_by(*_contract_order(sources, by))
        found = found.limit(window.limit).offset(window.offset)
    row = found.subquery("found").c
    statement = select(
        *(row.id, row.currency, row.account_number, row.account_name),
        *(_subscription_number(row), _charge_number(row)),
        *(row.number, row.schedule_date, row.amount_minor),
    ).order_by(*_contract_order(sources, row))
    return [Contract(*values) for values in sources.connection.execute(statement)]


def _contract_order(sources: Sources, row: Columns) -> Sequence[Expression]:
    """Order by customer, subscription and charge, and by number: longer numbers are later ones."""
    names = ("currency", "account_number", "original_subscription_id", "charge_id")
    parts = [func.coalesce(row[name], "") for name in (*names, "product_charge_id")]
    return [*map(sources.by_bytes, parts), func.length(row["number"]), row["number"]]


def cells(sources: Sources, ids: Sequence[str] | None) -> Sequence[Cell]:
    """Return what each schedule, or each of some, holds in each period."""
    by = (_SCHEDULE.id, _PERIOD)
    statement = sources.moved(*by, MINOR)
    if ids is not None:
        statement = statement.where(_SCHEDULE.id.in_(ids))
    return [Cell(*row) for row in grouped(sources, statement, by)]


def column_totals(sources: Sources) -> Sequence[Cell]:
    """Return what all schedules of a currency hold in each period."""
    by = (_SCHEDULE.currency, _PERIOD)
    return [Cell(*row) for row in grouped(sources, sources.moved(*by, MINOR), by)]


def amounts(sources: Sources) -> Mapping[str, int]:
    """Return what all schedules of a currency amount to."""
    by = (_SCHEDULE.currency,)
    statement = select(*by, total(_SCHEDULE.amount_minor)).where(*sources.schedules())
    return dict(grouped(sources, statement, by))


def _subscription_number(row: Columns) -> ScalarSelect[str]:
    own = subscription.c.original_id == row["original_subscription_id"]
    same_entity = subscription.c.entity_id == row["entity_id"]
    newest = subscription.c.version.desc()
    rows = select(subscription.c.number).where(same_entity, own).order_by(newest)
    return rows.limit(1).scalar_subquery()


def _charge_number(row: Columns) -> Expression:
    """Return the number of the charge: the subscription's, or the catalog's for a memo item."""
    charge, product_charge = rate_plan_charge.c, product_rate_plan_charge.c
    same_entity = charge.entity_id == row["entity_id"]
    subscribed = select(charge.number).where(same_entity, charge.original_id == row["charge_id"])
    listed = select(product_charge.number).where(product_charge.id == row["product_charge_id"])
    return func.coalesce(subscribed.limit(1).scalar_subquery(), listed.scalar_subquery())
