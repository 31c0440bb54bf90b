"""The ASGI application: hot operations served directly, the rest through FastAPI."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter

from fastapi import FastAPI, Request, Response
from starlette.responses import StreamingResponse
from starlette.routing import Route

from earned.bootstrap.application import Application
from earned.http import documentation
from earned.http.auth import Authenticator
from earned.http.backlog import Backlog
from earned.http.biller import Biller
from earned.http.deliverer import Deliverer
from earned.http.download import Streamed
from earned.http.exchange import Exchange, Receive, Scope, Send
from earned.http.expirer import Expirer
from earned.http.health import Health
from earned.http.housekeeping import keep_house
from earned.http.importer import Importer
from earned.http.limits import ConcurrencyLimiter, RateLimiter
from earned.http.metrics import CONTENT_TYPE, Meter
from earned.http.oauth import REVOKE_PATH, TOKEN_PATH, TokenDesk
from earned.http.operation import Operation, Traffic
from earned.http.outside import finish, no_method, no_route
from earned.http.pipeline import Machinery, Pipeline
from earned.http.routing import Template, methods_at
from earned.http.siblings import Siblings, keep_telling
from earned.http.table import OPERATIONS
from earned.http.upload import UPLOAD_BYTES_STATE
from earned.services.work import Reply
from earned.storage.loop_writer import open_writer
from earned.storage.writer import Writer

_READERS = 4
_OK, _NOT_FOUND, _METHOD_NOT_ALLOWED = 200, 404, 405

_SERVICES = (
    ("POST", TOKEN_PATH),
    ("POST", REVOKE_PATH),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    *(("GET", path) for path in documentation.PAGES),
)

Handler = Callable[[Exchange], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class _Running:
    """What there is only while the server runs."""

    writer: Writer
    pipeline: Pipeline
    services: Mapping[tuple[str, str], Handler]


class Server:
    """Answers HTTP: an ASGI callable."""

    def __init__(self, application: Application) -> None:
        """Serve `application`; nothing starts before the server does."""
        self._application = application
        self._hot = {(row.method, row.path): row for row in OPERATIONS if row.hot}
        directory = application.settings.metrics_directory
        self._siblings = Siblings(Path(directory)) if directory else None
        self._meter = Meter(self._siblings.share if self._siblings else None)
        self._running: _Running | None = None
        self._framework = FastAPI(
            lifespan=self._lifespan,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            routes=list(_routes()),
        )
        self._framework.state.server = self
        self._framework.add_exception_handler(_NOT_FOUND, self._unmatched)
        self._framework.add_exception_handler(_METHOD_NOT_ALLOWED, self._unmatched)

    @property
    def running(self) -> _Running:
        """What was started."""
        assert self._running is not None, "the server has started"
        return self._running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        hot = scope["type"] == "http" and self._hot.get((scope["method"], scope["path"]))
        if hot:
            reply = await self.running.pipeline.answer(hot, Exchange.of(scope, receive))
            await send_reply(reply, send)
            return
        if scope["type"] == "lifespan" and "state" in scope:
            scope["state"][UPLOAD_BYTES_STATE] = self._application.settings.upload_bytes
        if scope.get("method") == "HEAD":
            # Whoever sends the answer leaves the body out; the rest is as for GET.
            scope = {**scope, "method": "GET"}
        await self._framework(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, framework: FastAPI) -> AsyncIterator[None]:
        """Start the writer and the readers; at the end, finish what was accepted."""
        del framework
        application = self._application
        clock = asyncio.get_running_loop().time
        group_max = application.settings.group_max
        writer = open_writer(application.database, self._meter.committed, group_max)
        self._meter.waiting = writer.waiting
        with ThreadPoolExecutor(_READERS, "earned-reader") as readers:
            importer = Backlog(Importer(application, writer), readers)
            biller = Backlog(Biller(application, writer), readers)

            def wake() -> None:
                importer.wake()
                biller.wake()

            machinery = Machinery(
                writer,
                readers,
                RateLimiter(application.settings.rate_limits, clock),
                _concurrency(application),
                self._meter,
                Authenticator(application.find_client, application.clock),
                wake,
            )
            tokens = TokenDesk(application, machinery.authenticator, clock)
            health = Health(application, writer)
            services: Mapping[tuple[str, str], Handler] = {
                ("POST", TOKEN_PATH): tokens.issue,
                ("POST", REVOKE_PATH): tokens.revoke,
                ("GET", "/healthz"): health.alive,
                ("GET", "/readyz"): health.ready,
                ("GET", "/metrics"): self._metrics,
                **{("GET", path): page for path, page in documentation.PAGES.items()},
            }
            self._running = _Running(writer, Pipeline(application, machinery), services)
            expirer = Backlog(Expirer(application, writer), readers)
            async with (
                keep_house(application, readers),
                importer.working(),
                biller.working(),
                expirer.working(),
                Deliverer(application).working(),
                self._telling(),
            ):
                yield
            writer.close()
        application.close()

    def _telling(self) -> AbstractAsyncContextManager[None]:
        """Tell the other processes of the server what this one counts, where there are others."""
        if self._siblings is None:
            return nullcontext()
        return keep_telling(self._siblings, self._meter.counts)

    async def operate(self, operation: Operation, exchange: Exchange) -> Response:
        """Answer a request for an operation of the API."""
        return _response(await self.running.pipeline.answer(operation, exchange))

    async def attend(self, method: str, path: str, exchange: Exchange) -> Response:
        """Answer a request for what is no operation of the API."""
        began = perf_counter()
        reply = await self.running.services[method, path](exchange)
        self._meter.answered(path, reply.status, perf_counter() - began, replayed=False)
        return _response(finish(reply, exchange))

    async def _metrics(self, exchange: Exchange) -> Reply:
        del exchange
        text = await asyncio.to_thread(self._meter.exposition)
        return Reply(_OK, (("content-type", CONTENT_TYPE),), text)

    async def _unmatched(self, request: Request, error: Exception) -> Response:
        """Answer a request that nothing is for: another method, or another path."""
        del error
        exchange = Exchange.of(request.scope, request.receive)
        methods = methods_at(request.scope, self._framework.routes)
        methods |= {method for method, path in self._hot if path == exchange.path}
        reply = no_method(exchange, methods) if methods else no_route(exchange)
        self._meter.answered("unmatched", reply.status, 0, replayed=False)
        return _response(finish(reply, exchange))


@cache
def _routes() -> tuple[Route, ...]:
    """Compile the paths, once for all servers of the process: each request names its server."""
    operations = [_route_of(operation) for operation in OPERATIONS if not operation.hot]
    return (*operations, *(_route_to(method, path) for method, path in _SERVICES))


def _route_of(operation: Operation) -> Route:
    template = Template(operation.path)

    async def endpoint(request: Request) -> Response:
        values = template.values(request.path_params)
        exchange = Exchange.of(request.scope, request.receive, values)
        return await _server_of(request).operate(operation, exchange)

    return Route(template.pattern, endpoint, methods=[operation.method], name=operation.id)


def _route_to(method: str, path: str) -> Route:
    async def endpoint(request: Request) -> Response:
        exchange = Exchange.of(request.scope, request.receive)
        return await _server_of(request).attend(method, path, exchange)

    return Route(path, endpoint, methods=[method], name=path)


def _server_of(request: Request) -> Server:
    server: Server = request.app.state.server
    return server


async def send_reply(reply: Reply, send: Send) -> None:
    """Send an answer over ASGI."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def _response(reply: Reply) -> Response:
    response = Response(reply.body, reply.status)
    if isinstance(reply, Streamed):
        response = StreamingResponse(reply.pieces, reply.status)
    for name, value in reply.headers:
        response.headers[name] = value
    return response


def _concurrency(application: Application) -> ConcurrencyLimiter:
    settings = application.settings
    return ConcurrencyLimiter(
        {
            Traffic.DEFAULT: settings.concurrency_default,
            Traffic.HIGH_VOLUME: settings.concurrency_high_volume,
            Traffic.OBJECT_QUERY: settings.concurrency_object_query,
        }
    )
