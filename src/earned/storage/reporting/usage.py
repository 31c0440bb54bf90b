"""Usage, the ledger and daily rows, added up for the reconciliation of usage and revenue."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, Table, Text, case, exists, func, literal, or_, select

from earned.domain.consumption import Ending
from earned.domain.exact import ZERO, subtract
from earned.domain.prepaid import CONSUMING, ENDING
from earned.domain.scheduling import USAGE_COLLECTED
from earned.domain.usage_facts import (
    DayUnits,
    DrawnUnits,
    GuidedUnits,
    RecordUnits,
    SeriesDays,
    SeriesHeld,
    SeriesMinor,
    UnguidedUnits,
)
from earned.storage.due import SAYS
from earned.storage.exact_sum import exact_total
from earned.storage.reporting.sources import MINOR, Clause, Expression, Sources, grouped, total
from earned.storage.tables.accounts import account
from earned.storage.tables.consumption import daily_consumption, revenue_event
from earned.storage.tables.prepaid import balance_transaction
from earned.storage.tables.schedules import (
    collected,
    distribution,
    distribution_item,
    revenue_schedule,
)
from earned.storage.tables.subscriptions import rate_plan_charge
from earned.storage.tables.usage import guided_usage, usage_record
from earned.storage.types import Day, Instant

_NO_DAY = literal(None, Day())
_NO_GROUP = literal(None, Text())


def guided(sources: Sources, *, by_day: bool) -> Sequence[GuidedUnits]:
    """Return usage by charge segment: as recorded, and rounded to its unit of measure.

    Of a record that was changed since the moment, what was recorded is told by what was guided.
    """
    row, record, at = guided_usage.c, usage_record.c, sources.known.at
    recorded: Expression = record.quantity
    if at is not None:
        moment = literal(at, Instant())
        recorded = case((record.updated_at <= moment, record.quantity), else_=row.quantity)
    told = (row.usage_date, row.group_key) if by_day else (_NO_DAY, _NO_GROUP)
    by = (row.charge_id, row.charge_segment, *told)
    statement = (
        select(*by, func.count(), exact_total(recorded), exact_total(row.quantity))
        .join_from(guided_usage, usage_record, record.id == row.usage_id)
        .where(row.entity_id == sources.scope.entity_id, *_mine_by_charge(sources, row.charge_id))
        .where(*_alive(sources, guided_usage))
    )
    return [GuidedUnits(*found) for found in grouped(sources, statement, by)]


def _mine_by_charge(sources: Sources, charge_id: Expression) -> Sequence[Clause]:
    """Return the conditions on usage: on charges of the account asked for, whoever has used.

    Usage may count for an account above (U 2.17).
    """
    charge = rate_plan_charge.c
    conditions = sources.mine(charge.account_id)
    if not conditions:
        return []
    mine = select(charge.original_id).where(charge.entity_id == sources.scope.entity_id)
    return [charge_id.in_(mine.where(*conditions))]


def unguided(sources: Sources) -> Sequence[UnguidedUnits]:
    """Return usage that no charge covered on its day, by account and unit."""
    record = usage_record.c
    is_guided = exists().where(guided_usage.c.usage_id == record.id, *_alive(sources, guided_usage))
    by = (account.c.currency, account.c.number, record.uom)
    statement = (
        select(*by, exact_total(record.quantity))
        .join_from(usage_record, account, account.c.id == record.account_id)
        .where(record.entity_id == sources.scope.entity_id, *sources.mine(record.account_id))
        .where(*_alive(sources, usage_record), ~is_guided)
    )
    return [UnguidedUnits(*found) for found in grouped(sources, statement, by)]


def _alive(sources: Sources, rows: Table) -> Sequence[Clause]:
    """Return the conditions on usage: made by then, and not deleted by then."""
    row, at = rows.c, sources.known.at
    there = row.deleted == literal(value=False, type_=row.deleted.type)
    if at is None:
        return [there]
    moment = literal(at, Instant())
    return [row.created_at <= moment, or_(there, row.updated_at > moment)]


def drawn(sources: Sources, *, by_day: bool) -> Sequence[DrawnUnits]:
    """Return the prepaid units that usage has drawn, by charge segment and drawdown rate."""
    row = balance_transaction.c
    group = select(guided_usage.c.group_key).where(guided_usage.c.id == row.source_id)
    told = (row.transaction_date, group.scalar_subquery()) if by_day else (_NO_DAY, _NO_GROUP)
    by = (row.drawdown_charge_id, row.drawdown_charge_segment, *told, row.drawdown_rate)
    statement = select(*by, exact_total(row.amount)).where(
        row.entity_id == sources.scope.entity_id,
        row.transaction_type.in_(CONSUMING),
        *sources.by_then(row.created_at),
    )
    return [
        DrawnUnits(charge_id, segment, day, group_key, rate, subtract(ZERO, units))
        for charge_id, segment, day, group_key, rate, units in grouped(sources, statement, by)
    ]


def uncovered(sources: Sources, charge_ids: Sequence[str]) -> Sequence[RecordUnits]:
    """Return what no fund covered of the usage of some charges, reversals left out."""
    row, move = guided_usage.c, balance_transaction.c
    told = (row.charge_id, row.charge_segment, row.group_key, row.usage_date, row.id)
    statement = select(*told, row.quantity).where(
        row.entity_id == sources.scope.entity_id,
        row.charge_id.in_(charge_ids),
        *_alive(sources, guided_usage),
    )
    taken = select(move.source_id, move.drawdown_rate, exact_total(move.amount)).where(
        move.entity_id == sources.scope.entity_id,
        move.drawdown_charge_id.in_(charge_ids),
        move.transaction_type.in_(CONSUMING),
        *sources.by_then(move.created_at),
    )
    covered: dict[str, Fraction] = defaultdict(Fraction)
    for source_id, rate, amount in grouped(sources, taken, (move.source_id, move.drawdown_rate)):
        covered[source_id] -= Fraction(amount) / Fraction(rate)
    rows = sources.connection.execute(statement)
    return [
        RecordUnits(charge_id, segment, group, day, record, Fraction(quantity) - covered[record])
        for charge_id, segment, group, day, record, quantity in rows
        if quantity > 0
    ]


def ledger(sources: Sources) -> Sequence[DayUnits]:
    """Return the units that left each fund on each day."""
    row = balance_transaction.c
    endings = {kind.value: ending.value for kind, ending in ENDING.items()}
    by = (row.fund_id, row.transaction_date, case(endings, value=row.transaction_type))
    statement = select(*by, exact_total(row.amount)).where(
        row.entity_id == sources.scope.entity_id,
        row.transaction_type.in_([*CONSUMING, *ENDING]),
        *sources.by_then(row.created_at),
        *sources.mine(row.account_id),
    )
    return [
        DayUnits(fund_id, day, Ending(ending) if ending else None, subtract(ZERO, units))
        for fund_id, day, ending, units in grouped(sources, statement, by)
    ]


def days(sources: Sources) -> Sequence[SeriesDays]:
    """Return what the daily rows of each series say, as they are now."""
    row = daily_consumption.c
    ended = case((row.ending.is_not(None), 1), else_=0)
    by = (func.coalesce(row.fund_id, row.rating_result_id), ended)
    counted: Expression = func.coalesce(row.units, row.quantity)
    amounts = (exact_total(row.quantity), exact_total(counted), total(row.amount_minor))
    statement = select(*by, *amounts).where(
        row.entity_id == sources.scope.entity_id, *sources.mine(row.account_id)
    )
    return [
        SeriesDays(series_id, bool(has_ended), units, counted, minor)
        for series_id, has_ended, units, counted, minor in grouped(sources, statement, by)
    ]


def events(sources: Sources, through: date | None) -> Sequence[SeriesMinor]:
    """Return what the events of each series say now, and on days after `through` (None: on all)."""
    row = revenue_event.c
    by = (func.coalesce(row.fund_id, row.rating_result_id),)
    statement = select(*by, total(SAYS), total(_later(through, SAYS))).where(
        row.entity_id == sources.scope.entity_id, *sources.mine(row.account_id)
    )
    return [SeriesMinor(*found) for found in grouped(sources, statement, by)]


def gathered(sources: Sources, through: date | None) -> Sequence[SeriesMinor]:
    """Return what was collected of the events of each series, and of those after `through`."""
    by, minor = (_series(),), collected.c.amount_minor
    statement = (
        select(*by, total(minor), total(_later(through, minor)))
        .join_from(collected, revenue_schedule, revenue_schedule.c.id == collected.c.schedule_id)
        .outerjoin(revenue_event, revenue_event.c.id == collected.c.event_id)
        .where(*sources.schedules(), *sources.by_then(collected.c.created_at))
    )
    return [SeriesMinor(*found) for found in grouped(sources, statement, by)]


def _later(through: date | None, minor: Expression) -> Expression:
    """Return an amount of an event whose day is after another, else nothing."""
    if through is None:
        return minor
    return case((revenue_event.c.transaction_date > literal(through, Day()), minor), else_=0)


def held(sources: Sources) -> Sequence[SeriesHeld]:
    """Return what the schedules of each series hold in defined periods."""
    by_usage = distribution.c.event_type_system_id == USAGE_COLLECTED.system_id
    by = (_series(), distribution_item.c.period_id, case((by_usage, 1), else_=0))
    statement: Select[Any] = sources.moved(*by, MINOR).where(
        _series().is_not(None), distribution_item.c.period_id != sources.known.periods[-1].id
    )
    return [
        SeriesHeld(series_id, period_id, bool(usage), minor)
        for series_id, period_id, usage, minor in grouped(sources, statement, by)
    ]


def _series() -> Expression:
    """Return the fund or the rating result that a schedule is of."""
    return func.coalesce(revenue_schedule.c.fund_id, revenue_schedule.c.rating_result_id)
