"""Bill runs that wait to be carried on, in all books of a database."""

from collections.abc import Sequence

from sqlalchemy import Engine, select

from earned.domain.bill_run import BillRunStatus
from earned.domain.tenancy import Scope
from earned.services.carry_on_bill_run import CarryOn
from earned.storage.tables.billing import bill_run
from earned.storage.tables.tenancy import entities


def waiting_bill_runs(engine: Engine) -> Sequence[tuple[Scope, CarryOn]]:
    """Return who began what is not over, in the order it was begun."""
    table = bill_run.c
    found = (
        select(
            *(entities.c.tenant_id, table.entity_id, table.created_by, table.organization_ids),
            table.id,
        )
        .join(entities, entities.c.id == table.entity_id)
        .where(table.status.in_([BillRunStatus.PENDING, BillRunStatus.PROCESSING]))
        .order_by(table.created_at, table.id)
    )
    with engine.connect() as connection:
        rows = connection.execute(found).all()
    return [(_scope(*row[:4]), CarryOn(run_id=row.id)) for row in rows]


def _scope(
    tenant_id: str, entity_id: str, user_id: str, organization_ids: tuple[str, ...] | None
) -> Scope:
    visible = None if organization_ids is None else frozenset(organization_ids)
    return Scope(tenant_id, entity_id, user_id, visible)
