"""Usage imports that wait to be carried out, in all books of a database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import Connection, Engine, and_, delete, exists, func, insert, or_, select

from earned.domain.tenancy import Scope
from earned.domain.usage_import import Begun, ImportStatus
from earned.storage.expired import delete_expired
from earned.storage.tables.tenancy import entities
from earned.storage.tables.usage import usage_import, usage_import_part

_ID_DIGITS = 32

KEPT = timedelta(hours=24)
"""How long parts of a file wait for the rest of it."""


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


@contextmanager
def claimed(engine: Engine, import_id: str) -> Iterator[bool]:
    """Claim an import while the block runs; lends whether it is ours: nobody else has claimed it.

    A server that is killed claims nothing any more. An embedded database has one server.
    """
    if engine.dialect.name != "postgresql":
        yield True
        return
    key = int(import_id[_ID_DIGITS // 2 :], 16) >> 1
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_ours = connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one()
        try:
            yield is_ours
        finally:
            if is_ours:
                connection.execute(select(func.pg_advisory_unlock(key)))


def _scope(
    tenant_id: str, entity_id: str, user_id: str, organization_ids: tuple[str, ...] | None
) -> Scope:
    visible = None if organization_ids is None else frozenset(organization_ids)
    return Scope(tenant_id, entity_id, user_id, visible)


def store_part(
    connection: Connection, scope: Scope, now: datetime, place: tuple[str, int], content: bytes
) -> None:
    """Store a part of a file: of which file, and which part it is."""
    row = {"entity_id": scope.entity_id, "created_at": now, "content": content}
    file_id, number = place
    connection.execute(insert(usage_import_part).values(file_id=file_id, place=number, **row))


def parts(connection: Connection, file_id: str, first: int) -> Iterator[bytes]:
    """Yield the parts of a file in order, from one of them on."""
    part = usage_import_part.c
    for place in count(first):
        wanted = select(part.content).where(part.file_id == file_id, part.place == place)
        content = connection.execute(wanted).scalar()
        if content is None:
            return
        yield bytes(content)


def forget_parts(connection: Connection, file_id: str) -> None:
    """Delete the parts of a file."""
    connection.execute(delete(usage_import_part).where(usage_import_part.c.file_id == file_id))


def forget_lost_parts(engine: Engine, now: datetime, most: int) -> int:
    """Delete parts of files that never came to their end, of `most` files; return how many."""
    part = usage_import_part.c
    table = usage_import.c
    is_lost = ~exists().where(or_(table.id == part.file_id, table.result_id == part.file_id))
    lost = and_(part.created_at <= now - KEPT, is_lost)
    return delete_expired(engine, part.file_id, lost, most)
