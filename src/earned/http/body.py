"""Request bodies: read within a limit, decompressed within a limit, decoded without floats.

What passes here is text and numbers that every database can hold: what cannot be stored (the NUL
character, half a surrogate pair, a number beyond measure) is refused before it is believed.
"""

import asyncio
from collections.abc import AsyncIterator, Generator, Mapping, MutableMapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from earned.domain.errors import Kind, Malformed, Problem
from earned.http.exchange import Receive
from earned.http.form import Form
from earned.http.gunzip import Gunzip
from earned.http.refusal import WireError

Message = MutableMapping[str, Any]

BODY_BYTES_MAX = 8 * 1024 * 1024
DEPTH_MAX = 64
_LENGTH_DIGITS = len(str(BODY_BYTES_MAX))
_REQUEST_TIMEOUT = 408
_CONTENT_TOO_LARGE = 413
_UNSUPPORTED_MEDIA_TYPE = 415
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
_ESCAPED_NUL = b"\\u0000"

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


async def read_body(receive: Receive, headers: Mapping[str, str], seconds: float = 0) -> bytes:
    """Return the body, unzipped if it is gzipped.

    Raises a refusal if it is too large either way, broken, cut off, or takes more than `seconds` to
    come; 0 is without limit.
    """
    length = headers.get("content-length", "")
    if len(length) >= _LENGTH_DIGITS:
        _check_length(length, BODY_BYTES_MAX)
    first = _begin(receive)
    if isinstance(first, _Begun) or first.get("more_body") or first["type"] != "http.request":
        body = await _rest(receive, first, seconds)
    else:
        body = first.get("body", b"")
    _check_size(len(body), BODY_BYTES_MAX)
    return _gunzip(body) if _is_gzipped(headers) else body


async def receive_form(
    receive: Receive, headers: Mapping[str, str], seconds: float, most: int
) -> Form:
    """Return a form with a file, taken piece by piece.

    Raises a refusal if it is larger than `most` bytes, unzipped or not, cut off, or if any piece
    takes more than `seconds`; 0 is without limit. What is wrong with the form itself, it tells.
    """
    _check_length(headers.get("content-length", ""), most)
    gunzip = Gunzip() if _is_gzipped(headers) else None
    form, size = Form(headers), 0
    try:
        async for piece in _pieces(receive, seconds):
            for part in gunzip.unfold(piece) if gunzip else (piece,):
                size += len(part)
                _check_size(size, most)
                form.write(part)
        if gunzip:
            gunzip.end()
    except BaseException:
        form.close()
        raise
    return form


async def _pieces(receive: Receive, seconds: float) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(seconds or None):
                message = await receive()
        except TimeoutError:
            raise _too_late() from None
        if message["type"] == "http.disconnect":
            raise Malformed("The request ended before its body did.")
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


def _check_length(length: str, most: int) -> None:
    if length.isdecimal():
        _check_size(int(length), most)


def _check_size(size: int, most: int) -> None:
    if size > most:
        message = f"The request body is larger than {most} bytes."
        problem = Problem(Kind.LIMIT, message, code="REQUEST_EXCEEDED_LIMIT")
        raise WireError(problem, status=_CONTENT_TOO_LARGE)


def _is_gzipped(headers: Mapping[str, str]) -> bool:
    encoding = headers.get("content-encoding")
    if encoding is None:
        return False
    encoding = encoding.strip().lower()
    if encoding in {"gzip", "x-gzip"}:
        return True
    if encoding != "identity":
        raise _unsupported(f"Content-Encoding '{encoding}' is not supported; use gzip.")
    return False


@dataclass(frozen=True, slots=True)
class _Begun:
    """What took a first step and found that it has to wait; awaited, it goes on from there."""

    steps: Generator[Any, Any, Message]
    waits_for: object

    def __await__(self) -> Generator[Any, Any, Message]:
        yield self.waits_for
        return (yield from self.steps)


def _begin(receive: Receive) -> Message | _Begun:
    """Return the first piece of a body if it is here, else the wait for it."""
    steps = receive().__await__()
    try:
        return _Begun(steps, next(steps))
    except StopIteration as here:
        message: Message = here.value
        return message


async def _rest(receive: Receive, first: "Message | _Begun", seconds: float) -> bytes:
    """Return a body that is not all here. Only such a one costs a timer."""
    try:
        async with asyncio.timeout(seconds or None):
            return await _read_on(receive, await first if isinstance(first, _Begun) else first)
    except TimeoutError:
        raise _too_late() from None


async def _read_on(receive: Receive, message: Message) -> bytes:
    """Return a body that comes in pieces."""
    chunks: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise Malformed("The request ended before its body did.")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        _check_size(size, BODY_BYTES_MAX)
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()


def decode_object(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON object in `body`: integers as `int`, other numbers as exact `Decimal`."""
    media = headers.get("content-type", "application/json")
    if media != "application/json":
        _check_media_type(media)
    if not body:
        raise Malformed("Malformed request: there is no body.")
    payload = _decode_json(body)
    if not isinstance(payload, dict):
        raise Malformed("Malformed request: the body should be a JSON object.")
    return payload


def _check_media_type(header: str) -> None:
    media, *parameters = (part.strip().lower() for part in header.split(";"))
    if media not in {"application/json", ""} and not media.endswith("+json"):
        raise _unsupported(f"Content-Type '{media}' is not supported; use application/json.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in _CHARSETS:
            raise _unsupported(f"The charset '{value}' is not supported; use utf-8.")


def _decode_json(body: bytes) -> object:
    try:
        payload = _decode(body.removeprefix(_BYTE_ORDER_MARK))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"Malformed request: {error}") from None
    except RecursionError:
        raise _too_deep() from None
    except ArithmeticError:
        raise Malformed("Malformed request: a number is out of range.") from None
    if body.count(b"[") + body.count(b"{") > DEPTH_MAX and _depth(payload) > DEPTH_MAX:
        raise _too_deep()
    if _ESCAPED_NUL in body and _has_nul(payload):
        raise Malformed("Malformed request: text should not contain the NUL character.")
    return payload


def _depth(payload: object) -> int:
    """Return how deep objects and arrays nest."""
    level = [payload]
    depth = 0
    while level:
        containers = [value for value in level if isinstance(value, dict | list)]
        level = [part for container in containers for part in _parts(container)]
        depth += bool(containers)
    return depth


def _has_nul(payload: object) -> bool:
    """Say whether any name or text contains the character that no database stores."""
    level = [payload]
    while level:
        if any("\0" in value for value in level if isinstance(value, str)):
            return True
        containers = [value for value in level if isinstance(value, dict | list)]
        names = [
            name for container in containers if isinstance(container, dict) for name in container
        ]
        level = [part for container in containers for part in _parts(container)] + names
    return False


def _parts(container: dict[str, object] | list[object]) -> list[object]:
    return list(container.values()) if isinstance(container, dict) else container


def _gunzip(body: bytes) -> bytes:
    """Unfold every member, stopping at the limit: a bomb is refused before it is unfolded."""
    gunzip, content = Gunzip(), b""
    for piece in gunzip.unfold(body):
        content += piece
        _check_size(len(content), BODY_BYTES_MAX)
    gunzip.end()
    return content


def _too_deep() -> Malformed:
    return Malformed(f"Malformed request: nested deeper than {DEPTH_MAX} levels.")


def _too_late() -> WireError:
    """Refuse and hang up: nobody knows where in this connection the next request would begin."""
    problem = Problem(Kind.LIMIT, "The request body did not come in time.")
    return WireError(problem, status=_REQUEST_TIMEOUT, headers=[("connection", "close")])


def _unsupported(message: str) -> WireError:
    return WireError(Problem(Kind.UNSUPPORTED, message), status=_UNSUPPORTED_MEDIA_TYPE)
