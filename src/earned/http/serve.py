"""Run the server: bind, answer until told to stop, finish what was accepted.

The command line is a sibling of this package and may not import it; it names what it runs:
`earned.http.serve:run` in this process, `earned.http.serve:create` as the factory that uvicorn
calls in each of several worker processes.
"""

import gc
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket
from threading import Event, Thread

import uvicorn

from earned.bootstrap.application import open_application
from earned.bootstrap.listening import BACKLOG, CannotListen, address_of, listening
from earned.bootstrap.logs import configure_logs
from earned.bootstrap.settings import ServerSettings, server_settings
from earned.http.app import Server
from earned.http.connection import Connection

GRACE_SECONDS = 30
_ALLOCATIONS_PER_COLLECTION = 50_000
_SWITCH_SECONDS = 0.002
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def create() -> Server:
    """Return the application that the environment describes; its database is migrated already."""
    settings = server_settings()
    configure_logs(settings)
    _tune_interpreter()
    return Server(open_application(settings))


def run(
    settings: ServerSettings,
    host: str,
    port: int,
    on_start: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then answer what was accepted, and return.

    `on_start` is called with the address once requests are answered. Raises `CannotListen`.
    """
    configure_logs(settings)
    _tune_interpreter()
    with listening(host, port) as bound:
        server = _Uvicorn(settings, bound, on_start)
        handlers = {number: signal.signal(number, _stopped) for number in _STOP_SIGNALS}
        try:
            server.run(sockets=[bound])
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)


@contextmanager
def background(settings: ServerSettings, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve on a thread while the block runs, and lend the address. Raises `CannotListen`."""
    settled = Event()
    with listening(host, port) as bound:
        server = _Uvicorn(settings, bound, lambda _: settled.set())

        def work() -> None:
            try:
                server.run(sockets=[bound])
            finally:
                settled.set()

        thread = Thread(target=work, name="earned-server")
        thread.start()
        try:
            settled.wait()
            if not server.started:
                raise CannotListen("The server did not start; its log says why.")
            yield address_of(bound)
        finally:
            server.should_exit = True
            thread.join()


def _tune_interpreter() -> None:
    """Have a thread that heard from the database wait less for the interpreter than by default."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    collect_garbage_seldom()


def collect_garbage_seldom() -> None:
    """Leave what start-up made out of collections, and collect less often.

    A group of usage makes thousands of values that reference counting frees; looking for cycles
    among them every 700 allocations cost a tenth of the time per record.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_PER_COLLECTION, 20, 20)


def _stopped(number: int, frame: object) -> None:
    """Take the signal that uvicorn raises again after its end: the end was clean."""
    del number, frame


class _Uvicorn(uvicorn.Server):
    """uvicorn with our settings; says when it has started."""

    def __init__(
        self, settings: ServerSettings, bound: socket, on_start: Callable[[str], None] | None
    ) -> None:
        super().__init__(
            uvicorn.Config(
                Server(open_application(settings)),
                loop="uvloop",
                http=Connection,
                ws="none",
                lifespan="on",
                access_log=False,
                log_config=None,
                server_header=False,
                backlog=BACKLOG,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._address = address_of(bound)
        self._on_start = on_start

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_start:
            self._on_start(self._address)
