"""What revenue events say, set against what has been collected, in one statement for all of them.

The events of a rating result (`Unbilled Usage`) belong to no fund and so to no schedule yet.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, update

from earned.domain.collecting import Due
from earned.domain.tenancy import Scope
from earned.storage.tables.consumption import revenue_event
from earned.storage.tables.schedules import revenue_schedule

_SAYS = case(
    (revenue_event.c.deleted == 1, 0), else_=func.coalesce(revenue_event.c.amount_minor, 0)
)
"""An event that was deleted, or has no amount as a rollover has none, says nothing."""


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

    def _is_due(self, through: date) -> ColumnElement[bool]:
        return and_(
            revenue_event.c.entity_id == self.scope.entity_id,
            revenue_event.c.transaction_date <= through,
            revenue_event.c.collected_minor != _SAYS,
        )


def _same_fund() -> ColumnElement[bool]:
    return revenue_event.c.fund_id == revenue_schedule.c.fund_id
