"""A connection, before there is a request: uvicorn's, with a limit to what a client may send.

The parser takes headers of any size, and their joining costs the square of it. What is counted here
is what was sent since a head was complete or a piece of a body came: the head of the next request,
or trailers. Only what is over the limit costs more than the counting.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from earned.domain.errors import EarnedError, Kind, Malformed, Problem
from earned.http.outside import no_request
from earned.http.refusal import WireError

HEAD_BYTES_MAX = 64 * 1024
_FIELDS_TOO_LARGE = 431
_SEPARATORS = len(b": \r\n")


class _HeadTooLarge(Exception):
    """The head of the request is larger than it may be."""


class Connection(HttpToolsProtocol):
    """Refuses a head that is too large, and what is no HTTP, in words of ours."""

    _pending = 0
    _refusal: EarnedError | None = None

    def data_received(self, data: bytes) -> None:
        """Take what came; hang up on what has no end."""
        self._pending += len(data)
        super().data_received(data)
        if self._pending > HEAD_BYTES_MAX and not self.transport.is_closing():
            self._stop()

    def on_headers_complete(self) -> None:
        """Start the request, unless its head came in one piece and is too large."""
        if self._pending > HEAD_BYTES_MAX and self._head_bytes() > HEAD_BYTES_MAX:
            self._refusal = _head_too_large()
            raise _HeadTooLarge
        self._pending = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._pending = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser or a callback of ours could not take, and hang up."""
        del msg
        self._refuse(self._refusal or Malformed("Malformed request: this is not HTTP/1.1."))

    def _stop(self) -> None:
        """Answer a head that is too large; end what has been answered or asks for nothing."""
        scope: Any = self.scope
        if scope and "method" not in scope:
            self._refuse(_head_too_large())
        else:
            self.transport.close()

    def _head_bytes(self) -> int:
        return len(self.url) + sum(
            len(name) + len(value) + _SEPARATORS for name, value in self.headers
        )

    def _refuse(self, refusal: EarnedError) -> None:
        reply = no_request(refusal)
        headers = [
            *self.server_state.default_headers,
            *((name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers),
            (b"content-length", str(len(reply.body)).encode()),
            (b"connection", b"close"),
        ]
        lines = [b"%s: %s\r\n" % header for header in headers]
        self.transport.write(b"".join([STATUS_LINE[reply.status], *lines, b"\r\n", reply.body]))
        self.transport.close()


def _head_too_large() -> WireError:
    message = f"The URL and headers are larger than {HEAD_BYTES_MAX} bytes."
    return WireError(Problem(Kind.LIMIT, message), status=_FIELDS_TOO_LARGE)
