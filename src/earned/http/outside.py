"""Answers to requests that no operation of the table is for."""

from collections.abc import Iterable, MutableMapping
from typing import Any

from earned.domain.errors import EarnedError, Kind, Problem
from earned.http.dialect import NO_PAYLOAD, Dialect, render_refusal
from earned.http.exchange import REQUEST_ID_HEADER, Exchange, Scope
from earned.http.headers import TRACK_HEADER, check_form, compress, is_track_id
from earned.http.refusal import WireError
from earned.http.version import DEFAULT_VERSION
from earned.services.work import Reply

_NOTHING: Scope = {"method": "", "path": "", "query_string": b"", "headers": []}
_NO_CONTENT, _NOT_FOUND, _METHOD_NOT_ALLOWED = 204, 404, 405


def no_route(exchange: Exchange) -> Reply:
    """Answer a path that does not exist; in one dialect, for nobody knows which was meant."""
    try:
        check_form(exchange)
    except EarnedError as refusal:
        return _refusal(exchange, refusal)
    problem = Problem(Kind.NOT_FOUND, f"The endpoint {exchange.path} does not exist.")
    return _refusal(exchange, WireError(problem, status=_NOT_FOUND))


def no_method(exchange: Exchange, methods: Iterable[str]) -> Reply:
    """Answer a method that a path does not know, and say which it knows; OPTIONS asks just that."""
    known = {*methods, "OPTIONS"}
    if "GET" in known:
        known.add("HEAD")
    allow = ("allow", ", ".join(sorted(known)))
    if exchange.method == "OPTIONS":
        return Reply(_NO_CONTENT, (allow,), b"")
    problem = Problem(Kind.UNSUPPORTED, f"method '{exchange.method}' not supported")
    reply = _refusal(exchange, WireError(problem, status=_METHOD_NOT_ALLOWED))
    return reply.with_headers(allow)


def no_request(refusal: EarnedError) -> Reply:
    """Answer what could not be read as a request at all."""
    exchange = Exchange.of(_NOTHING, _nothing_more)
    return finish(_refusal(exchange, refusal), exchange)


async def _nothing_more() -> MutableMapping[str, Any]:
    return {"type": "http.disconnect"}


def finish(reply: Reply, exchange: Exchange) -> Reply:
    """Add the headers that every answer carries, and compress the body."""
    extra = [(REQUEST_ID_HEADER, exchange.request_id)]
    track_id = exchange.headers.get(TRACK_HEADER)
    if track_id is not None and is_track_id(track_id):
        extra.append((TRACK_HEADER, track_id))
    return compress(reply, exchange.headers).with_headers(*extra)


def _refusal(exchange: Exchange, refusal: EarnedError) -> Reply:
    return render_refusal(refusal, exchange, Dialect.V1, NO_PAYLOAD, DEFAULT_VERSION)
