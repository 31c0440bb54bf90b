"""A client of the API on one connection, with nothing but the standard library and msgspec."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed
from earned.cli.stopping import Stop
from earned.domain.exact import ZERO, add

Json = dict[str, Any]

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode

_OK = 200
_PATIENCE_SECONDS = 60
_PAGE = 99
# With this version errors come with a status of their own.
_VERSION = {"Zuora-Version": "2025-08-12"}


class Refused(CommandFailed):
    """The server did not do what the story needs."""

    def __init__(self, request: str, answer: bytes) -> None:
        """Say what was asked and what was answered."""
        text = answer.decode(errors="replace").strip()
        super().__init__(
            Exit.REFUSED,
            f"The demonstration stopped at {request}: {text}",
            "Point EARNED_DATABASE_URL at a new database to tell it from the beginning.",
        )


class Wire:
    """A signed-in client. Whoever shares a `stop` stops before the next request when asked.

    Every POST has an Idempotency-Key made of what is sent. So a request that may have been done
    can be sent again, and a story that was interrupted goes on where it was.
    """

    def __init__(self, address: str, stop: Stop, token: str = "") -> None:
        """Speak to the server at `address`; without a token until `sign_in`."""
        parts = urlsplit(address)
        self._address = address
        self._stop = stop
        self._token = token
        self._connection = HTTPConnection(
            parts.hostname or "", parts.port, timeout=_PATIENCE_SECONDS
        )

    def sign_in(self, client_id: str, secret: str) -> None:
        """Get a token."""
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._ask("POST", "/oauth/token", urlencode(form).encode(), headers)
        self._token = answer["access_token"]

    def beside(self) -> "Wire":
        """Return another connection of the same client."""
        return Wire(self._address, self._stop, self._token)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def post(self, path: str, body: Mapping[str, object], **headers: str) -> Json:
        """Have something made or done, once."""
        content = _encode(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        key = sha256(f"{path} {named} ".encode() + content).hexdigest()
        named |= {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._ask("POST", path, content, named)

    def put(self, path: str) -> Json:
        """Have an action done that is all in its path."""
        return self._ask("PUT", path, b"", {})

    def get(self, path: str) -> Json:
        """Read."""
        return self._ask("GET", path, b"", {})

    def query(self, objects: str, **fields: str) -> Iterator[Json]:
        """Read all objects of a kind with an object query, page by page."""
        parameters = {"pageSize": str(_PAGE), **fields}
        while True:
            page = self.get(f"/object-query/{objects}?{urlencode(parameters)}")
            yield from page["data"]
            if "nextPage" not in page:
                return
            parameters["cursor"] = page["nextPage"]

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Json:
        if self._stop.asked:
            raise KeyboardInterrupt
        known = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        status, content = self._exchange(method, path, body, {**_VERSION, **known, **headers})
        if status != _OK:
            raise Refused(f"{method} {path}", content)
        answer: Json = _decode(content)
        return answer

    def _exchange(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """Send and receive, again on a new connection where the server had hung up."""
        try:
            return self._send(method, path, body, headers)
        except (HTTPException, ConnectionError):
            self._connection.close()
            return self._send(method, path, body, headers)

    def _send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        self._connection.request(method, path, body or None, dict(headers))
        response = self._connection.getresponse()
        return response.status, response.read()


def total(rows: Iterable[Json], name: str) -> Decimal:
    """Add up a field."""
    amount = ZERO
    for row in rows:
        amount = add(amount, Decimal(row[name]))
    return amount
