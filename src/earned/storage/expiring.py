"""Find the funds that may expire, however many there are."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from earned.domain.breakage import BreakagePolicy
from earned.domain.exact import ZERO
from earned.domain.tenancy import Scope
from earned.storage.pipeline import Connected
from earned.storage.tables.prepaid import fund


class ExpiringBooks(Connected):
    """The part of the books that expiring needs, beside the repositories."""

    scope: Scope

    def ended_balances(self, through: date) -> Sequence[str]:
        """Return prepaid balances with a fund that has units left and no day after `through`."""
        statement = (
            select(fund.c.prepaid_balance_id)
            .where(
                fund.c.entity_id == self.scope.entity_id,
                fund.c.end_date <= through + timedelta(1),
                fund.c.balance != ZERO,
                fund.c.done == 0,
                fund.c.breakage_policy != BreakagePolicy.NONE,
            )
            .distinct()
            .order_by(fund.c.prepaid_balance_id)
        )
        return self.connection.execute(statement).scalars().all()
