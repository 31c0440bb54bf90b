"""Headers that every operation understands, and those that every answer carries."""

import gzip
from collections.abc import Mapping

from earned.domain.errors import Invalid, Kind, Problem
from earned.http.dialect import WireError
from earned.services.work import Reply

TRACK_HEADER = "zuora-track-id"
IDEMPOTENCY_HEADER = "idempotency-key"
_TRACK_LENGTH_MAX = 64
_KEY_LENGTH_MAX = 255
_TRACK_FORBIDDEN = frozenset(":;\"'")
_COMPRESS_ABOVE_BYTES = 1000
_COMPRESSED_TYPES = (
    "application/json",
    "application/xml",
    "text/html",
    "text/csv",
    "text/plain",
)
_CLAIMING_METHODS = frozenset({"POST", "PATCH"})
_BAD_REQUEST = 400


def track_id_of(headers: Mapping[str, str]) -> str | None:
    """Return the caller's trace id. Raises `Invalid` if it may not be one."""
    track_id = headers.get(TRACK_HEADER)
    if track_id is None:
        return None
    is_allowed = track_id.isascii() and track_id.isprintable()
    if len(track_id) > _TRACK_LENGTH_MAX or not is_allowed or _TRACK_FORBIDDEN & set(track_id):
        raise Invalid(
            "Zuora-Track-Id should be at most 64 US-ASCII characters without colon, semicolon, "
            "double quote and quote."
        )
    return track_id


def idempotency_key_of(method: str, headers: Mapping[str, str]) -> str | None:
    """Return the key of a POST or PATCH.

    On PUT the header is refused; on methods that change nothing twice it is ignored (R 8.4).
    """
    key = headers.get(IDEMPOTENCY_HEADER)
    if key is None or method not in {*_CLAIMING_METHODS, "PUT"}:
        return None
    if method == "PUT":
        raise _bad_key("Idempotency-Key is for POST and PATCH requests only.")
    if not 0 < len(key) <= _KEY_LENGTH_MAX:
        raise _bad_key("Idempotency-Key should be 1 to 255 characters.")
    return key


def compress(reply: Reply, headers: Mapping[str, str]) -> Reply:
    """Gzip an answer of more than 1,000 bytes for a caller that takes it (R 8.5)."""
    if len(reply.body) <= _COMPRESS_ABOVE_BYTES or "gzip" not in headers.get("accept-encoding", ""):
        return reply
    media = next((value for name, value in reply.headers if name == "content-type"), "")
    if not media.startswith(_COMPRESSED_TYPES):
        return reply
    body = gzip.compress(reply.body, compresslevel=5, mtime=0)
    return Reply(reply.status, (*reply.headers, ("content-encoding", "gzip")), body)


def _bad_key(message: str) -> WireError:
    return WireError(Problem(Kind.INVALID, message), status=_BAD_REQUEST)
