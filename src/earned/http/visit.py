"""One request on its way through the pipeline: what is known of it so far, and how it is answered.

The books are not known until the token is; a visit starts with what every answer needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.tenancy import Scope
from earned.http.auth import CHALLENGE
from earned.http.body import decode_object
from earned.http.dialect import JSON, NO_PAYLOAD, encode_json, render_refusal
from earned.http.exchange import REQUEST_ID_HEADER, Exchange
from earned.http.form import Form
from earned.http.headers import TRACK_HEADER, compress, is_track_id
from earned.http.limits import OverLimit
from earned.http.operation import Body, Call, Download, Operation
from earned.http.parameters import check_parameters
from earned.http.refusal import WireError
from earned.http.validation import known_fields, validate
from earned.http.version import DEFAULT_VERSION, DEFAULT_WSDL, Version
from earned.services.work import Reply

RETRY_SOON = ("retry-after", "1")
_OK = 200


@dataclass(slots=True)
class Visit:
    """A request, and the headers its answer has collected.

    `identified` says that the answer carries a request id of its own: one kept under an
    idempotency key has the id of the request that it was made for. `resource` is that of the
    payload once it is looked at: what is refused before is no fault of the payload.
    """

    operation: Operation
    exchange: Exchange
    version: Version = DEFAULT_VERSION
    wsdl_version: int = DEFAULT_WSDL
    scope: Scope = field(init=False)
    extra: list[tuple[str, str]] = field(default_factory=list)
    identified: bool = False
    resource: int = NO_PAYLOAD

    def call(self, body: bytes | Form) -> Call:
        """Decode the body and return the request as the operation sees it. Raises a refusal."""
        operation, exchange = self.operation, self.exchange
        query = exchange.query
        if query or operation.parameters:
            check_parameters(operation, query)
        payload: dict[str, Any] = {}
        upload = None
        if isinstance(body, Form):
            upload = body.upload()
            payload = dict(upload.fields)
        elif operation.body is not None and (body or operation.body_required):
            payload = decode_object(body, exchange.headers)
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
            upload=upload,
        )

    def success(self, body: Body | Download) -> Reply:
        """Answer what was done or found."""
        if not isinstance(body, Download):
            return Reply(_OK, (JSON,), encode_json(body))
        kind = ("content-type", f"{body.media_type}; charset=utf-8")
        name = ("content-disposition", f'attachment; filename="{body.file_name}"')
        return Reply(_OK, (kind, name), body.content.encode())

    def refusal(self, refusal: EarnedError) -> Reply:
        """Answer that it was refused, in the operation's dialect."""
        dialect = self.operation.dialect
        return render_refusal(refusal, self.exchange, dialect, self.resource, self.version)

    def fault(self) -> Reply:
        """Answer that the server failed."""
        return self.refusal(EarnedError([Problem(Kind.INTERNAL, "An internal error occurred.")]))

    def kept(self, reply: Reply) -> Reply:
        """Return `reply` as it is kept under an idempotency key: with the id it was made for."""
        identity = (REQUEST_ID_HEADER, self.exchange.request_id)
        return reply.with_headers(identity)

    def finish(self, reply: Reply) -> Reply:
        """Add the headers that every answer carries, and compress the body."""
        headers = self.exchange.headers
        track_id = headers.get(TRACK_HEADER)
        if track_id is not None and is_track_id(track_id):
            self.extra.append((TRACK_HEADER, track_id))
        if not self.identified:
            self.extra.append((REQUEST_ID_HEADER, self.exchange.request_id))
        return compress(reply, headers).with_headers(*self.extra)


def refusal_headers(refusal: EarnedError) -> Sequence[tuple[str, str]]:
    """Return the headers that a refusal calls for."""
    if isinstance(refusal, OverLimit | WireError) and refusal.headers:
        return refusal.headers
    if refusal.kind is Kind.AUTHENTICATION:
        return [CHALLENGE]
    return [RETRY_SOON] if refusal.kind is Kind.CONTENTION else []
