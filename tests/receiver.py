"""Somebody who takes notifications: a server on this machine, and what it was sent."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Event, Thread

PATIENCE = 20


@dataclass(frozen=True)
class Sent:
    """One attempt, as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers with the `answers` in turn, then with 200; keeps what it was sent.

    While `may_answer` is not set it has taken a message, and says nothing.
    """

    url: str
    answers: list[int] = field(default_factory=list)
    sent: Queue[Sent] = field(default_factory=Queue)
    may_answer: Event = field(default_factory=Event)

    def next(self) -> Sent:
        """Wait for the next attempt."""
        return self.sent.get(timeout=PATIENCE)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Lend a receiver while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.sent.put(Sent(self.path, headers, body))
            receiver.may_answer.wait(PATIENCE)
            with suppress(OSError):  # Whoever sent it may be gone.
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("content-length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
    receiver.may_answer.set()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
