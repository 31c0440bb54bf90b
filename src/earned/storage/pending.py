"""Find usage that waits, or that counts for another account, however much usage there is."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import and_, literal, or_, select

from earned.domain.calendar import Days, joined
from earned.domain.individual import Uncovered
from earned.domain.tenancy import Scope
from earned.services.batches import batches
from earned.storage.pipeline import Connected
from earned.storage.tables.billing import billing_document_item, processed_usage
from earned.storage.tables.subscriptions import rate_plan_charge
from earned.storage.tables.usage import IS_PENDING, guided_usage


class PendingBooks(Connected):
    """The part of the books that drawing again and audits need, beside the repositories."""

    scope: Scope

    def pending_usage(self, charge_ids: Collection[str], days: Collection[Days]) -> Sequence[str]:
        """Return the ids of records with something pending, in the order they were recorded."""
        if not charge_ids or not days:
            return ()
        found: dict[str, str] = {}
        for some in batches(joined(days)):
            found |= self._pending_usage(charge_ids, some)
        return list(dict.fromkeys(found[guided_id] for guided_id in sorted(found)))

    def _pending_usage(
        self, charge_ids: Collection[str], days: Collection[Days]
    ) -> Mapping[str, str]:
        """Return the ids of the records of what is pending, by its own: of a few spans of days."""
        guided = guided_usage.c
        spans = [and_(guided.usage_date >= one.start, guided.usage_date < one.end) for one in days]
        statement = select(guided.id, guided.usage_id).where(
            IS_PENDING,
            guided.entity_id == self.scope.entity_id,
            guided.charge_id.in_(charge_ids),
            or_(*spans),
        )
        return {one.id: one.usage_id for one in self.connection.execute(statement)}

    def uncovered_usage(
        self, charge_id: str, segment: int, days: Days, group: str | None
    ) -> Sequence[Uncovered]:
        """Return what no fund covered of the usage of a charge segment, in one rating group of it.

        Usage that has no part in a document is found by what is pending, the rest by its items.
        """
        row, item, billed = guided_usage.c, billing_document_item.c, processed_usage.c
        items = select(item.id).where(item.charge_id == charge_id)
        invoiced = select(billed.guided_id).where(billed.invoice_item_id.in_(items))
        credited = select(billed.guided_id).where(billed.credit_memo_item_id.in_(items))
        there = row.deleted == literal(value=False, type_=row.deleted.type)
        wanted = [
            row.entity_id == self.scope.entity_id,
            row.charge_id == charge_id,
            row.charge_segment == segment,
            row.usage_date >= days.start,
            row.usage_date < days.end,
            row.group_key.is_(None) if group is None else row.group_key == group,
        ]
        told = select(row.usage_date, row.id, row.quantity, row.remaining_quantity)
        found = {
            one.id: Uncovered(one.usage_date, one.id, one.remaining_quantity)
            for among in (IS_PENDING, and_(there, row.id.in_(invoiced.union(credited))))
            for one in self.connection.execute(told.where(among, *wanted))
            if one.quantity > 0 and one.remaining_quantity
        }
        return list(found.values())

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
