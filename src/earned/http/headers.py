"""Headers that every operation understands, and those that every answer carries."""

import gzip
from collections.abc import Mapping

from earned.domain.errors import Kind, Malformed, Problem
from earned.http.exchange import Exchange
from earned.http.refusal import WireError, bad_header
from earned.services.work import Reply

TRACK_HEADER = "zuora-track-id"
IDEMPOTENCY_HEADER = "idempotency-key"
TRACK_LENGTH_MAX = 64
KEY_LENGTH_MAX = 255
URL_LENGTH_MAX = 8192
HEADERS_MAX = 100
COMPRESS_ABOVE_BYTES = 1000
VARY = ("vary", "accept-encoding")
GZIPPED = ("content-encoding", "gzip")

_TRACK_FORBIDDEN = frozenset(":;\"'")
_COMPRESSED_TYPES = (
    "application/json",
    "application/xml",
    "text/html",
    "text/csv",
    "text/plain",
)
_CLAIMING_METHODS = frozenset({"POST", "PATCH"})
_URI_TOO_LONG, _FIELDS_TOO_LARGE = 414, 431
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def check_form(exchange: Exchange) -> None:
    """Refuse what is no proper request whoever sends it: the URL, and headers sent twice."""
    if len(exchange.path) + len(exchange.query_string) > URL_LENGTH_MAX:
        message = f"The URL is longer than {URL_LENGTH_MAX} characters."
        raise WireError(Problem(Kind.LIMIT, message), status=_URI_TOO_LONG)
    if len(exchange.headers) > HEADERS_MAX:
        message = f"The request has more than {HEADERS_MAX} headers."
        raise WireError(Problem(Kind.LIMIT, message), status=_FIELDS_TOO_LARGE)
    if exchange.repeated:
        raise bad_header(f"The header '{exchange.repeated[0]}' was sent more than once.")
    if not _is_text(exchange.path):
        raise Malformed("Malformed request: the path is not UTF-8 text.")
    if exchange.query_string and not all(
        _is_text(name) and _is_text(value) for name, value in exchange.query
    ):
        raise Malformed("Malformed request: the query is not UTF-8 text.")


def _is_text(text: str) -> bool:
    """Say whether decoding lost nothing and a database can hold the text."""
    return (text.isascii() and "\0" not in text) or not {"\0", _REPLACEMENT} & set(text)


def track_id_of(headers: Mapping[str, str]) -> str | None:
    """Return the caller's trace id. Raises a refusal if it may not be one."""
    track_id = headers.get(TRACK_HEADER)
    if track_id is None or is_track_id(track_id):
        return track_id
    raise bad_header(
        f"Zuora-Track-Id should be at most {TRACK_LENGTH_MAX} US-ASCII characters without colon, "
        "semicolon, double quote and quote."
    )


def is_track_id(text: str) -> bool:
    """Say whether `text` may be a trace id (R 8.6)."""
    return (
        len(text) <= TRACK_LENGTH_MAX
        and text.isascii()
        and text.isprintable()
        and _TRACK_FORBIDDEN.isdisjoint(text)
    )


def idempotency_key_of(method: str, headers: Mapping[str, str]) -> str | None:
    """Return the key of a POST or PATCH.

    On PUT the header is refused; on methods that change nothing twice it is ignored (R 8.4).
    """
    key = headers.get(IDEMPOTENCY_HEADER)
    if key is None or method not in {*_CLAIMING_METHODS, "PUT"}:
        return None
    if method == "PUT":
        raise bad_header("Idempotency-Key is for POST and PATCH requests only.")
    if not 0 < len(key) <= KEY_LENGTH_MAX or not key.isprintable():
        raise bad_header(f"Idempotency-Key should be 1 to {KEY_LENGTH_MAX} printable characters.")
    return key


def compress(reply: Reply, headers: Mapping[str, str]) -> Reply:
    """Gzip an answer of more than 1,000 bytes for a caller that takes it (R 8.5)."""
    if len(reply.body) <= COMPRESS_ABOVE_BYTES:
        return reply
    media = next((value for name, value in reply.headers if name == "content-type"), "")
    if not media.startswith(_COMPRESSED_TYPES):
        return reply
    if not takes_gzip(headers):
        return reply.with_headers(VARY)
    body = gzip.compress(reply.body, compresslevel=5, mtime=0)
    return Reply(reply.status, (*reply.headers, VARY, GZIPPED), body)


def takes_gzip(headers: Mapping[str, str]) -> bool:
    """Say whether a caller names gzip, and not with a weight of nothing."""
    for choice in headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = choice.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
