"""What happens to every request, whatever the operation: the wire's rules in one place.

Order: trace id, version, token, entity and organisations, rate, concurrency, idempotency, body,
operation. The first that refuses answers. A claimed request goes through the writer even when its
body is refused, because its refusal is kept for replays too.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar

import structlog

from earned.bootstrap.application import Application
from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.tenancy import Scope
from earned.http.auth import CHALLENGE, Authenticator, scope_of
from earned.http.body import decode_object, read_body
from earned.http.dialect import JSON, WireError, encode_json, render_refusal
from earned.http.exchange import Exchange
from earned.http.headers import TRACK_HEADER, compress, idempotency_key_of, track_id_of
from earned.http.limits import ConcurrencyLimiter, Headers, RateExceeded, RateLimiter
from earned.http.mailbox import Mailbox
from earned.http.operation import Call, Operation, Read, Write
from earned.http.validation import known_fields, validate
from earned.http.version import DEFAULT_VERSION, Version, version_of, wsdl_version_of
from earned.services.work import Claim, Job, Reply, single
from earned.storage.replies import ClaimMismatch
from earned.storage.writer import Writer

_log = structlog.get_logger("earned.http")

R = TypeVar("R")

RETRY_SOON = ("retry-after", "1")
_OK = 200
_CONFLICT = 409
_UNPROCESSABLE = 422


def _refuse(books: object, refusal: EarnedError) -> None:
    """Answer a request that was refused before it reached its use case."""
    del books
    raise refusal


REFUSE = single(_refuse, structural=False)


class Pipeline:
    """Answers requests for operations of the table."""

    def __init__(
        self,
        application: Application,
        writer: Writer,
        rates: RateLimiter,
        concurrency: ConcurrencyLimiter,
        readers: ThreadPoolExecutor,
    ) -> None:
        """Serve the books of `application`; write through `writer`, read on `readers`."""
        self._application = application
        self._writer = writer
        self._rates = rates
        self._concurrency = concurrency
        self._readers = readers
        self._authenticator = Authenticator(application.find_client, application.clock)
        self._loop = asyncio.get_running_loop()
        self._mailbox = Mailbox(self._loop)
        self._in_flight: set[str] = set()

    async def answer(self, operation: Operation, exchange: Exchange) -> Reply:
        """Answer one request, whatever happens."""
        version = DEFAULT_VERSION
        extra: Headers = [("zuora-request-id", exchange.request_id)]
        try:
            if track_id := track_id_of(exchange.headers):
                extra.append((TRACK_HEADER, track_id))
            version = version_of(exchange.headers)
            reply = await self._admit(operation, exchange, version, extra)
        except EarnedError as refusal:
            reply = render_refusal(
                refusal, exchange, operation.dialect, operation.resource, version
            )
            extra += _refusal_headers(refusal)
        except Exception:  # noqa: BLE001 - A defect of ours still gets an answer.
            _log.exception("request failed", operation=operation.id, request_id=exchange.request_id)
            fault = EarnedError([Problem(Kind.INTERNAL, "An internal error occurred.")])
            reply = render_refusal(fault, exchange, operation.dialect, operation.resource, version)
        reply = compress(reply, exchange.headers)
        return Reply(reply.status, (*reply.headers, *extra), reply.body)

    async def _admit(
        self, operation: Operation, exchange: Exchange, version: Version, extra: Headers
    ) -> Reply:
        """Let the request in: token, scope, limits; then have it done."""
        wsdl_version = wsdl_version_of(exchange.headers)
        client = self._authenticator.remembered(exchange.headers)
        if client is None:
            look_up = self._authenticator.look_up
            client = await self._on_reader(look_up, exchange.headers, operation.dialect)
        scope = scope_of(client, exchange.headers)
        extra += self._rates.count(scope.tenant_id)
        with self._concurrency.hold(scope.entity_id, operation.traffic) as headers:
            extra += headers
            asked = Asked(operation, exchange, scope, version, wsdl_version)
            if isinstance(operation.work, Read):
                return await self._look(asked, operation.work)
            key = idempotency_key_of(exchange.method, exchange.headers)
            if key is None:
                return await self._change(asked, operation.work, None)
            return await self._change_once(asked, operation.work, key)

    async def _look(self, asked: "Asked", work: Read) -> Reply:
        call = asked.call(await read_body(asked.exchange.receive, asked.exchange.headers))

        def query() -> Mapping[str, object]:
            with self._application.database.reading(asked.scope) as books:
                return work.query(books, call)

        return asked.success(await self._on_reader(query))

    async def _change_once(self, asked: "Asked", work: Write, key: str) -> Reply:
        """Have a request done once for its key, or answer as it was answered before."""
        if key in self._in_flight:
            message = "A request with the same Idempotency-Key is still in progress."
            raise WireError(Problem(Kind.CONTENTION, message), status=_CONFLICT)
        self._in_flight.add(key)
        try:
            return await self._change(asked, work, key)
        except ClaimMismatch:
            message = "The Idempotency-Key was used for a different request."
            raise WireError(Problem(Kind.INVALID, message), status=_UNPROCESSABLE) from None
        finally:
            self._in_flight.discard(key)

    async def _change(self, asked: "Asked", work: Write, key: str | None) -> Reply:
        """Have a command carried out and its answer rendered by the writer."""
        exchange = asked.exchange
        body = await read_body(exchange.receive, exchange.headers)
        claim = key and Claim(key, exchange.method, exchange.url, sha256(body).hexdigest())
        try:
            call = asked.call(body)
            use_case, command = work.use_case, work.command(call)
        except EarnedError as refusal:
            if not claim:
                raise
            use_case, command = REFUSE, refusal

        def render(outcome: object) -> Reply:
            if isinstance(outcome, EarnedError):
                return asked.refusal(outcome)
            return asked.success(work.present(call, outcome))

        future: asyncio.Future[Reply] = self._loop.create_future()
        post = partial(self._mailbox.put, future)
        self._writer.submit(Job(asked.scope, use_case, command, render, post, post, claim or None))
        return await future

    async def _on_reader(self, work: Callable[..., R], *arguments: object) -> R:
        return await self._loop.run_in_executor(self._readers, work, *arguments)


@dataclass(frozen=True, slots=True)
class Asked:
    """An admitted request: what is asked, by whom, in which words to answer."""

    operation: Operation
    exchange: Exchange
    scope: Scope
    version: Version
    wsdl_version: int

    def call(self, body: bytes) -> Call:
        """Decode the body and return the request as the operation sees it. Raises a refusal."""
        operation, exchange = self.operation, self.exchange
        payload: dict[str, Any] = {}
        if operation.body is not None and (body or operation.body_required):
            payload = decode_object(body, exchange.headers)
        query = exchange.query
        known = known_fields(operation, payload, query, self.wsdl_version)
        model = operation.body if operation.strict else None
        return Call(
            path=exchange.path_values,
            query=query,
            payload=known,
            body=validate(model, known, operation.dialect) if model else None,
            scope=self.scope,
            version=self.version,
            wsdl_version=self.wsdl_version,
            base_url=exchange.base_url,
            url_path=exchange.path,
        )

    def success(self, body: Mapping[str, object]) -> Reply:
        """Answer what was done or found."""
        return Reply(_OK, (JSON,), encode_json(body))

    def refusal(self, refusal: EarnedError) -> Reply:
        """Answer that it was refused, in the operation's dialect."""
        operation = self.operation
        return render_refusal(
            refusal, self.exchange, operation.dialect, operation.resource, self.version
        )


def _refusal_headers(refusal: EarnedError) -> Headers:
    if isinstance(refusal, RateExceeded):
        return refusal.headers
    if refusal.kind is Kind.AUTHENTICATION:
        return [CHALLENGE]
    return [RETRY_SOON] if refusal.kind is Kind.LIMIT else []
