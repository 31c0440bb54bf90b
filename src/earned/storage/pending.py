"""Find usage that waits, or that counts for another account, however much usage there is."""

from collections.abc import Collection, Sequence

from sqlalchemy import and_, or_, select

from earned.domain.calendar import Days
from earned.domain.tenancy import Scope
from earned.storage.pipeline import Connected
from earned.storage.tables.subscriptions import rate_plan_charge
from earned.storage.tables.usage import IS_PENDING, guided_usage


class PendingBooks(Connected):
    """The part of the books that drawing again and audits need, beside the repositories."""

    scope: Scope

    def pending_usage(self, charge_ids: Collection[str], days: Collection[Days]) -> Sequence[str]:
        """Return the ids of records with something pending, in the order they were recorded."""
        if not charge_ids or not days:
            return ()
        guided = guided_usage.c
        spans = [and_(guided.usage_date >= one.start, guided.usage_date < one.end) for one in days]
        statement = (
            select(guided.usage_id)
            .where(
                IS_PENDING,
                guided.entity_id == self.scope.entity_id,
                guided.charge_id.in_(charge_ids),
                or_(*spans),
            )
            .order_by(guided.id)
        )
        return list(dict.fromkeys(self.connection.execute(statement).scalars()))

    def rated_for_others(self) -> frozenset[str]:
        """Return the ids of accounts that have charges which usage of other accounts counts on."""
        guided, charge = guided_usage.c, rate_plan_charge.c
        used = select(guided.charge_id, guided.account_id).where(
            guided.entity_id == self.scope.entity_id
        )
        pair = used.distinct().subquery().c
        statement = select(charge.account_id).where(
            charge.entity_id == self.scope.entity_id,
            charge.original_id == pair.charge_id,
            charge.account_id != pair.account_id,
        )
        return frozenset(self.connection.execute(statement.distinct()).scalars())
