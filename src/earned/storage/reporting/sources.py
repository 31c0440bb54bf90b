"""The rows that count in a report: of the entity, visible to the caller, stored by its moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    case,
    cast,
    collate,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from earned.domain.as_of import Known
from earned.domain.tenancy import Scope
from earned.storage.repository import visible_rows
from earned.storage.tables.accounts import account
from earned.storage.tables.schedules import distribution, distribution_item, revenue_schedule
from earned.storage.types import Day, Instant, Whole

Expression = ColumnElement[Any]
Clause = ColumnElement[bool]


def total(column: Expression) -> Expression:
    """Return the sum of a column of whole numbers as one; PostgreSQL would make it a decimal."""
    return cast(func.sum(column), Whole)


MINOR = total(distribution_item.c.amount_minor)


@dataclass(frozen=True, slots=True)
class Sources:
    """Whose rows, and up to when. With `account_id`, only those of one customer."""

    connection: Connection
    scope: Scope
    known: Known
    account_id: str | None = None

    def schedules(self) -> Sequence[Clause]:
        """Return the conditions on revenue schedules: made by then, and not deleted by then."""
        schedule, at = revenue_schedule.c, self.known.at
        conditions = [schedule.entity_id == self.scope.entity_id, *self.mine(schedule.account_id)]
        if at is None:
            return [*conditions, schedule.deleted_at.is_(None)]
        moment = literal(at, Instant())
        there = or_(schedule.deleted_at.is_(None), schedule.deleted_at > moment)
        return [*conditions, schedule.created_at <= moment, there]

    def moved(self, *columns: Expression) -> Select[Any]:
        """Select from what distributions moved by then, with the schedule and the distribution."""
        return (
            select(*columns)
            .select_from(revenue_schedule)
            .join(distribution, distribution.c.schedule_id == revenue_schedule.c.id)
            .join(distribution_item, distribution_item.c.distribution_id == distribution.c.id)
            .where(*self.schedules(), *self.by_then(distribution.c.created_at))
        )

    def mine(self, account_id: Expression) -> Sequence[Clause]:
        """Return the conditions on the account of a row: the one asked for, and visible."""
        conditions = [account_id == self.account_id] if self.account_id else []
        visible = visible_rows(account, self.scope.organization_ids)
        if visible is not None:
            conditions.append(account_id.in_(select(account.c.id).where(visible)))
        return conditions

    def by_then(self, created_at: Expression) -> Sequence[Clause]:
        """Return the condition on rows that are never changed: stored by then."""
        return [] if self.known.at is None else [created_at <= literal(self.known.at, Instant())]

    def by_bytes(self, text: Expression) -> Expression:
        """Return a text to order by, the same on both databases."""
        return text if self.connection.dialect.name == "sqlite" else collate(text, "C")

    def booked_in(self) -> Expression:
        """Return the id of the period a schedule was booked in.

        It is that of the schedule's date, or if that was closed already when the schedule was made,
        the first that was open: what a closed period says of additions does not change either.
        """
        schedule, known = revenue_schedule.c, self.known
        later = [
            (schedule.created_at >= literal(step.at, Instant()), literal(step.open_from, Day()))
            for step in reversed(known.steps)
        ]
        day: Expression = schedule.schedule_date
        if later:
            open_from = case(*later, else_=schedule.schedule_date)
            day = case((open_from > schedule.schedule_date, open_from), else_=day)
        return self.period_of(day)

    def period_of(self, day: Expression) -> Expression:
        """Return the id of the period a day is in; of the first, if it is before that."""
        *defined, rest = self.known.periods
        homes = [(day <= literal(p.end_date, Day()), literal(p.id)) for p in defined]
        return case(*homes, else_=rest.id) if homes else literal(rest.id)


def grouped(sources: Sources, statement: Select[Any], by: Sequence[Expression]) -> Sequence[Any]:
    """Group by the first columns, by their places: what they are made of is not repeated."""
    places: list[Expression] = [literal_column(str(at)) for at, _ in enumerate(by, start=1)]
    return sources.connection.execute(statement.group_by(*places)).all()
