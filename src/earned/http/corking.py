"""What is written to a connection in one turn of the event loop leaves in one piece.

An answer is written in two, its head and its body; each would be a call of the kernel, and a packet
of its own.
"""

from asyncio import AbstractEventLoop, Transport
from typing import Any


class CorkedTransport:
    """A transport that waits with what is written until the turn is over."""

    __slots__ = ("_call_soon", "_transport", "_waiting")

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        """Write to `transport`."""
        self._transport = transport
        self._call_soon = loop.call_soon
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Have `data` sent after what was written before."""
        if not self._waiting:
            self._call_soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        """Send what is waiting, and hang up."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        together = b"".join(self._waiting)
        self._waiting.clear()
        if together and not self._transport.is_closing():
            self._transport.write(together)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - The rest is the transport's.
        return getattr(self._transport, name)
