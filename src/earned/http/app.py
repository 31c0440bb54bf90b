"""The ASGI application: hot operations served directly, the rest through FastAPI."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from fastapi import FastAPI, Request, Response

from earned.bootstrap.application import Application
from earned.http import documentation
from earned.http.auth import Authenticator
from earned.http.exchange import Exchange, Receive, Scope, Send
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
from earned.services.work import Reply
from earned.storage.loop_writer import open_writer
from earned.storage.writer import Writer

_READERS = 4
_OK, _NOT_FOUND, _METHOD_NOT_ALLOWED = 200, 404, 405

_STARTED_LATER = (
    ("POST", TOKEN_PATH),
    ("POST", REVOKE_PATH),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
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
        )
        for operation in OPERATIONS:
            if not operation.hot:
                self._add_operation(operation)
        for method, path in _STARTED_LATER:
            self._add_service(method, path)
        for path, page in {**documentation.PAGES, "/metrics": self._metrics}.items():
            self._add_service("GET", path, page)
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
            importer = Importer(application, writer, readers)
            machinery = Machinery(
                writer,
                readers,
                RateLimiter(application.settings.rate_limits, clock),
                _concurrency(application),
                self._meter,
                Authenticator(application.find_client, application.clock),
                importer.wake,
            )
            tokens = TokenDesk(application, machinery.authenticator, clock)
            health = Health(application, writer)
            services: Mapping[tuple[str, str], Handler] = {
                ("POST", TOKEN_PATH): tokens.issue,
                ("POST", REVOKE_PATH): tokens.revoke,
                ("GET", "/healthz"): health.alive,
                ("GET", "/readyz"): health.ready,
            }
            self._running = _Running(writer, Pipeline(application, machinery), services)
            async with keep_house(application, readers), importer.working(), self._telling():
                yield
            writer.close()
        application.close()

    def _telling(self) -> AbstractAsyncContextManager[None]:
        """Tell the other processes of the server what this one counts, where there are others."""
        if self._siblings is None:
            return nullcontext()
        return keep_telling(self._siblings, self._meter.counts)

    def _add_operation(self, operation: Operation) -> None:
        template = Template(operation.path)

        async def endpoint(request: Request) -> Response:
            values = template.values(request.path_params)
            exchange = Exchange.of(request.scope, request.receive, values)
            return _response(await self.running.pipeline.answer(operation, exchange))

        self._framework.add_route(
            template.pattern, endpoint, methods=[operation.method], name=operation.id
        )

    def _add_service(self, method: str, path: str, handler: Handler | None = None) -> None:
        """Add what is no operation of the API; without a handler, one that starts later."""

        async def endpoint(request: Request) -> Response:
            began = perf_counter()
            exchange = Exchange.of(request.scope, request.receive)
            reply = await (handler or self.running.services[method, path])(exchange)
            self._meter.answered(path, reply.status, perf_counter() - began, replayed=False)
            return _response(finish(reply, exchange))

        self._framework.add_route(path, endpoint, methods=[method], name=path)

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


async def send_reply(reply: Reply, send: Send) -> None:
    """Send an answer over ASGI."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def _response(reply: Reply) -> Response:
    response = Response(reply.body, reply.status)
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
