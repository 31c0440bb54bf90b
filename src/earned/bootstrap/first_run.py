"""Make the books of a new server: a tenant, its entity, and a client that may ask for tokens."""

from dataclasses import dataclass
from uuid import UUID

from earned.bootstrap.application import Application
from earned.bootstrap.identity import new_secret, secret_hash
from earned.domain.accounting import OPEN_ENDED, AccountingPeriod
from earned.domain.tenancy import Entity, OAuthClient, Scope, Tenant


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
) -> Credentials:
    """Make tenant, entity and client where they are not there yet; harmless when they are.

    Without a `client_id`, the first client that exists is kept, else one is made.
    """
    tenants = application.clients.list(Tenant)
    tenant = tenants[0] if tenants else add_tenant(application, "Earned")
    entity = application.clients.list(Entity)[0]
    if time_zone:
        change_settings(application, entity, {"time_zone": time_zone})
    clients = application.clients.list(OAuthClient)
    known = next((c for c in clients if client_id in {None, c.id}), None)
    if known is not None:
        return Credentials(known.id, client_secret, created=False)
    secret = client_secret or new_secret()
    client = add_client(application, tenant.id, (entity.id,), secret, client_id=client_id)
    return Credentials(client.id, secret, created=True)


def add_tenant(application: Application, name: str) -> Tenant:
    """Make a tenant with one entity of the same name."""
    new_id, now = application.database.new_id, application.clock()
    tenant = Tenant(id=new_id(), name=name, created_at=now)
    application.clients.add(tenant)
    add_entity(application, tenant.id, name)
    return tenant


def add_entity(application: Application, tenant_id: str, name: str) -> Entity:
    """Make an entity with its Open-Ended accounting period."""
    now = application.clock()
    entity = Entity(
        id=application.database.new_id(), tenant_id=tenant_id, name=name, created_at=now
    )
    application.clients.add(entity)
    scope = Scope(tenant_id=tenant_id, entity_id=entity.id, user_id=application.database.new_id())
    with application.database.writing() as transaction:
        books = transaction.books(scope)
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
    return entity


def add_client(  # noqa: PLR0913 - Each is a fact of the client that a caller may need to give.
    application: Application,
    tenant_id: str,
    entity_ids: tuple[str, ...],
    secret: str,
    *,
    client_id: str | None = None,
    organization_ids: tuple[str, ...] = (),
    name: str = "default",
) -> OAuthClient:
    """Make a client of a tenant; its id has the 36 characters that the SDK demands."""
    new_id = application.database.new_id
    client = OAuthClient(
        id=client_id or str(UUID(new_id())),
        tenant_id=tenant_id,
        user_id=new_id(),
        name=name,
        secret_hash=secret_hash(secret),
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
    application.clients.change_secret(client_id, secret_hash(secret))
    return Credentials(client_id, secret, created=False)


def change_settings(application: Application, entity: Entity, changes: dict[str, object]) -> None:
    """Store settings of an entity by their field names."""
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="setup")
    with application.database.writing() as transaction:
        transaction.books(scope).change_settings(changes)
