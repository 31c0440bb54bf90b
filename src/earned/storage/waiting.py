"""Revenue that waits in Open-Ended for a new accounting period, with a few statements for all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    Text,
    and_,
    delete,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.schema import CreateTable

from earned.domain.accounting import OPEN_ENDED
from earned.domain.money import Currency
from earned.domain.new_period import PERIODS_CREATED, Waiting
from earned.domain.recognition import Spread
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem
from earned.domain.tenancy import Scope
from earned.services.ports import NumberKind
from earned.storage.bulk import bulk_insert
from earned.storage.from_select import Given, columns_of, insert_rows, made_id, made_number
from earned.storage.pipeline import Connected, OnConnection
from earned.storage.tables.accounting import accounting_period
from earned.storage.tables.schedules import (
    distribution,
    distribution_item,
    revenue_item,
    revenue_schedule,
)
from earned.storage.types import Instant, Whole
from earned.storage.upsert import upsert

_SCHEDULE, _ITEM = revenue_schedule.c, revenue_item.c
_SPREAD = (
    _SCHEDULE.currency,
    *(_SCHEDULE.recognition_start, _SCHEDULE.recognition_end, _SCHEDULE.distribution_type),
    *(_SCHEDULE.recognition_rounding, _SCHEDULE.recognition_not_before),
)

# What each schedule gives, for as long as one transaction takes.
_share = Table(
    "new_period_share",
    MetaData(),
    Column("schedule_id", Text, primary_key=True),
    Column("place", Whole),
    Column("amount_minor", Whole),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


@dataclass(frozen=True, slots=True)
class _Share:
    schedule_id: str
    amount_minor: int
    place: int


class RoundingBooks(OnConnection, Protocol):
    """What spreading anew needs of the books."""

    scope: Scope

    def currency(self, code: str) -> Currency:
        """Return a currency as the entity rounds it."""


class NumberingBooks(OnConnection, Protocol):
    """What filling a period needs of the books it is done in."""

    scope: Scope
    now: datetime
    new_id: Callable[[], str]

    def next_numbers(self, kind: NumberKind, count: int) -> Sequence[str]:
        """Take the next `count` numbers of a kind at once."""

    def stamp(self) -> dict[str, Any]:
        """Return the four fields of `Stamped`."""


class WaitingBooks(Connected):
    """The part of the books that a new accounting period needs, beside the repositories."""

    scope: Scope

    def waiting_revenue(self: RoundingBooks, through: date) -> Sequence[Waiting]:
        """Return schedules whose recognition begins by `through` and with revenue in Open-Ended."""
        rest = and_(
            accounting_period.c.entity_id == self.scope.entity_id,
            accounting_period.c.name == OPEN_ENDED,
        )
        statement = (
            select(_SCHEDULE.id, _SCHEDULE.amount_minor, _ITEM.amount_minor, *_SPREAD)
            .join_from(revenue_schedule, revenue_item, _ITEM.schedule_id == _SCHEDULE.id)
            .join(accounting_period, accounting_period.c.id == _ITEM.period_id)
            .where(
                rest,
                _SCHEDULE.entity_id == self.scope.entity_id,
                _SCHEDULE.recognition_start <= through,
                _ITEM.amount_minor != 0,
                _SCHEDULE.deleted == 0,
            )
            .order_by(_SCHEDULE.number)
        )
        rows = self.connection.execute(statement)
        return [
            Waiting(
                schedule_id,
                amount,
                undistributed,
                Spread(
                    start=start,
                    end=end,
                    method=method,
                    rounding=rounding,
                    not_before=day,
                    increment_minor=self.currency(code).increment_minor,
                ),
            )
            for schedule_id, amount, undistributed, code, start, end, method, rounding, day in rows
        ]

    def give_shares(
        self: NumberingBooks, shares: Mapping[str, int], period_id: str, open_ended_id: str
    ) -> Sequence[str]:
        """Move each schedule's share out of Open-Ended into a period; return the numbers made."""
        _hold(self.connection, shares)
        numbers = self.next_numbers(NumberKind.DISTRIBUTION, len(shares))
        made = made_id(self.connection, self.new_id(), _share.c.place)
        entity_id = literal(self.scope.entity_id)
        given: Given = {
            "id": made,
            "entity_id": entity_id,
            "number": made_number(self.connection, numbers[0], _share.c.place),
            "schedule_id": _share.c.schedule_id,
            "event_type": literal(PERIODS_CREATED.label),
            "event_type_system_id": literal(PERIODS_CREATED.system_id),
            "recognition_start": _SCHEDULE.recognition_start,
            "recognition_end": _SCHEDULE.recognition_end,
            **_stamp(self),
        }
        rows = select(*columns_of(distribution, Distribution, given))
        rows = rows.join_from(
            _share, revenue_schedule, _SCHEDULE.id == _share.c.schedule_id
        ).order_by(_share.c.place)
        insert_rows(self.connection, distribution, Distribution, rows)
        for identity, minor in (
            (period_id, _share.c.amount_minor),
            (open_ended_id, -_share.c.amount_minor),
        ):
            where = {"period_id": literal(identity), "entity_id": entity_id, "amount_minor": minor}
            _add_item(self.connection, made, where)
            _add_to_held(self.connection, where)
        self.connection.execute(
            update(revenue_schedule)
            .where(_SCHEDULE.id.in_(select(_share.c.schedule_id)))
            .values(updated_by=self.scope.user_id, updated_at=self.now)
        )
        return numbers


def _hold(connection: Connection, shares: Mapping[str, int]) -> None:
    """Put the shares where statements can read them."""
    connection.execute(CreateTable(_share, if_not_exists=True))
    connection.execute(delete(_share))
    rows = [_Share(*one, place) for place, one in enumerate(shares.items(), start=1)]
    bulk_insert(_share, connection.dialect).execute(connection, rows)


def _add_item(connection: Connection, made: ColumnElement[str], where: Given) -> None:
    given = {"distribution_id": made, **where}
    rows = select(*columns_of(distribution_item, DistributionItem, given)).select_from(_share)
    insert_rows(connection, distribution_item, DistributionItem, rows)


def _add_to_held(connection: Connection, where: Given) -> None:
    """Add to what the schedules hold; make the items that are new."""
    given = {"schedule_id": _share.c.schedule_id, **where}
    # The condition tells SQLite that ON CONFLICT does not belong to a join.
    rows = select(*columns_of(revenue_item, RevenueItem, given)).where(true())
    statement = upsert(connection, revenue_item)
    statement = statement.from_select([one.name for one in fields(RevenueItem)], rows)
    keys = [column.name for column in revenue_item.primary_key]
    added = _ITEM.amount_minor + statement.excluded.amount_minor
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_={"amount_minor": added})
    )


def _stamp(books: NumberingBooks) -> Given:
    return {
        name: literal(value, Instant() if isinstance(value, datetime) else Text())
        for name, value in books.stamp().items()
    }
