"""Bearer tokens, and what a request may see: its tenant, entity and organisations (R 9)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.tenancy import OAuthClient, Scope
from earned.http.dialect import ENTITY_HEADER_CODE, Dialect, WireError

CHALLENGE = (
    "www-authenticate",
    "Basic realm=Zuora API, ZSession realm=Zuora API, Bearer realm=Zuora API",
)
V1_MESSAGE = "this resource is protected, please sign in first"
OBJECT_MESSAGE = "Authentication error"

# How long a token may be trusted without another look at the database.
_TRUSTED = timedelta(seconds=60)
_HEX_ID = re.compile(r"[0-9a-f]{32}")

FindClient = Callable[[str], tuple[OAuthClient, datetime] | None]


@dataclass(frozen=True, slots=True)
class _Known:
    client: OAuthClient
    expires_at: datetime
    looked_up_at: datetime


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
        now = self._clock()
        if known is None or known.expires_at <= now or known.looked_up_at + _TRUSTED <= now:
            return None
        return known.client

    def look_up(self, headers: Mapping[str, str], dialect: Dialect) -> OAuthClient:
        """Return the token's client, from the database. Raises an authentication refusal."""
        header = headers.get("authorization", "")
        scheme, _, token = header.partition(" ")
        found = self._find_client(token.strip()) if scheme.lower() == "bearer" and token else None
        if found is None or found[1] <= self._clock():
            self._known.pop(header, None)
            raise unauthenticated(dialect)
        self._known[header] = _Known(*found, looked_up_at=self._clock())
        return found[0]


def unauthenticated(dialect: Dialect) -> EarnedError:
    """The refusal of a request without a valid token, in the words of its dialect."""
    message = OBJECT_MESSAGE if dialect is Dialect.OBJECT else V1_MESSAGE
    return EarnedError([Problem(Kind.AUTHENTICATION, message)])


def scope_of(client: OAuthClient, headers: Mapping[str, str]) -> Scope:
    """Return what the request works on, by its entity and organisation headers.

    Raises a refusal where the entity is missing but needed, or is not the client's, or where an
    organisation is not the client's.
    """
    return Scope(
        tenant_id=client.tenant_id,
        entity_id=_entity(client, headers.get("zuora-entity-ids")),
        user_id=client.user_id,
        organization_ids=_organizations(client, headers.get("zuora-org-ids")),
    )


def _entity(client: OAuthClient, header: str | None) -> str:
    if header is None:
        if len(client.entity_ids) > 1:
            raise _bad_entity("Zuora-Entity-Ids is required: the token spans several entities.")
        return client.entity_ids[0]
    entity_id = header.strip().replace("-", "").lower()
    if not _HEX_ID.fullmatch(entity_id):
        raise _bad_entity("Zuora-Entity-Ids should be the id of one entity.")
    if entity_id not in client.entity_ids:
        raise _bad_entity("Zuora-Entity-Ids names an entity that the token is not valid for.")
    return entity_id


def _organizations(client: OAuthClient, header: str | None) -> frozenset[str] | None:
    mine = frozenset(client.organization_ids)
    if header is None:
        return mine or None
    asked = frozenset(part.strip().replace("-", "").lower() for part in header.split(","))
    if not asked <= mine:
        message = "Zuora-Org-Ids should be a subset of the organizations the user can access."
        raise WireError(Problem(Kind.INVALID, message, code="INVALID_VALUE"), status=400)
    return asked


def _bad_entity(message: str) -> WireError:
    return WireError(Problem(Kind.INVALID, message), status=400, code=ENTITY_HEADER_CODE)
