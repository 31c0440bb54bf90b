"""What revenue events say, set against what has been collected, in one statement for all of them.

The events of a rating result (`Unbilled Usage`) belong to no fund and so to no schedule yet.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    and_,
    case,
    func,
    insert,
    literal,
    select,
    update,
)

from earned.domain.accounting import PeriodStatus
from earned.domain.collecting import Due
from earned.domain.tenancy import Scope
from earned.storage.tables.accounting import accounting_period
from earned.storage.tables.consumption import revenue_event
from earned.storage.tables.schedules import collected, distribution, revenue_schedule
from earned.storage.types import Instant

_SAYS = case(
    (revenue_event.c.deleted == 1, 0), else_=func.coalesce(revenue_event.c.amount_minor, 0)
)
"""An event that was deleted, or has no amount as a rollover has none, says nothing."""
_NOTED = (
    *("schedule_id", "distribution_id", "period_id", "event_id"),
    *("entity_id", "amount_minor", "created_at"),
)


class CollectingBooks:
    """The part of the books that collecting needs, beside the repositories."""

    connection: Connection
    scope: Scope
    now: datetime

    def due_revenue(self, through: date) -> Sequence[Due]:
        """Return what the events of funds say beyond what was collected, by schedule and day."""
        by = (revenue_schedule.c.id, revenue_event.c.transaction_date)
        statement = (
            select(*by, func.sum(_SAYS - revenue_event.c.collected_minor))
            .join_from(revenue_event, revenue_schedule, _same_fund())
            .where(self._is_due(through))
            .group_by(*by)
            .order_by(*by)
        )
        rows = self.connection.execute(statement)
        return [Due(schedule_id, day, int(minor)) for schedule_id, day, minor in rows]

    def note_collected(self, through: date, first_id: str) -> None:
        """Keep what each event behind `due_revenue` gives, and to which period and distribution."""
        same_run = and_(
            distribution.c.schedule_id == revenue_schedule.c.id, distribution.c.id >= first_id
        )
        rows = (
            select(
                revenue_schedule.c.id,
                distribution.c.id,
                self._home(),
                revenue_event.c.id,
                revenue_event.c.entity_id,
                _SAYS - revenue_event.c.collected_minor,
                literal(self.now, Instant()),
            )
            .join_from(revenue_event, revenue_schedule, _same_fund())
            .outerjoin(distribution, same_run)
            .where(self._is_due(through))
            .order_by(revenue_schedule.c.id, revenue_event.c.transaction_date, revenue_event.c.id)
        )
        self.connection.execute(insert(collected).from_select([*_NOTED], rows))

    def mark_collected(self, through: date) -> int:
        """Set what is collected of each event behind `due_revenue` to what it says."""
        has_schedule = select(revenue_schedule.c.id).where(_same_fund()).exists()
        statement = update(revenue_event).where(self._is_due(through), has_schedule)
        return self.connection.execute(statement.values(collected_minor=_SAYS)).rowcount

    def touch_schedules(self, ids: Sequence[str]) -> None:
        """Stamp revenue schedules as changed, whichever organisation they are of."""
        self.connection.execute(
            update(revenue_schedule)
            .where(revenue_schedule.c.id.in_(ids))
            .values(updated_by=self.scope.user_id, updated_at=self.now)
        )

    def _home(self) -> ScalarSelect[str]:
        """Return the first open period that ends on the day of an event or later."""
        period = accounting_period.c
        return (
            select(period.id)
            .where(
                period.entity_id == self.scope.entity_id,
                period.status != PeriodStatus.CLOSED,
                period.end_date >= revenue_event.c.transaction_date,
            )
            .order_by(period.end_date)
            .limit(1)
            .scalar_subquery()
        )

    def _is_due(self, through: date) -> ColumnElement[bool]:
        return and_(
            revenue_event.c.entity_id == self.scope.entity_id,
            revenue_event.c.transaction_date <= through,
            revenue_event.c.collected_minor != _SAYS,
        )


def _same_fund() -> ColumnElement[bool]:
    return revenue_event.c.fund_id == revenue_schedule.c.fund_id
