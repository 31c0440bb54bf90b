"""One request as it came, before anything is believed of it."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class Exchange:
    """A request and what identifies its answer. Header names are lower case."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    client: str
    scheme: str
    receive: Receive
    path_values: Mapping[str, str] = field(default_factory=dict)
    request_id: str = field(default_factory=lambda: str(uuid4()))

    @classmethod
    def of(
        cls, scope: Scope, receive: Receive, path_values: Mapping[str, str] | None = None
    ) -> "Exchange":
        """Read an ASGI scope. Of a header sent twice, the last counts."""
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        client = scope.get("client")
        return cls(
            method=scope["method"],
            path=scope["path"],
            query_string=scope["query_string"].decode("latin-1"),
            headers=headers,
            client=client[0] if client else "",
            scheme=scope.get("scheme", "http"),
            receive=receive,
            path_values=path_values or {},
        )

    @property
    def url(self) -> str:
        """Path and query, as the client wrote them."""
        return f"{self.path}?{self.query_string}" if self.query_string else self.path

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query parameters in order; repeated ones repeat."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    @property
    def base_url(self) -> str:
        """Scheme and host as the client addressed them, for links to further pages."""
        return f"{self.scheme}://{self.headers.get('host', 'localhost')}"

    @property
    def process_id(self) -> str:
        """16 upper-case hex characters that go into error answers."""
        return self.request_id.replace("-", "")[:16].upper()
