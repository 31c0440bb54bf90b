"""The ASGI application: hot operations served directly, the rest through FastAPI."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response

from earned.bootstrap.application import Application
from earned.domain.errors import EarnedError, Kind, Problem
from earned.http.dialect import NO_PAYLOAD, Dialect, WireError, render_refusal
from earned.http.exchange import Exchange, Receive, Scope, Send
from earned.http.limits import PRODUCTION_RATES, ConcurrencyLimiter, RateLimiter
from earned.http.oauth import PATH as TOKEN_PATH
from earned.http.oauth import token_reply
from earned.http.operation import Operation, Traffic
from earned.http.pipeline import Pipeline
from earned.http.table import OPERATIONS
from earned.http.version import DEFAULT_VERSION
from earned.services.work import Reply
from earned.storage.writer import Writer

_READERS = 4
_NOT_FOUND, _METHOD_NOT_ALLOWED = 404, 405


class Server:
    """Answers HTTP: an ASGI callable."""

    def __init__(self, application: Application) -> None:
        """Serve `application`; nothing starts before the server does."""
        self._application = application
        self._hot = {(row.method, row.path): row for row in OPERATIONS if row.hot}
        self._framework = FastAPI(
            title="Earned", lifespan=self._lifespan, openapi_url=None, docs_url=None, redoc_url=None
        )
        self._pipeline: Pipeline | None = None
        self._add_routes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        hot = scope["type"] == "http" and self._hot.get((scope["method"], scope["path"]))
        if not hot:
            await self._framework(scope, receive, send)
            return
        assert self._pipeline is not None, "the server has started"
        reply = await self._pipeline.answer(hot, Exchange.of(scope, receive))
        await send_reply(reply, send)

    @asynccontextmanager
    async def _lifespan(self, framework: FastAPI) -> AsyncIterator[None]:
        """Start the writer and the readers; at the end, finish what was accepted."""
        del framework
        settings = self._application.settings
        limits = {
            Traffic.DEFAULT: settings.concurrency_default,
            Traffic.HIGH_VOLUME: settings.concurrency_high_volume,
            Traffic.OBJECT_QUERY: settings.concurrency_object_query,
        }
        rates = PRODUCTION_RATES if settings.rate_limits else ()
        writer = Writer(self._application.database)
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(_READERS, "earned-reader") as readers:
            self._pipeline = Pipeline(
                self._application,
                writer,
                RateLimiter(rates, loop.time),
                ConcurrencyLimiter(limits),
                readers,
            )
            yield
            writer.close()
        self._application.close()

    def _add_routes(self) -> None:
        for operation in OPERATIONS:
            if not operation.hot:
                self._framework.add_api_route(
                    _template(operation.path),
                    self._endpoint(operation),
                    methods=[operation.method],
                    name=operation.id,
                )
        self._framework.add_api_route(TOKEN_PATH, self._token, methods=["POST"])
        self._framework.add_exception_handler(_NOT_FOUND, _no_route)
        self._framework.add_exception_handler(_METHOD_NOT_ALLOWED, _no_method)

    def _endpoint(self, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            assert self._pipeline is not None, "the server has started"
            values = {name.replace("_", "-"): value for name, value in request.path_params.items()}
            exchange = Exchange.of(request.scope, request.receive, values)
            return _response(await self._pipeline.answer(operation, exchange))

        return endpoint

    async def _token(self, request: Request) -> Response:
        exchange = Exchange.of(request.scope, request.receive)
        return _response(await token_reply(self._application, exchange, asyncio.to_thread))


async def send_reply(reply: Reply, send: Send) -> None:
    """Send an answer over ASGI."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def _template(path: str) -> str:
    """Return a path as the framework writes it: its parameter names may not have hyphens."""
    return path.replace("-key}", "_key}").replace("-id}", "_id}").replace("-number}", "_number}")


def _response(reply: Reply) -> Response:
    response = Response(reply.body, reply.status)
    for name, value in reply.headers:
        response.headers[name] = value
    return response


async def _no_route(request: Request, error: Exception) -> Response:
    del error
    problem = Problem(Kind.NOT_FOUND, f"The endpoint {request.url.path} does not exist.")
    return _outside(request, WireError(problem, status=_NOT_FOUND))


async def _no_method(request: Request, error: Exception) -> Response:
    del error
    problem = Problem(Kind.UNSUPPORTED, f"method '{request.method}' not supported")
    return _outside(request, WireError(problem, status=_METHOD_NOT_ALLOWED))


def _outside(request: Request, refusal: EarnedError) -> Response:
    """Answer a request that no operation is for."""
    exchange = Exchange.of(request.scope, request.receive)
    reply = render_refusal(refusal, exchange, Dialect.V1, NO_PAYLOAD, DEFAULT_VERSION)
    headers = (*reply.headers, ("zuora-request-id", exchange.request_id))
    return _response(Reply(reply.status, headers, reply.body))
