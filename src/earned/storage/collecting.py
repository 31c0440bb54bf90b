"""Collect all that is due with a few statements, however many schedules there are (R 1, U 4.5)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)

from earned.domain.chart import UNBILLED_RECEIVABLES
from earned.domain.collecting import BY_USAGE, Collected, Landing, Reasons
from earned.domain.money import Currency
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem, RevenueSchedule
from earned.domain.scheduling import USAGE_COLLECTED
from earned.domain.tenancy import Scope
from earned.services.ports import NumberKind
from earned.storage.bulk import bulk_update
from earned.storage.due import (
    count_events,
    due_event,
    due_series,
    forget,
    gather,
    limit,
    number_series,
)
from earned.storage.expiring import ExpiringBooks
from earned.storage.from_select import Given, columns_of, insert_rows, made_id, made_number
from earned.storage.pipeline import OnConnection
from earned.storage.tables.accounting import accounting_code
from earned.storage.tables.consumption import rating_result, revenue_event
from earned.storage.tables.schedules import (
    collected,
    distribution,
    distribution_item,
    revenue_item,
    revenue_schedule,
)
from earned.storage.tables.subscriptions import rate_plan_charge
from earned.storage.types import Instant
from earned.storage.upsert import upsert

_TRAIL = (
    *("schedule_id", "distribution_id", "period_id", "event_id"),
    *("entity_id", "amount_minor", "created_at"),
)


class NumberingBooks(OnConnection, Protocol):
    """What collecting needs of the books it is done in."""

    scope: Scope
    now: datetime
    new_id: Callable[[], str]

    def next_numbers(self, kind: NumberKind, count: int) -> Sequence[str]:
        """Take the next `count` numbers of a kind at once."""

    def touch_schedules(self, ids: Sequence[str] | Select[Any]) -> None:
        """Stamp revenue schedules as changed."""


class CollectingBooks(ExpiringBooks):
    """The part of the books that collecting needs, beside the repositories."""

    scope: Scope
    now: datetime

    def collect(self: NumberingBooks, landings: Sequence[Landing], open_ended_id: str) -> Collected:
        """Move what is due to the periods where it lands, with one distribution a schedule."""
        if not gather(self.connection, self.scope.entity_id, landings):
            return Collected()
        limit(self.connection, open_ended_id)
        run = _Run(self, open_ended_id, self.new_id(), self.new_id())
        return run.collect()

    def touch_schedules(self, ids: Sequence[str] | Select[Any]) -> None:
        """Stamp revenue schedules as changed, whichever organisation they are of."""
        self.connection.execute(
            update(revenue_schedule)
            .where(revenue_schedule.c.id.in_(ids))
            .values(updated_by=self.scope.user_id, updated_at=self.now)
        )


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of collecting: how the ids begin of what it makes, and what it does."""

    books: NumberingBooks
    open_ended_id: str
    first_schedule_id: str
    first_distribution_id: str

    def collect(self) -> Collected:
        """Make schedules for overage, distribute, and remember what was collected."""
        books = self.books
        funds, ratings = number_series(books.connection, self.first_schedule_id)
        schedules: Sequence[str] = ()
        distributions: Sequence[str] = ()
        if ratings:
            schedules = books.next_numbers(NumberKind.REVENUE_SCHEDULE, ratings)
            self.open_schedules(schedules[0], funds)
        if funds or ratings:
            distributions = books.next_numbers(NumberKind.DISTRIBUTION, funds + ratings)
            self.distribute(distributions[0])
            self.tell_why()
        self.keep_trail()
        self.mark()
        events = count_events(books.connection)
        forget(books.connection)
        return Collected(
            events=events, distributions=tuple(distributions), schedules=tuple(schedules)
        )

    def open_schedules(self, first_number: str, before: int) -> None:
        """Make a schedule for what is due of each rating result; they come `before` others."""
        connection, series = self.books.connection, due_series.c
        amount = select(func.sum(due_event.c.amount_minor)).where(
            due_event.c.series_id == series.series_id
        )
        rating, charge = rating_result.c, rate_plan_charge.c
        given = {
            "id": series.schedule_id,
            "entity_id": rating.entity_id,
            "number": made_number(connection, first_number, series.place - before),
            "account_id": rating.account_id,
            "original_subscription_id": rating.original_subscription_id,
            "charge_id": rating.charge_id,
            "amount_minor": amount.scalar_subquery(),
            "currency": rating.currency,
            "rule_name": literal(BY_USAGE),
            "schedule_date": rating.service_start_date,
            "rating_result_id": rating.id,
            "recognized_code": charge.recognized_revenue_account,
            "recognized_code_type": accounting_code.c.code_type,
            "deferred_code": _unbilled_code(self.books.scope.entity_id),
            "deferred_code_type": literal(UNBILLED_RECEIVABLES),
            **self._stamp(),
        }
        this_charge = and_(
            charge.entity_id == rating.entity_id,
            charge.original_id == rating.charge_id,
            charge.segment == rating.charge_segment,
            charge.is_latest == 1,
        )
        this_code = and_(
            accounting_code.c.entity_id == rating.entity_id,
            accounting_code.c.name == charge.recognized_revenue_account,
        )
        rows = (
            select(*columns_of(revenue_schedule, RevenueSchedule, given))
            .select_from(due_series)
            .join(rating_result, rating.id == series.series_id)
            .outerjoin(rate_plan_charge, this_charge)
            .outerjoin(accounting_code, this_code)
        )
        insert_rows(connection, revenue_schedule, RevenueSchedule, rows)

    def distribute(self, first_number: str) -> None:
        """Store a distribution for each series, and bring the items of its schedule up to date."""
        connection, place = self.books.connection, due_series.c.place
        identity = made_id(connection, self.first_distribution_id, place)
        connection.execute(update(due_series).values(distribution_id=identity))
        given: Given = {
            "id": due_series.c.distribution_id,
            "entity_id": literal(self.books.scope.entity_id),
            "number": made_number(connection, first_number, place),
            "schedule_id": due_series.c.schedule_id,
            "event_type": literal(USAGE_COLLECTED.label),
            "event_type_system_id": literal(USAGE_COLLECTED.system_id),
            **self._stamp(),
        }
        rows = select(*columns_of(distribution, Distribution, given))
        insert_rows(connection, distribution, Distribution, rows)
        self._move(due_event.c.period_id, func.sum(due_event.c.amount_minor))
        # What a fund's periods gain, Open-Ended loses; overage was never deferred.
        self._move(literal(self.open_ended_id), -func.sum(due_event.c.amount_minor))
        self._add_to_items()

    def _move(self, period_id: ColumnElement[str], minor: ColumnElement[int]) -> None:
        """Store what distributions add to periods: each to its own, or all to one."""
        series = due_series.c
        given = {
            "distribution_id": series.distribution_id,
            "period_id": period_id,
            "entity_id": literal(self.books.scope.entity_id),
            "amount_minor": minor,
        }
        rows = (
            select(*columns_of(distribution_item, DistributionItem, given))
            .select_from(due_series)
            .join(due_event, due_event.c.series_id == series.series_id)
            .group_by(series.distribution_id)
            .having(minor != 0)
        )
        if period_id is due_event.c.period_id:
            rows = rows.group_by(period_id)
        else:
            rows = rows.where(series.is_overage == 0)
        insert_rows(self.books.connection, distribution_item, DistributionItem, rows)

    def _add_to_items(self) -> None:
        """Add what was distributed to the items; Open-Ended always has one."""
        series, moved = due_series.c, distribution_item.c
        entity_id = literal(self.books.scope.entity_id)
        given = {
            "schedule_id": series.schedule_id,
            "period_id": moved.period_id,
            "entity_id": entity_id,
            "amount_minor": moved.amount_minor,
        }
        rows = select(*columns_of(revenue_item, RevenueItem, given)).join_from(
            due_series, distribution_item, moved.distribution_id == series.distribution_id
        )
        statement = upsert(self.books.connection, revenue_item)
        # The condition tells SQLite that ON CONFLICT does not belong to the join.
        statement = statement.from_select(
            [one.name for one in fields(RevenueItem)], rows.where(true())
        )
        changed = revenue_item.c.amount_minor + statement.excluded.amount_minor
        keys = [column.name for column in revenue_item.primary_key]
        self.books.connection.execute(
            statement.on_conflict_do_update(index_elements=keys, set_={"amount_minor": changed})
        )
        given |= {"period_id": literal(self.open_ended_id), "amount_minor": literal(0)}
        rest = select(*columns_of(revenue_item, RevenueItem, given))
        rest = rest.where(series.is_overage == 1)
        insert_rows(self.books.connection, revenue_item, RevenueItem, rest)

    def tell_why(self) -> None:
        """Note why distributions hold what their periods alone do not explain."""
        series, due = due_series.c, due_event.c
        breakage = func.sum(case((due.is_breakage == 1, due.amount_minor), else_=0))
        unreleased = func.sum(due.unreleased_minor)
        by = (series.distribution_id, revenue_schedule.c.currency, due.origin)
        rows: Iterable[Any] = self.books.connection.execute(
            select(*by, func.sum(due.amount_minor), breakage, unreleased)
            .select_from(due_series)
            .join(due_event, due.series_id == series.series_id)
            .join(revenue_schedule, revenue_schedule.c.id == series.schedule_id)
            .where(or_(due.origin.is_not(None), due.is_breakage == 1, due.unreleased_minor != 0))
            .group_by(*by)
            .order_by(series.distribution_id, func.min(due.day))
        )
        notes = []
        for (identity, code), parts in groupby(rows, itemgetter(0, 1)):
            told = _reasons(list(parts)).told(Currency.of(code))
            if told:
                notes.append({"id": identity, "notes": told})
        if notes:
            write = bulk_update(distribution, self.books.connection.dialect, notes[0])
            write.execute(self.books.connection, notes)

    def keep_trail(self) -> None:
        """Keep what each event gave to which distribution, so that revenue can be traced.

        Events that cancel one another out have no distribution. Those of overage are kept with the
        schedule that an earlier run made of their rating result, if one did.
        """
        series, due = due_series.c, due_event.c
        earlier = select(func.max(revenue_schedule.c.id)).where(
            revenue_schedule.c.rating_result_id == due.series_id
        )
        schedule_id = func.coalesce(
            series.schedule_id,
            case((due.is_overage == 0, due.series_id), else_=earlier.scalar_subquery()),
        )
        rows = (
            select(
                schedule_id,
                series.distribution_id,
                due.period_id,
                due.event_id,
                literal(self.books.scope.entity_id),
                due.amount_minor,
                literal(self.books.now, Instant()),
            )
            .select_from(due_event)
            .outerjoin(due_series, series.series_id == due.series_id)
            .where(due.amount_minor != 0)
            .order_by(schedule_id, due.day, due.event_id)
        )
        self.books.connection.execute(insert(collected).from_select(_TRAIL, rows))

    def mark(self) -> None:
        """Note that the events are collected, and that the schedules of funds have changed."""
        event, due = revenue_event.c, due_event.c
        self.books.connection.execute(
            update(revenue_event)
            .where(event.id == due.event_id)
            .values(collected_minor=event.collected_minor + due.amount_minor, regenerate_flag="N")
        )
        of_funds = select(due_series.c.schedule_id).where(due_series.c.is_overage == 0)
        self.books.touch_schedules(of_funds)

    def _stamp(self) -> Given:
        by, at = literal(self.books.scope.user_id), literal(self.books.now, Instant())
        return {"created_by": by, "created_at": at, "updated_by": by, "updated_at": at}


def _reasons(parts: Sequence[Any]) -> Reasons:
    belated = {origin: int(minor) for _, _, origin, minor, _, _ in parts if origin}
    return Reasons(
        belated=belated,
        breakage_minor=sum(int(part[4]) for part in parts),
        unreleased_minor=sum(int(part[5]) for part in parts),
    )


def _unbilled_code(entity_id: str) -> ColumnElement[str]:
    """Return the oldest active accounting code for what is earned and not billed, if there is one.

    It is the other side of overage until a billing document is (U 4.5).
    """
    code = accounting_code.alias().c
    return (
        select(code.name)
        .where(
            code.entity_id == entity_id,
            code.code_type == UNBILLED_RECEIVABLES,
            code.status == "Active",
        )
        .order_by(code.created_at, code.id)
        .limit(1)
        .scalar_subquery()
    )
