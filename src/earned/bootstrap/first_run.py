"""Make the books of a new server: a tenant, its entity, and a client that may ask for tokens."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from earned.bootstrap.application import Application
from earned.bootstrap.identity import SECRET_COST, new_secret, secret_hash
from earned.domain.accounting import OPEN_ENDED, AccountingPeriod
from earned.domain.tenancy import Entity, OAuthClient, Scope, Tenant
from earned.services.change_settings import change_settings as change_settings_of_books
from earned.services.leave_trace import leave_trace
from earned.services.recognition_rules import ensure_recognition_rules
from earned.storage.clients import Clients

SETUP = "setup"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client signs in with. The secret is known only when it was made or given now."""

    client_id: str
    client_secret: str | None
    created: bool


def ensure_books(
    application: Application,
    client_id: str | None = None,
    client_secret: str | None = None,
    time_zone: str | None = None,
    secret_cost: int = SECRET_COST,
) -> Credentials:
    """Make tenant, entity and client where they are not there yet; harmless when they are.

    Without a `client_id`, the first client that exists is kept, else one is made.
    """
    tenants = application.clients.list(Tenant)
    tenant = tenants[0] if tenants else _new_tenant(application, "Earned")
    entities = application.clients.list(Entity)
    entity = entities[0] if entities else _new_entity(application, tenant.id, tenant.name)
    _ensure_open_ended(application, entity)
    if time_zone:
        change_settings(application, entity, {"time_zone": time_zone})
    clients = application.clients.list(OAuthClient)
    known = next((c for c in clients if client_id in {None, c.id}), None)
    if known is not None:
        return Credentials(known.id, client_secret, created=False)
    secret = client_secret or new_secret()
    client = add_client(
        application, tenant.id, (entity.id,), secret, client_id=client_id, secret_cost=secret_cost
    )
    return Credentials(client.id, secret, created=True)


def add_tenant(application: Application, name: str) -> Tenant:
    """Make a tenant with one entity of the same name."""
    tenant = _new_tenant(application, name)
    add_entity(application, tenant.id, name)
    return tenant


def add_entity(application: Application, tenant_id: str, name: str) -> Entity:
    """Make an entity with its Open-Ended accounting period."""
    entity = _new_entity(application, tenant_id, name)
    _ensure_open_ended(application, entity)
    return entity


def _new_tenant(application: Application, name: str) -> Tenant:
    tenant = Tenant(id=application.database.new_id(), name=name, created_at=application.clock())
    application.clients.add(tenant)
    return tenant


def _new_entity(application: Application, tenant_id: str, name: str) -> Entity:
    identity, now = application.database.new_id(), application.clock()
    entity = Entity(id=identity, tenant_id=tenant_id, name=name, created_at=now)
    application.clients.add(entity)
    return entity


def _ensure_open_ended(application: Application, entity: Entity) -> None:
    """Make the period and the rules that every entity has; what was cut short is made whole."""
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id=SETUP)
    with application.database.writing() as transaction:
        books = transaction.books(scope)
        ensure_recognition_rules(books)
        if books.periods.find(name=OPEN_ENDED) is None:
            books.periods.add(
                AccountingPeriod(
                    id=books.new_id(),
                    entity_id=entity.id,
                    name=OPEN_ENDED,
                    start_date=None,
                    end_date=None,
                    fiscal_year=None,
                    **books.stamp(),
                )
            )


def add_client(  # noqa: PLR0913 - Each is a fact of the client that a caller may need to give.
    application: Application,
    tenant_id: str,
    entity_ids: tuple[str, ...],
    secret: str,
    *,
    client_id: str | None = None,
    organization_ids: tuple[str, ...] = (),
    name: str = "default",
    secret_cost: int = SECRET_COST,
) -> OAuthClient:
    """Make a client of a tenant; its id has the 36 characters that the SDK demands."""
    new_id = application.database.new_id
    client = OAuthClient(
        id=client_id or str(UUID(new_id())),
        tenant_id=tenant_id,
        user_id=new_id(),
        name=name,
        secret_hash=secret_hash(secret, secret_cost),
        entity_ids=entity_ids,
        organization_ids=organization_ids,
        created_at=application.clock(),
    )
    application.clients.add(client)
    return client


def rotate_secret(
    application: Application, client_id: str, client_secret: str | None = None
) -> Credentials:
    """Give a client a new secret. Its tokens end, because whoever had the old one may have some."""
    secret = client_secret or new_secret()
    client = application.clients.find(client_id)
    assert client is not None, "only a client that is there has a secret"
    with _changing(application, client, "rotated the secret", {}) as clients:
        clients.change_secret(client_id, secret_hash(secret))
    return Credentials(client_id, secret, created=False)


def change_permissions(
    application: Application, client: OAuthClient, withheld: tuple[str, ...]
) -> OAuthClient:
    """Withhold permissions of a client, those and no others; return the client as it is now."""
    told = {"withheld": withheld, "was": client.withheld_permissions}
    with _changing(application, client, "changed permissions", told) as clients:
        return clients.change_permissions(client, withheld)


@contextmanager
def _changing(
    application: Application, client: OAuthClient, action: str, told: Mapping[str, object]
) -> Iterator[Clients]:
    """Change a client, and tell it in the audit log of each entity whose books it works on."""
    with application.database.writing() as transaction:
        yield application.clients.within(transaction.connection)
        for entity_id in client.entity_ids:
            scope = Scope(tenant_id=client.tenant_id, entity_id=entity_id, user_id=SETUP)
            leave_trace(transaction.books(scope), action, "OAuthClient", client.id, told)


def change_settings(application: Application, entity: Entity, changes: dict[str, object]) -> None:
    """Store settings of an entity by their field names."""
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id=SETUP)
    with application.database.writing() as transaction:
        change_settings_of_books(transaction.books(scope), changes)
