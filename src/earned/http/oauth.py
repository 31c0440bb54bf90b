"""`POST /oauth/token` and `POST /oauth/revoke`: credentials for a bearer token, and back (R 9)."""

import asyncio
from base64 import b64decode
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, unquote_plus

import structlog

from earned.bootstrap.application import Application
from earned.domain.errors import EarnedError
from earned.domain.tenancy import OAuthClient
from earned.http.auth import Authenticator
from earned.http.body import read_body
from earned.http.dialect import JSON, encode_json
from earned.http.exchange import Exchange
from earned.http.limits import Headers, MonotonicClock, OverLimit, RateLimiter
from earned.http.refusal import WireError
from earned.http.visit import RETRY_SOON
from earned.services.work import INTERNAL_ERROR, Reply
from earned.storage.contention import is_locked_out

_log = structlog.get_logger("earned.http")

TOKEN_PATH = "/oauth/token"  # noqa: S105 - A path, no password.
REVOKE_PATH = "/oauth/revoke"
NO_STORE = ("cache-control", "no-store")

_OK, _BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN = 200, 400, 401, 403
_UNSUPPORTED_MEDIA_TYPE, _TOO_MANY, _UNAVAILABLE = 415, 429, 503
_FORM = "application/x-www-form-urlencoded"
_FIELDS_MAX = 20
_FAULT = "An internal error occurred."
_BUSY = "The books are being written to. Please retry later."
_NOBODY = ""

_Work = Callable[[OAuthClient, Mapping[str, str]], Reply]


class _Refused(Exception):
    """A token request that is refused, in the words of Spring."""

    def __init__(self, status: int, error: str, message: str, headers: Headers = ()) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.headers = headers


class TokenDesk:
    """Gives tokens to clients that know their secret, and takes them back."""

    def __init__(
        self, application: Application, authenticator: Authenticator, clock: MonotonicClock
    ) -> None:
        """Serve the clients of `application`; `authenticator` forgets what is revoked."""
        settings = application.settings
        self._application = application
        self._authenticator = authenticator
        self._addresses = RateLimiter(settings.auth_address_rate_limits, clock)
        self._tenants = RateLimiter(settings.auth_rate_limits, clock)

    async def issue(self, exchange: Exchange) -> Reply:
        """Answer a request for a token."""
        return await self._answer(exchange, self._issued)

    async def revoke(self, exchange: Exchange) -> Reply:
        """Answer a request to end a token (RFC 7009); a token that is not known is no error."""
        return await self._answer(exchange, self._revoked)

    async def _answer(self, exchange: Exchange, work: _Work) -> Reply:
        """Count by address, read, authenticate, and have it done."""
        extra: list[tuple[str, str]] = [NO_STORE]
        try:
            _count(self._addresses, exchange.client)
            form = await _form(exchange, self._application.settings.body_seconds)
            client = await self._client(form, extra)
            reply = await asyncio.to_thread(work, client, form)
        except _Refused as refused:
            reply = _refusal(exchange, refused)
        except Exception as error:  # noqa: BLE001 - A defect of ours still gets an answer.
            reply = _refusal(exchange, _fault(exchange, error))
        return reply.with_headers(*extra)

    async def _client(self, form: Mapping[str, str], extra: list[tuple[str, str]]) -> OAuthClient:
        """Return the client that the form proves to be; counted for its tenant first."""
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if not client_id or not secret:
            message = "client_id and client_secret are required."
            raise _Refused(_BAD_REQUEST, "invalid_request", message)
        client = await asyncio.to_thread(self._application.clients.find, client_id)
        extra += _count(self._tenants, client.tenant_id if client else _NOBODY)
        if client is None:
            raise _Refused(_BAD_REQUEST, "invalid_client", "Invalid client id")
        if not client.active:
            raise _Refused(_FORBIDDEN, "access_denied", "Forbidden")
        if not await asyncio.to_thread(self._application.knows_secret, client, secret):
            raise _Refused(_UNAUTHORIZED, "invalid_client", "Invalid client secret")
        return client

    def _issued(self, client: OAuthClient, form: Mapping[str, str]) -> Reply:
        if form.get("grant_type") != "client_credentials":
            message = "grant_type should be client_credentials."
            raise _Refused(_BAD_REQUEST, "unsupported_grant_type", message)
        token = self._application.issue_token(client)
        scope = [f"entity.{entity_id}" for entity_id in client.entity_ids]
        scope += [f"tenant.{client.tenant_id}", f"user.{client.user_id}", "service.earned"]
        body = {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": self._application.settings.token_seconds,
            "scope": " ".join(scope),
            "jti": token,
        }
        return Reply(_OK, (JSON,), encode_json(body))

    def _revoked(self, client: OAuthClient, form: Mapping[str, str]) -> Reply:
        token = form.get("token", "")
        self._application.revoke_token(client, token)
        self._authenticator.forget(token)
        return Reply(_OK, (JSON,), b"{}")


def _fault(exchange: Exchange, error: Exception) -> _Refused:
    """Return what to answer where it failed: a defect, or the books were kept from us."""
    if is_locked_out(error):
        return _Refused(_UNAVAILABLE, "temporarily_unavailable", _BUSY, [RETRY_SOON])
    _log.error("request failed", path=exchange.path, request_id=exchange.request_id, exc_info=error)
    return _Refused(INTERNAL_ERROR, "server_error", _FAULT)


def _refusal(exchange: Exchange, refused: _Refused) -> Reply:
    body = {
        "status": refused.status,
        "error": refused.error,
        "message": str(refused),
        "path": exchange.path,
    }
    return Reply(refused.status, (JSON, *refused.headers), encode_json(body))


def _count(limiter: RateLimiter, caller: str) -> Headers:
    try:
        return limiter.count(caller)
    except OverLimit as over:
        raise _Refused(_TOO_MANY, "too_many_requests", str(over), over.headers) from None


async def _form(exchange: Exchange, seconds: int) -> Mapping[str, str]:
    """Return the fields of the body."""
    media = exchange.headers.get("content-type", _FORM).partition(";")[0].strip().lower()
    if media != _FORM:
        message = f"Content-Type should be {_FORM}."
        raise _Refused(_UNSUPPORTED_MEDIA_TYPE, "invalid_request", message)
    try:
        body = await read_body(exchange.receive, exchange.headers, seconds)
        fields = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, max_num_fields=_FIELDS_MAX
        )
    except WireError as fault:
        status = fault.status or _BAD_REQUEST
        raise _Refused(status, "invalid_request", str(fault), fault.headers) from None
    except (EarnedError, ValueError) as fault:
        raise _Refused(_BAD_REQUEST, "invalid_request", str(fault)) from None
    form = {**_basic(exchange.headers.get("authorization", "")), **dict(fields)}
    if any("\0" in value for value in form.values()):
        raise _Refused(_BAD_REQUEST, "invalid_request", "The form should not contain NUL.")
    return form


def _basic(header: str) -> Mapping[str, str]:
    """Return credentials that came in a header, where the documentation page puts them."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}
