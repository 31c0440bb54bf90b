"""One request as it came, before anything is believed of it."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from os import urandom
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
RawHeaders = Sequence[tuple[bytes, bytes]]

REQUEST_ID_HEADER = "zuora-request-id"

# Headers that are lists: sent twice, they mean what they mean joined (RFC 9110, section 5.3).
_LISTS = frozenset({"accept", "accept-encoding", "cookie", "via", "x-forwarded-for"})
_VARIANTS = "89ab"


@dataclass(slots=True)
class Exchange:
    """A request and what identifies its answer.

    Header names are lower case. `repeated` names the headers that were sent with several values
    where only one makes sense.
    """

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    client: str
    scheme: str
    receive: Receive
    path_values: Mapping[str, str]
    request_id: str
    repeated: Sequence[str] = ()
    _query: list[tuple[str, str]] | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls, scope: Scope, receive: Receive, path_values: Mapping[str, str] | None = None
    ) -> "Exchange":
        """Read an ASGI scope."""
        raw = scope["headers"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
        repeated: Sequence[str] = ()
        if len(headers) < len(raw):
            headers, repeated = _merge(raw)
        client = scope.get("client")
        return cls(
            scope["method"],
            scope["path"],
            scope["query_string"].decode("latin-1"),
            headers,
            client[0] if client else "",
            scope.get("scheme", "http"),
            receive,
            path_values or {},
            new_request_id(),
            repeated,
        )

    @property
    def url(self) -> str:
        """Path and query, as the client wrote them."""
        return f"{self.path}?{self.query_string}" if self.query_string else self.path

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query parameters in order; repeated ones repeat."""
        if self._query is None:
            text = self.query_string
            self._query = parse_qsl(text, keep_blank_values=True) if text else []
        return self._query

    @property
    def base_url(self) -> str:
        """Scheme and host as the client addressed them, for links to further pages."""
        return f"{self.scheme}://{self.headers.get('host', 'localhost')}"

    @property
    def process_id(self) -> str:
        """16 upper-case hex characters that go into error answers."""
        return self.request_id.replace("-", "")[:16].upper()


def new_request_id() -> str:
    """Return a random UUID (version 4); written out, for every request needs one."""
    text = urandom(16).hex()
    variant = _VARIANTS[int(text[16], 16) & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


def _merge(raw: RawHeaders) -> tuple[dict[str, str], list[str]]:
    """Join what was sent in several lines; name what may not be."""
    headers: dict[str, str] = {}
    lines = Counter(raw)
    repeated = []
    for name_bytes, value_bytes in lines:
        name, value = name_bytes.decode("latin-1"), value_bytes.decode("latin-1")
        if name in headers and name not in _LISTS:
            repeated.append(name)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers, repeated
