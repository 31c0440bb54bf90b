"""What the schedules of a charge hold together, in one statement however many there are."""

from collections.abc import Mapping

from sqlalchemy import func, literal, select

from earned.domain.tenancy import Scope
from earned.storage.pipeline import Connected
from earned.storage.tables.schedules import revenue_item, revenue_schedule


class SummingBooks(Connected):
    """The part of the books that adds up schedules, beside the repositories."""

    scope: Scope

    def amounts_of_charge(self, charge_id: str) -> Mapping[str, int]:
        """Return minor units by period id over all schedules of a charge, by its original id."""
        period_id, deleted = revenue_item.c.period_id, revenue_schedule.c.deleted
        statement = (
            select(period_id, func.sum(revenue_item.c.amount_minor))
            .join_from(revenue_item, revenue_schedule)
            .where(
                revenue_schedule.c.entity_id == self.scope.entity_id,
                revenue_schedule.c.charge_id == charge_id,
                deleted == literal(value=False, type_=deleted.type),
            )
            .group_by(period_id)
        )
        rows = self.connection.execute(statement)
        return {period_id: int(minor) for period_id, minor in rows}
