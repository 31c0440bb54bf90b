"""The socket that a server listens on, bound before anything else is started."""

from collections.abc import Iterator
from contextlib import contextmanager
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOL_SOCKET, socket

BACKLOG = 2048
_PORT_MAX = 65535


class CannotListen(Exception):
    """The address cannot be listened on; the message says which and why."""


@contextmanager
def listening(host: str, port: int) -> Iterator[socket]:
    """Lend a socket that listens; port 0 takes any that is free. Raises `CannotListen`."""
    if not 0 <= port <= _PORT_MAX:
        raise CannotListen(f"Port {port} does not exist; choose one from 0 to {_PORT_MAX}.")
    with socket(AF_INET6 if ":" in host else AF_INET) as bound:
        bound.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
            bound.listen(BACKLOG)
        except OSError as error:
            reason = error.strerror or str(error)
            raise CannotListen(f"Cannot listen on {host} port {port}: {reason}.") from error
        yield bound


def address_of(bound: socket) -> str:
    """Return the URL of a listening socket, as a client on this machine writes it."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - Read, not bound.
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
