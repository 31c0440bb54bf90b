"""What happens to every request, whatever the operation: the wire's rules in one place.

Order: the form of the request, token, rate, headers, concurrency, idempotency, body, operation. The
first that refuses answers (`docs/reference/errors.md`). A claimed request goes through the writer
even when its body is refused, because its refusal is kept for replays too.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from time import perf_counter
from typing import Any, TypeVar

import structlog

from earned.bootstrap.application import Application
from earned.domain.errors import Contended, EarnedError, Kind, Problem
from earned.domain.tenancy import OAuthClient, Scope
from earned.http.auth import Authenticator, scope_of
from earned.http.body import read_body, receive_form
from earned.http.defaults import DefaultVersions
from earned.http.download import streamed
from earned.http.errands import Errands
from earned.http.exchange import Exchange
from earned.http.form import Form
from earned.http.headers import TRACK_HEADER, check_form, idempotency_key_of, track_id_of
from earned.http.limits import ConcurrencyLimiter, RateLimiter
from earned.http.line import Line
from earned.http.mailbox import Mailbox
from earned.http.metrics import Meter
from earned.http.operation import Call, Download, Operation, Read, StoredFile, Write
from earned.http.refusal import HEADER_CODE, KEY_IN_PROGRESS_CODE, WireError
from earned.http.upload import Upload
from earned.http.version import DEFAULT_VERSION, likely_version, version_of, wsdl_version_of
from earned.http.visit import Visit, refusal_headers
from earned.services.accept_file import STORE_PART, AcceptFile, StorePart
from earned.services.work import INTERNAL_ERROR, Claim, Job, Reply, UseCase, single
from earned.storage.replies import REPLAYED, ClaimMismatch
from earned.storage.writer import Writer

_log = structlog.get_logger("earned.http")

R = TypeVar("R")

_CONFLICT = 409
_UNPROCESSABLE = 422


def _refuse(books: object, refusal: EarnedError) -> None:
    """Answer a request that was refused before it reached its use case."""
    del books
    raise refusal


REFUSE = single(_refuse, structural=False)


@dataclass(frozen=True, slots=True)
class Machinery:
    """What the requests of one server share."""

    writer: Writer
    readers: ThreadPoolExecutor
    rates: RateLimiter
    concurrency: ConcurrencyLimiter
    meter: Meter
    authenticator: Authenticator
    wake: Callable[[], None]


class Pipeline:
    """Answers requests for operations of the table."""

    def __init__(self, application: Application, machinery: Machinery) -> None:
        """Serve the books of `application`."""
        self._application = application
        self._writer = machinery.writer
        self._rates = machinery.rates
        self._concurrency = machinery.concurrency
        self._readers = machinery.readers
        self._meter = machinery.meter
        self._authenticator = machinery.authenticator
        self._wake = machinery.wake
        self._defaults = DefaultVersions(application.default_version, application.clock)
        self._body_seconds = application.settings.body_seconds
        self._is_verbose = application.settings.log_level == "debug"
        self._loop = asyncio.get_running_loop()
        self._mailbox = Mailbox(self._loop)
        self._line = Line(self._loop, application.settings.wait_seconds)
        self._errands = Errands(machinery.writer, self._line)
        self._in_flight: set[tuple[str, str]] = set()

    async def answer(self, operation: Operation, exchange: Exchange) -> Reply:
        """Answer one request, whatever happens."""
        began = perf_counter()
        visit = Visit(operation, exchange)
        try:
            reply = await self._admit(visit)
        except EarnedError as refusal:
            reply = visit.refusal(refusal)
            visit.extra += refusal_headers(refusal)
        except Exception:  # noqa: BLE001 - A defect of ours still gets an answer.
            _log.exception("request failed", operation=operation.id, request_id=exchange.request_id)
            reply = visit.fault()
        if operation.leaves_work:
            self._wake()
        seconds = perf_counter() - began
        replayed = visit.identified and REPLAYED in reply.headers
        self._meter.answered(operation.id, reply.status, seconds, replayed=replayed)
        if self._is_verbose or reply.status >= INTERNAL_ERROR or operation.is_logged:
            _log_answer(visit, reply.status, seconds)
        return visit.finish(reply)

    async def _admit(self, visit: Visit) -> Reply:
        """Let the request in: token, rate, headers, concurrency; then have it done."""
        operation, exchange = visit.operation, visit.exchange
        visit.version = likely_version(exchange.headers)
        check_form(exchange)
        client = self._authenticator.remembered(exchange.headers)
        if client is None:
            look_up = self._authenticator.look_up
            client = await self._on_reader(look_up, exchange.headers, operation.dialect)
        visit.extra += self._rates.count(client.tenant_id)
        await self._read_headers(visit, client)
        with self._concurrency.hold(visit.scope.entity_id, operation.traffic) as headers:
            visit.extra += headers
            visit.resource = operation.resource
            if isinstance(operation.work, Read):
                return await self._look(visit, operation.work)
            key = idempotency_key_of(exchange.method, exchange.headers)
            if key is None:
                return await self._change(visit, operation.work, None)
            return await self._change_once(visit, operation.work, key)

    async def _read_headers(self, visit: Visit, client: OAuthClient) -> None:
        """Fill in what the headers say. Raises a refusal for the first that cannot be used."""
        headers = visit.exchange.headers
        if TRACK_HEADER in headers:
            track_id_of(headers)
        version = version_of(headers)
        visit.wsdl_version = wsdl_version_of(headers)
        visit.scope = scope = scope_of(client, headers)
        if version is None and not visit.operation.dialect.is_crud:
            version = self._defaults.remembered(scope)
            version = version or await self._on_reader(self._defaults.look_up, scope)
        visit.version = version or DEFAULT_VERSION

    async def _look(self, visit: Visit, work: Read) -> Reply:
        call = visit.call(await self._body(visit))

        def query() -> Mapping[str, object] | Download | StoredFile:
            with self._application.database.reading(visit.scope) as books:
                return work.query(books, call)

        found = await self._on_reader(query)
        if not isinstance(found, StoredFile):
            return visit.success(found)

        def fetch(place: int) -> bytes | None:
            with self._application.database.reading(visit.scope) as books:
                return next(books.parts(found.file_id, place), None)

        return streamed(found, visit.exchange.headers, self._on_reader, fetch)

    async def _body(self, visit: Visit) -> bytes:
        exchange = visit.exchange
        return await read_body(exchange.receive, exchange.headers, self._body_seconds)

    async def _change_once(self, visit: Visit, work: Write, key: str) -> Reply:
        """Have a request done once for its key, or answer as it was answered before."""
        place = (visit.scope.tenant_id, key)
        if place in self._in_flight:
            message = "A request with the same Idempotency-Key is still in progress."
            problem = Problem(Kind.CONTENTION, message)
            raise WireError(problem, status=_CONFLICT, code=KEY_IN_PROGRESS_CODE)
        self._in_flight.add(place)
        try:
            return await self._change(visit, work, key)
        except ClaimMismatch:
            message = "The Idempotency-Key was used for a different request."
            problem = Problem(Kind.INVALID, message)
            raise WireError(problem, status=_UNPROCESSABLE, code=HEADER_CODE) from None
        finally:
            self._in_flight.discard(place)

    async def _change(self, visit: Visit, work: Write, key: str | None) -> Reply:
        """Have a command carried out and its answer rendered by the writer."""
        if not visit.operation.takes_file:
            body = await self._body(visit)
            return await self._change_by(visit, work, key, body)
        exchange, most = visit.exchange, self._application.settings.upload_bytes
        form = await receive_form(exchange.receive, exchange.headers, self._body_seconds, most)
        with closing(form):
            return await self._change_by(visit, work, key, form)

    async def _change_by(
        self, visit: Visit, work: Write, key: str | None, body: bytes | Form
    ) -> Reply:
        """Have the command of a request carried out once its body is here."""
        if key is None:
            call = visit.call(body)
            render = _Rendering(visit, work, call).render
            command = await self._command(visit, work, call)
            if work.is_done is not None and work.is_done(command):
                return visit.success(work.present(call, command))
            return await self._submit(visit, work.use_case_for(command), command, render, None)
        exchange = visit.exchange
        claim = Claim(key, exchange.method, exchange.url, _fingerprint(body, visit.scope))
        try:
            call = visit.call(body)
            command = await self._command(visit, work, call)
            use_case = work.use_case_for(command)
            rendering = _Rendering(visit, work, call)
        except Contended:
            raise  # It was not looked at, and is not kept: the same may be sent again.
        except EarnedError as refusal:
            use_case, command = REFUSE, refusal
            rendering = _Rendering(visit, work, None)
        reply = await self._submit(visit, use_case, command, rendering.render_kept, claim)
        visit.identified = True
        return reply

    async def _command(self, visit: Visit, work: Write, call: Call) -> object:
        """Make the command of a write; with a look at the books where it takes one."""
        if work.command is not None:
            return work.command(call)
        prepare = work.prepare
        assert prepare is not None, "a write has a way to make its command"

        def look() -> object:
            with self._application.database.reading(visit.scope) as books:
                return prepare(books, call)

        command = await self._on_reader(look)
        if isinstance(command, AcceptFile) and call.upload is not None and call.upload.is_large:
            await self._store(visit, command, call.upload)
        return command

    async def _store(self, visit: Visit, command: AcceptFile, upload: Upload) -> None:
        """Store a large file part by part, so that other writes come in between."""
        for place, content in enumerate(upload.parts()):
            part = StorePart(import_id=command.import_id, place=place, content=content)
            await self._errands.run(visit.scope, STORE_PART, part)

    async def _submit(
        self,
        visit: Visit,
        use_case: UseCase[Any, Any],
        command: object,
        render: Callable[[object], Reply],
        claim: Claim | None,
    ) -> Reply:
        future: asyncio.Future[Reply] = self._loop.create_future()
        post = partial(self._mailbox.put, future)
        job = Job(visit.scope, use_case, command, render, post, post, claim)
        self._writer.submit(job)
        return await self._line.wait(future, job.turn)

    async def _on_reader(self, work: Callable[..., R], *arguments: object) -> R:
        return await self._loop.run_in_executor(self._readers, work, *arguments)


@dataclass(frozen=True, slots=True)
class _Rendering:
    """Turns the outcome of a command into its answer, on the writer's thread."""

    visit: Visit
    work: Write
    call: Any

    def render(self, outcome: object) -> Reply:
        if isinstance(outcome, EarnedError):
            return self.visit.refusal(outcome)
        return self.visit.success(self.work.present(self.call, outcome))

    def render_kept(self, outcome: object) -> Reply:
        return self.visit.kept(self.render(outcome))


def _fingerprint(body: bytes | Form, scope: Scope) -> str:
    """Tell requests apart by payload, and by the organisations that they are made for."""
    organizations = ",".join(sorted(scope.organization_ids or ()))
    payload = body.identity if isinstance(body, Form) else body
    return sha256(organizations.encode() + b"\0" + payload).hexdigest()


def _log_answer(visit: Visit, status: int, seconds: float) -> None:
    """Write one line: what was asked, by whom, and how it went; never what was in it."""
    exchange, operation = visit.exchange, visit.operation
    if status >= INTERNAL_ERROR:
        write = _log.warning
    else:
        write = _log.info if operation.is_logged else _log.debug
    write(
        "request answered",
        operation=operation.id,
        method=exchange.method,
        path=exchange.path,
        status=status,
        milliseconds=round(seconds * 1000, 3),
        request_id=exchange.request_id,
        track_id=exchange.headers.get(TRACK_HEADER),
        entity=visit.scope.entity_id if hasattr(visit, "scope") else None,
    )
