"""A connection, before there is a request: uvicorn's, with a limit to what a client may send.

The parser takes headers of any size, and their joining costs the square of it; trailers and chunks
may go on for ever. What comes is counted from the piece in which a message begins, and looked at
only when it is more than a head may be. A form may go on for as long as an upload may be large, and
as it is not answered.
"""

from asyncio import Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from earned.domain.errors import EarnedError, Kind, Malformed, Problem
from earned.http.body import BODY_BYTES_MAX
from earned.http.corking import CorkedTransport
from earned.http.form import FORM
from earned.http.outside import no_request
from earned.http.refusal import WireError
from earned.http.upload import UPLOAD_BYTES_STATE

HEAD_BYTES_MAX = 64 * 1024
MESSAGE_BYTES_MAX = 2 * BODY_BYTES_MAX
_FIELDS_TOO_LARGE = 431
_SEPARATORS = len(b": \r\n")


class _HeadTooLarge(Exception):
    """The head of the request is larger than it may be."""


class Connection(HttpToolsProtocol):
    """Refuses a head that is too large, and what is no HTTP, in words of ours.

    Every request passes here, and `super()` would be felt.
    """

    _sent = 0
    _refusal: EarnedError | None = None
    _last_words = b""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin, and write each answer in one piece."""
        HttpToolsProtocol.connection_made(self, transport)
        corked: Any = CorkedTransport(transport, self.loop)
        self.transport = corked

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        scope = self.scope
        self._sent += len(data)
        HttpToolsProtocol.data_received(self, data)
        if self.scope is not scope:
            self._sent = len(data)
        if self._sent > HEAD_BYTES_MAX:
            self._limit()

    def on_headers_complete(self) -> None:
        """Start the request, unless its head is too large."""
        if self._sent > HEAD_BYTES_MAX and self._head_bytes() > HEAD_BYTES_MAX:
            self._refusal = _head_too_large()
            raise _HeadTooLarge
        HttpToolsProtocol.on_headers_complete(self)

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser or a callback of ours could not take, and hang up."""
        del msg
        self._refuse(self._refusal or Malformed("Malformed request: this is not HTTP/1.1."))

    def _limit(self) -> None:
        """Refuse a head that goes on for too long; hang up on a message that does."""
        if self.transport.is_closing():
            return
        scope: Any = self.scope
        if scope and "method" not in scope:
            self._refuse(_head_too_large())
        elif self._sent > MESSAGE_BYTES_MAX and self._sent > self._message_bytes_max():
            self.transport.close()

    def _message_bytes_max(self) -> int:
        if not self._is_taking_form():
            return MESSAGE_BYTES_MAX
        upload: int = self.app_state[UPLOAD_BYTES_STATE]
        return MESSAGE_BYTES_MAX + 2 * upload

    def _is_taking_form(self) -> bool:
        scope: Any = self.scope
        if not scope or self.cycle.response_complete:
            return False
        media = dict(self.headers).get(b"content-type", b"")
        return media.lower().startswith(FORM.encode())

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
        self._hang_up_with(b"".join([STATUS_LINE[reply.status], *lines, b"\r\n", reply.body]))

    def _hang_up_with(self, last_words: bytes) -> None:
        """Write an answer and hang up; but first answer the requests that came whole before.

        They are being carried out. Whoever got another answer in their place would send them again.
        """
        if self._last_words:
            return
        self._last_words = last_words
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete or cycle.more_body:
            self._hang_up()
        else:
            cycle.on_response = self._hang_up

    def _hang_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(self._last_words)
            self.transport.close()


def _head_too_large() -> WireError:
    message = f"The URL and headers are larger than {HEAD_BYTES_MAX} bytes."
    return WireError(Problem(Kind.LIMIT, message), status=_FIELDS_TOO_LARGE)
