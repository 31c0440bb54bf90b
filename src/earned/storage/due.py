"""What is due of revenue events, in tables that last for one run of collecting.

`landing` says where the revenue of each day goes, `due_event` holds the events that say something
else than was collected of them, `due_series` the funds and rating results that get a distribution.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
)
from sqlalchemy.schema import CreateIndex, CreateTable

from earned.domain.collecting import Landing, limited
from earned.domain.consumption import EventType
from earned.storage.bulk import bulk_update
from earned.storage.from_select import made_id
from earned.storage.tables.consumption import rating_result, revenue_event
from earned.storage.tables.schedules import revenue_item, revenue_schedule
from earned.storage.types import Day, Whole

SAYS = case((revenue_event.c.deleted == 1, 0), else_=func.coalesce(revenue_event.c.amount_minor, 0))
"""An event that was deleted, or has no amount as a rollover has none, says nothing."""

_metadata = MetaData()


def _temporary(name: str, *columns: Column[Any]) -> Table:
    """Define a table that only this connection sees, and on PostgreSQL only this transaction."""
    return Table(name, _metadata, *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


landing = _temporary(
    "landing",
    Column("first_day", Day, primary_key=True),
    Column("last_day", Day),
    Column("period_id", Text),
    Column("origin", Text),
)
due_event = _temporary(
    "due_event",
    Column("event_id", Text, primary_key=True),
    Column("series_id", Text),
    Column("is_overage", Integer),
    Column("is_breakage", Integer),
    Column("day", Day),
    Column("period_id", Text),
    Column("origin", Text),
    Column("amount_minor", Whole),
    Column("unreleased_minor", Whole),
)
due_series = _temporary(
    "due_series",
    Column("series_id", Text, primary_key=True),
    Column("is_overage", Integer),
    Column("place", Integer),
    Column("schedule_id", Text),
    Column("distribution_id", Text),
)
_TABLES = (landing, due_event, due_series)
_BY_SERIES = Index("ix_due_event_series", due_event.c.series_id, due_event.c.period_id)


def gather(connection: Connection, entity_id: str, landings: Sequence[Landing]) -> bool:
    """Find what is due of the whole entity: of funds by schedule, of overage by rating result.

    Says whether it is anything.
    """
    _begin(connection)
    connection.execute(
        insert(landing),
        [
            {
                "first_day": one.first,
                "last_day": one.last,
                "period_id": one.period_id,
                "origin": one.origin,
            }
            for one in landings
        ],
    )
    event, lands = revenue_event.c, landing.c
    of_day = event.transaction_date.between(lands.first_day, lands.last_day)
    is_due = or_(event.collected_minor != SAYS, event.regenerate_flag == "Y")
    rows = (
        select(
            event.id,
            func.coalesce(revenue_schedule.c.id, event.rating_result_id),
            case((event.rating_result_id.is_(None), 0), else_=1),
            case((event.event_type == EventType.FUND_EXPIRY, 1), else_=0),
            event.transaction_date,
            lands.period_id,
            lands.origin,
            SAYS - event.collected_minor,
            literal(0),
        )
        .select_from(revenue_event)
        .join(landing, of_day)
        .outerjoin(revenue_schedule, revenue_schedule.c.fund_id == event.fund_id)
        .where(
            event.entity_id == entity_id,
            is_due,
            or_(revenue_schedule.c.id.is_not(None), event.rating_result_id.is_not(None)),
        )
    )
    found = _fill(connection, due_event, rows)
    if found:
        connection.execute(CreateIndex(_BY_SERIES, if_not_exists=True))
    return found > 0


def forget(connection: Connection) -> None:
    """Empty the tables: a connection may be kept for long."""
    for one in _TABLES:
        connection.execute(delete(one))


def count_events(connection: Connection) -> int:
    """Count the events that are collected, if only in part."""
    is_collected = or_(due_event.c.amount_minor != 0, due_event.c.unreleased_minor == 0)
    statement = select(func.count()).select_from(due_event).where(is_collected)
    return int(connection.execute(statement).scalar_one())


def limit(connection: Connection, open_ended_id: str) -> None:
    """Release no more of a fund than is left in Open-Ended; of its events, the first days first.

    What the fund costs more or less than at first is in the Open-Ended of further schedules of it.
    """
    due = func.sum(due_event.c.amount_minor)
    left = func.coalesce(func.max(revenue_item.c.amount_minor), 0)
    is_left = and_(
        revenue_item.c.schedule_id == due_event.c.series_id,
        revenue_item.c.period_id == open_ended_id,
    )
    surplus = (
        select(due_event.c.series_id, left)
        .select_from(due_event.outerjoin(revenue_item, is_left))
        .where(due_event.c.is_overage == 0)
        .group_by(due_event.c.series_id)
        .having(and_(due > left, due > 0))
    )
    rooms = {series_id: int(room) for series_id, room in connection.execute(surplus)}
    if rooms:
        for series_id, room in connection.execute(_further(surplus, open_ended_id)):
            rooms[series_id] += int(room)
        _limit_to(connection, rooms, surplus)


def _further(surplus: Select[Any], open_ended_id: str) -> Select[Any]:
    """Return what is left in the further schedules of funds, by the ids of their own ones."""
    own, further = revenue_schedule.alias().c, revenue_schedule.alias().c
    fund_id = func.coalesce(further.credited_fund_id, further.rolled_fund_id)
    is_left = and_(
        revenue_item.c.schedule_id == further.id, revenue_item.c.period_id == open_ended_id
    )
    return (
        select(own.id, func.sum(revenue_item.c.amount_minor))
        .join_from(further.id.table, own.id.table, own.fund_id == fund_id)
        .join(revenue_item, is_left)
        .where(own.id.in_(select(surplus.subquery().c.series_id)))
        .group_by(own.id)
    )


def _limit_to(connection: Connection, rooms: Mapping[str, int], surplus: Select[Any]) -> None:
    """Limit the events of series, the ids of which `surplus` selects, to the room of each."""
    ids = select(surplus.subquery().c.series_id)
    rows = connection.execute(
        select(due_event.c.series_id, due_event.c.event_id, due_event.c.amount_minor)
        .where(due_event.c.series_id.in_(ids))
        .order_by(due_event.c.series_id, due_event.c.day, due_event.c.event_id)
    )
    changes = []
    for series_id, group in groupby(rows, itemgetter(0)):
        events = list(group)
        released = limited([row.amount_minor for row in events], rooms[series_id])
        changes += [
            {
                "event_id": row.event_id,
                "amount_minor": minor,
                "unreleased_minor": row.amount_minor - minor,
            }
            for row, minor in zip(events, released, strict=True)
            if minor != row.amount_minor
        ]
    if changes:
        bulk_update(due_event, connection.dialect, changes[0]).execute(connection, changes)


def number_series(connection: Connection, first_schedule_id: str) -> tuple[int, int]:
    """Give a place to each fund and then each rating result that gets a distribution.

    `first_schedule_id` is what the ids of new schedules are made of. Returns how many funds and
    rating results these are. Places follow the numbers of schedules and charges, so that the same
    books number the same way.
    """
    moving = (
        select(due_event.c.series_id)
        .group_by(due_event.c.series_id, due_event.c.period_id)
        .having(func.sum(due_event.c.amount_minor) != 0)
    )
    schedule, rating = revenue_schedule.c, rating_result.c
    funds = select(
        schedule.id,
        literal(0),
        func.row_number().over(order_by=(func.length(schedule.number), schedule.number)),
        schedule.id,
        null(),
    ).where(schedule.id.in_(moving))
    count = _fill(connection, due_series, funds)
    place = func.row_number().over(
        order_by=(rating.charge_number, rating.charge_segment, rating.service_start_date)
    )
    ratings = select(
        rating.id, literal(1), place + count, made_id(connection, first_schedule_id, place), null()
    ).where(rating.id.in_(moving))
    return count, _fill(connection, due_series, ratings)


def _fill(connection: Connection, table: Table, rows: Select[Any]) -> int:
    """Insert what `rows` selects and count it; PostgreSQL would guess how much there is."""
    statement = insert(table).from_select(table.c.keys(), rows)
    made = connection.execute(statement, execution_options={"preserve_rowcount": True})
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {table.name}"))
    return made.rowcount


def _begin(connection: Connection) -> None:
    """Make the tables, or empty those of an earlier run in the same transaction or connection."""
    for one in _TABLES:
        connection.execute(CreateTable(one, if_not_exists=True))
    forget(connection)
