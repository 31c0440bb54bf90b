"""`POST /oauth/token`: client credentials for a bearer token (R 9)."""

from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import parse_qsl

from earned.bootstrap.application import Application
from earned.domain.errors import EarnedError
from earned.domain.tenancy import OAuthClient
from earned.http.body import read_body
from earned.http.dialect import JSON, encode_json
from earned.http.exchange import Exchange
from earned.services.work import Reply

PATH = "/oauth/token"
Issued = tuple[str, OAuthClient] | None
OffLoop = Callable[[Callable[[], Issued]], Awaitable[Issued]]

_OK, _BAD_REQUEST, _UNAUTHORIZED, _UNSUPPORTED = 200, 400, 401, 415
_FORM = "application/x-www-form-urlencoded"
NO_STORE = ("cache-control", "no-store")


async def token_reply(application: Application, exchange: Exchange, off_loop: OffLoop) -> Reply:
    """Answer a token request; wrong credentials and wrong requests in the words of Spring."""
    try:
        body = await read_body(exchange.receive, exchange.headers)
    except EarnedError as refusal:
        return _refuse(_BAD_REQUEST, "invalid_request", str(refusal))
    media = exchange.headers.get("content-type", _FORM).partition(";")[0].strip().lower()
    if media != _FORM:
        return _refuse(_UNSUPPORTED, "invalid_request", f"Content-Type should be {_FORM}.")
    form = dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))
    if form.get("grant_type") != "client_credentials":
        return _refuse(
            _BAD_REQUEST, "unsupported_grant_type", "grant_type should be client_credentials."
        )
    if not form.get("client_id") or not form.get("client_secret"):
        return _refuse(_BAD_REQUEST, "invalid_request", "client_id and client_secret are required.")
    issue = partial(application.issue_token, form["client_id"], form["client_secret"])
    issued = await off_loop(issue)
    if issued is None:
        return _refuse(_UNAUTHORIZED, "invalid_client", "Invalid client id or client secret.")
    return _issued(*issued, application.settings.token_seconds)


def _issued(token: str, client: OAuthClient, seconds: int) -> Reply:
    scope = [f"entity.{entity_id}" for entity_id in client.entity_ids]
    scope += [f"tenant.{client.tenant_id}", f"user.{client.user_id}", "service.earned"]
    body = {
        "access_token": token,
        "token_type": "bearer",
        "expires_in": seconds,
        "scope": " ".join(scope),
        "jti": token,
    }
    return Reply(_OK, (JSON, NO_STORE), encode_json(body))


def _refuse(status: int, error: str, message: str) -> Reply:
    body = {"status": status, "error": error, "message": message, "path": PATH}
    return Reply(status, (JSON, NO_STORE), encode_json(body))
