"""The schedules that wait for accounting periods yet to be defined, in one statement."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, and_, select

from earned.domain.accounting import OPEN_ENDED
from earned.domain.new_period import Waiting
from earned.domain.recognition import Spread
from earned.domain.tenancy import Scope
from earned.storage.tables.accounting import accounting_period
from earned.storage.tables.schedules import revenue_item, revenue_schedule

_SCHEDULE, _ITEM = revenue_schedule.c, revenue_item.c
_SPREAD = (
    *(_SCHEDULE.recognition_start, _SCHEDULE.recognition_end, _SCHEDULE.distribution_type),
    *(_SCHEDULE.recognition_rounding, _SCHEDULE.recognition_not_before),
)


class WaitingBooks:
    """The part of the books that a new accounting period needs, beside the repositories."""

    connection: Connection
    scope: Scope

    def waiting_revenue(self, through: date) -> Sequence[Waiting]:
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
                Spread(start=start, end=end, method=method, rounding=rounding, not_before=day),
            )
            for schedule_id, amount, undistributed, start, end, method, rounding, day in rows
        ]
