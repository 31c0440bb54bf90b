"""Usage imports that wait to be carried out, in all books of a database."""

from collections.abc import Sequence

from sqlalchemy import Engine, select

from earned.domain.tenancy import Scope
from earned.domain.usage_import import Begun, ImportStatus
from earned.storage.tables.tenancy import entities
from earned.storage.tables.usage import usage_import


def waiting_imports(engine: Engine) -> Sequence[tuple[Scope, Begun]]:
    """Return who uploaded what is not over, and how often it was begun, in the order it came.

    Whoever carries out an import holds its lock: such a one is not returned.
    """
    table = usage_import.c
    columns = (entities.c.tenant_id, table.entity_id, table.created_by, table.organization_ids)
    found = (
        select(*columns, table.id, table.attempts)
        .join(entities, entities.c.id == table.entity_id)
        .where(table.status.in_([ImportStatus.PENDING, ImportStatus.PROCESSING]))
        .order_by(table.created_at, table.id)
        .with_for_update(skip_locked=True, of=usage_import)
    )
    with engine.connect() as connection:
        rows = connection.execute(found).all()
    return [(_scope(*row[:4]), Begun(id=row.id, attempts=row.attempts)) for row in rows]


def _scope(
    tenant_id: str, entity_id: str, user_id: str, organization_ids: tuple[str, ...] | None
) -> Scope:
    visible = None if organization_ids is None else frozenset(organization_ids)
    return Scope(tenant_id, entity_id, user_id, visible)
