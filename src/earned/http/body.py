"""Request bodies: read within a limit, decompressed within a limit, decoded without floats."""

import zlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from earned.domain.errors import Kind, Malformed, Problem
from earned.http.dialect import WireError
from earned.http.exchange import Receive

BODY_BYTES_MAX = 8 * 1024 * 1024
DEPTH_MAX = 64
_GZIP_WINDOW = 31
_CONTENT_TOO_LARGE = 413
_UNSUPPORTED_MEDIA_TYPE = 415

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


async def read_body(receive: Receive, headers: Mapping[str, str]) -> bytes:
    """Return the body, unzipped if it is gzipped.

    Raises a refusal if it is too large either way, broken, or cut off.
    """
    message = await receive()
    chunks = [message.get("body", b"")]
    size = len(chunks[0])
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Malformed("The request ended before its body did.")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > BODY_BYTES_MAX:
            raise _too_large()
    body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    if size > BODY_BYTES_MAX:
        raise _too_large()
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding == "gzip":
        return _gunzip(body)
    if encoding != "identity":
        raise _unsupported(f"Content-Encoding '{encoding}' is not supported; use gzip.")
    return body


def decode_object(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON object in `body`: integers as `int`, other numbers as exact `Decimal`."""
    media = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media not in {"application/json", ""} and not media.endswith("+json"):
        raise _unsupported(f"Content-Type '{media}' is not supported; use application/json.")
    payload = _decode_json(body)
    if not isinstance(payload, dict):
        raise Malformed("Malformed request: the body should be a JSON object.")
    return payload


def _decode_json(body: bytes) -> object:
    if _may_be_deep(body) and _depth(body) > DEPTH_MAX:
        raise Malformed(f"Malformed request: nested deeper than {DEPTH_MAX} levels.")
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"Malformed request: {error}") from None


def _may_be_deep(body: bytes) -> bool:
    return body.count(b"[") + body.count(b"{") > DEPTH_MAX


def _depth(body: bytes) -> int:
    """Return how deep the brackets nest; those inside strings do not count."""
    deepest = depth = 0
    in_string = escaped = False
    for byte in body:
        if in_string:
            in_string = escaped or byte != ord('"')
            escaped = byte == ord("\\") and not escaped
        elif byte == ord('"'):
            in_string = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _gunzip(body: bytes) -> bytes:
    """Unzip, stopping at the limit: a bomb is refused before it unfolds."""
    unzip = zlib.decompressobj(wbits=_GZIP_WINDOW)
    try:
        content = unzip.decompress(body, BODY_BYTES_MAX + 1)
    except zlib.error:
        raise Malformed("Malformed request: the body is not valid gzip.") from None
    if len(content) > BODY_BYTES_MAX:
        raise _too_large()
    if not unzip.eof:
        raise Malformed("Malformed request: the gzip body is incomplete.")
    return content


def _too_large() -> WireError:
    message = f"The request body is larger than {BODY_BYTES_MAX} bytes."
    problem = Problem(Kind.LIMIT, message, code="REQUEST_EXCEEDED_LIMIT")
    return WireError(problem, status=_CONTENT_TOO_LARGE)


def _unsupported(message: str) -> WireError:
    return WireError(Problem(Kind.UNSUPPORTED, message), status=_UNSUPPORTED_MEDIA_TYPE)
