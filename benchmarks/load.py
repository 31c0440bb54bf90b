"""A load process: keeps a number of connections busy with prepared requests, and times them.

Run as a module: `python -m benchmarks.load PORT CONNECTIONS SECONDS` reads the prepared requests
from standard input (pickled) and prints a JSON result. It speaks HTTP/1.1 on bare sockets, because
a client library would cost more than the server under test.
"""

import asyncio
import json
import pickle
import sys
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

import uvloop

_END_OF_HEADERS = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass
class Tally:
    """What was answered and how long each answer took."""

    requests: list[bytes]
    deadline: float = 0.0
    sent: int = 0
    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    first_refusal: bytes = b""

    def next(self) -> bytes:
        """Return the next request, starting over when all were sent."""
        self.sent += 1
        return self.requests[self.sent % len(self.requests)]


class Connection(asyncio.Protocol):
    """One connection: sends a request, waits for the whole answer, sends the next."""

    def __init__(self, tally: Tally, done: "asyncio.Future[None]") -> None:
        self.tally = tally
        self.done = done
        self.buffer = b""
        self.started = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self.transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count a whole answer and send the next request."""
        self.buffer += data
        head = self.buffer.find(_END_OF_HEADERS)
        if head < 0:
            return
        at = self.buffer.find(_LENGTH) + len(_LENGTH)
        length = int(self.buffer[at : self.buffer.find(b"\r\n", at)])
        if len(self.buffer) < head + len(_END_OF_HEADERS) + length:
            return
        self._count(self.buffer)
        self.buffer = b""
        if perf_counter() < self.tally.deadline:
            self._send()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Say that this connection is done."""
        del error
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        self.started = perf_counter()
        self.transport.write(self.tally.next())

    def _count(self, answer: bytes) -> None:
        self.tally.latencies.append(perf_counter() - self.started)
        if not answer.startswith(b"HTTP/1.1 200"):
            self.tally.refused += 1
            self.tally.first_refusal = self.tally.first_refusal or answer


async def run(port: int, connections: int, seconds: float, requests: list[bytes]) -> Tally:
    """Send for some seconds over some connections."""
    loop = asyncio.get_running_loop()
    tally = Tally(requests, deadline=perf_counter() + seconds)
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    for end in ends:
        await loop.create_connection(lambda end=end: Connection(tally, end), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*ends)
    return tally


def main() -> None:
    """Run a load and print its result."""
    port, connections, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    requests = pickle.load(sys.stdin.buffer)  # noqa: S301 - From the process that started this one.
    uvloop.install()
    started = perf_counter()
    tally = asyncio.run(run(port, connections, seconds, requests))
    elapsed = perf_counter() - started
    latencies = sorted(tally.latencies)
    result = {
        "requests": len(latencies),
        "rate": len(latencies) / elapsed,
        "p50_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[int(len(latencies) * 0.99)] * 1000,
        "refused": tally.refused,
        "first_refusal": tally.first_refusal.decode("latin-1"),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
