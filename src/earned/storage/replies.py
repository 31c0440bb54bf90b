"""Answers kept under idempotency keys, in the same transaction as their effects (R 8.4)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, select

from earned.services.work import Claim, Job, Reply
from earned.storage.expired import delete_expired
from earned.storage.tables.tenancy import idempotency_key

KEPT = timedelta(hours=24)
REPLAYED = ("idempotent-replayed", "true")


class ClaimMismatch(Exception):
    """The key was used for another request: other URL, method, tenant or payload."""


def find_replies(
    connection: Connection, keys: Iterable[str], now: datetime
) -> Mapping[str, tuple[Claim, str, str, Reply]]:
    """Return the answers still kept under `keys`: the claim, tenant and entity they belong to."""
    wanted = list(keys)
    if not wanted:
        return {}
    table = idempotency_key
    kept = select(table).where(table.c.key.in_(wanted), table.c.created_at > now - KEPT)
    found = {}
    for row in connection.execute(kept).mappings():
        claim = Claim(row["key"], row["method"], row["url"], row["fingerprint"])
        headers = tuple((name, value) for name, value in row["headers"])
        reply = Reply(row["status"], headers, row["body"])
        found[claim.key] = (claim, row["tenant_id"], row["entity_id"], reply)
    return found


def replay(job: Job, stored: tuple[Claim, str, str, Reply]) -> Reply:
    """Return the kept answer if `job` is the same request. Raises `ClaimMismatch` if it is not."""
    claim, tenant_id, entity_id, reply = stored
    if (claim, tenant_id, entity_id) != (job.claim, job.scope.tenant_id, job.scope.entity_id):
        raise ClaimMismatch(claim.key)
    return Reply(reply.status, (*reply.headers, REPLAYED), reply.body)


def store_replies(
    connection: Connection, answered: Sequence[tuple[Job, Reply]], now: datetime
) -> None:
    """Keep the answers to claimed requests; an expired answer under the same key makes way.

    Server errors are not kept: the request may be tried again.
    """
    rows = [_row(job, reply, now) for job, reply in answered if job.claim and not reply.is_fault]
    if not rows:
        return
    table = idempotency_key
    expired = table.c.created_at <= now - KEPT
    connection.execute(delete(table).where(table.c.key.in_([row["key"] for row in rows]), expired))
    connection.execute(insert(table), rows)


def forget_expired(engine: Engine, now: datetime, most: int) -> int:
    """Delete answers that are no longer kept, `most` of them; return how many."""
    expired = idempotency_key.c.created_at <= now - KEPT
    return delete_expired(engine, idempotency_key.c.key, expired, most)


def _row(job: Job, reply: Reply, now: datetime) -> dict[str, object]:
    claim = job.claim
    assert claim is not None
    return {
        "key": claim.key,
        "tenant_id": job.scope.tenant_id,
        "entity_id": job.scope.entity_id,
        "method": claim.method,
        "url": claim.url,
        "fingerprint": claim.fingerprint,
        "status": reply.status,
        "headers": [list(pair) for pair in reply.headers],
        "body": reply.body,
        "created_at": now,
    }
