"""Tenants, entities, organisations, OAuth clients and tokens."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, insert, select, update

from earned.domain.tenancy import AccessToken, Entity, OAuthClient, Organization, Tenant
from earned.storage.tables.tenancy import (
    access_token,
    entities,
    oauth_client,
    organization,
    tenant,
)

T = TypeVar("T")

_TABLES: dict[type, Table] = {
    Tenant: tenant,
    Entity: entities,
    Organization: organization,
    OAuthClient: oauth_client,
    AccessToken: access_token,
}


class Clients:
    """Who may ask, and for whom; outside any entity's books."""

    def __init__(self, engine: Engine, connection: Connection | None = None) -> None:
        """Read through `engine`, and write with one transaction a call, or on `connection`."""
        self._engine = engine
        self._connection = connection

    def within(self, connection: Connection) -> "Clients":
        """Return these clients, written in the transaction of `connection`."""
        return Clients(self._engine, connection)

    def add(self, *rows: Tenant | Entity | Organization | OAuthClient) -> None:
        """Store new rows together."""
        with self._writing() as connection:
            for row in rows:
                connection.execute(insert(_TABLES[type(row)]), asdict(row))

    def add_token(self, token: AccessToken, now: datetime) -> None:
        """Store a token; those of the client that have expired make way."""
        expired = delete(access_token).where(
            access_token.c.client_id == token.client_id, access_token.c.expires_at <= now
        )
        with self._writing() as connection:
            connection.execute(expired)
            connection.execute(insert(access_token), asdict(token))

    def change_secret(self, client_id: str, secret_hash: str) -> None:
        """Store another secret of a client and take back its tokens."""
        changed = update(oauth_client).where(oauth_client.c.id == client_id)
        with self._writing() as connection:
            connection.execute(changed.values(secret_hash=secret_hash))
            connection.execute(delete(access_token).where(access_token.c.client_id == client_id))

    def change_permissions(self, client: OAuthClient, withheld: tuple[str, ...]) -> OAuthClient:
        """Store what a client may not do, and return it as it is now."""
        changed = update(oauth_client).where(oauth_client.c.id == client.id)
        with self._writing() as connection:
            connection.execute(changed.values(withheld_permissions=withheld))
        return replace(client, withheld_permissions=withheld)

    def remove_token(self, token_hash: str, client_id: str) -> None:
        """Forget a client's token; harmless when it has no such token."""
        mine = (access_token.c.token_hash == token_hash) & (access_token.c.client_id == client_id)
        with self._writing() as connection:
            connection.execute(delete(access_token).where(mine))

    def find(self, client_id: str) -> OAuthClient | None:
        """Return a client by its id."""
        return self._client(oauth_client.c.id == client_id)

    def find_by_token(self, token_hash: str) -> tuple[OAuthClient, datetime] | None:
        """Return the active client of a token, and when the token expires."""
        with self._engine.connect() as connection:
            statement = select(access_token).where(access_token.c.token_hash == token_hash)
            token = connection.execute(statement).one_or_none()
        client = token and self.find(token.client_id)
        return (client, token.expires_at) if token and client and client.active else None

    def list(self, kind: type[T]) -> Sequence[T]:
        """Return every tenant, entity, organisation or client, oldest first."""
        table = _TABLES[kind]
        with self._engine.connect() as connection:
            rows = connection.execute(select(table).order_by(table.c.id)).mappings()
            return [kind(**row) for row in rows]

    def _client(self, condition: ColumnElement[bool]) -> OAuthClient | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(oauth_client).where(condition)).mappings().one_or_none()
        return OAuthClient(**row) if row else None

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._connection is not None:
            yield self._connection
            return
        options = {"sqlite_begin": "IMMEDIATE"}
        with self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection
