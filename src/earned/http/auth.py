"""Bearer tokens, and what a request may see: its tenant, entity and organisations (R 9)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.permissions import remaining
from earned.domain.tenancy import OAuthClient, Scope
from earned.http.dialect import Dialect
from earned.http.refusal import ENTITY_HEADER_CODE, bad_header

CHALLENGE = (
    "www-authenticate",
    "Basic realm=Zuora API, ZSession realm=Zuora API, Bearer realm=Zuora API",
)
V1_MESSAGE = "this resource is protected, please sign in first"
OBJECT_MESSAGE = "Authentication error"
ENTITY_HEADER = "zuora-entity-ids"
ORGANIZATION_HEADER = "zuora-org-ids"

# How long a token may be trusted without another look at the database. A token that is revoked, or
# whose client is disabled, ends at the latest after this time.
TRUSTED = timedelta(seconds=60)
_KNOWN_MAX = 10_000
_HEX_ID = re.compile(r"[0-9a-f]{32}")

FindClient = Callable[[str], tuple[OAuthClient, datetime] | None]


@dataclass(frozen=True, slots=True)
class _Known:
    client: OAuthClient
    until: datetime


class Authenticator:
    """Knows who a bearer token belongs to."""

    def __init__(self, find_client: FindClient, clock: Callable[[], datetime]) -> None:
        """Look tokens up with `find_client`, which returns their client and expiry."""
        self._find_client = find_client
        self._clock = clock
        self._known: dict[str, _Known] = {}

    def remembered(self, headers: Mapping[str, str]) -> OAuthClient | None:
        """Return the token's client if it was looked up lately: no database, no waiting."""
        known = self._known.get(headers.get("authorization", ""))
        if known is None or known.until <= self._clock():
            return None
        return known.client

    def look_up(self, headers: Mapping[str, str], dialect: Dialect) -> OAuthClient:
        """Return the token's client, from the database. Raises an authentication refusal."""
        header = headers.get("authorization", "")
        token = bearer_token(header)
        found = self._find_client(token) if token else None
        now = self._clock()
        if found is None or found[1] <= now:
            self._known.pop(header, None)
            raise unauthenticated(dialect)
        if len(self._known) >= _KNOWN_MAX:
            self._known = {}
        client, expires_at = found
        self._known[header] = _Known(client, min(expires_at, now + TRUSTED))
        return client

    def forget(self, token: str) -> None:
        """Trust a token no longer, however its header was written."""
        self._known = {
            header: known
            for header, known in list(self._known.items())
            if bearer_token(header) != token
        }


def bearer_token(header: str) -> str:
    """Return the token of an `Authorization` header; empty if it carries none."""
    scheme, _, token = header.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def unauthenticated(dialect: Dialect) -> EarnedError:
    """The refusal of a request without a valid token, in the words of its dialect."""
    message = OBJECT_MESSAGE if dialect.is_crud else V1_MESSAGE
    return EarnedError([Problem(Kind.AUTHENTICATION, message)])


def scope_of(client: OAuthClient, headers: Mapping[str, str]) -> Scope:
    """Return what the request works on, by its entity and organisation headers.

    Raises a refusal where the entity is missing but needed, or is not the client's, or where an
    organisation is not the client's.
    """
    return Scope(
        tenant_id=client.tenant_id,
        entity_id=_entity(client, headers.get(ENTITY_HEADER)),
        user_id=client.user_id,
        organization_ids=_organizations(client, headers.get(ORGANIZATION_HEADER)),
        permissions=remaining(client.withheld_permissions),
    )


def _entity(client: OAuthClient, header: str | None) -> str:
    if header is None:
        if len(client.entity_ids) != 1:
            message = "Zuora-Entity-Ids is required: the token spans several entities."
            raise bad_header(message, ENTITY_HEADER_CODE)
        return client.entity_ids[0]
    entity_id = header.strip().replace("-", "").lower()
    if not _HEX_ID.fullmatch(entity_id):
        raise bad_header("Zuora-Entity-Ids should be the id of one entity.", ENTITY_HEADER_CODE)
    if entity_id not in client.entity_ids:
        message = "Zuora-Entity-Ids names an entity that the token is not valid for."
        raise bad_header(message, ENTITY_HEADER_CODE)
    return entity_id


def _organizations(client: OAuthClient, header: str | None) -> frozenset[str] | None:
    if header is None:
        return frozenset(client.organization_ids) if client.organization_ids else None
    asked = frozenset(part.strip().replace("-", "").lower() for part in header.split(","))
    if not asked.issubset(client.organization_ids):
        raise bad_header(
            "Zuora-Org-Ids should be a subset of the organizations the user can access."
        )
    return asked
