"""Several server processes on one address."""

import os
import signal
from collections.abc import Callable
from multiprocessing import parent_process
from pkgutil import resolve_name
from threading import Thread
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from earned.bootstrap.listening import BACKLOG, address_of, listening
from earned.bootstrap.logs import configure_logs
from earned.bootstrap.settings import ServerSettings
from earned.bootstrap.sharing import sharing_metrics
from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed

# This package may not import its sibling: what runs is named, as one names it to uvicorn.
_FACTORY = "earned.http.serve:create"
_CONNECTION = "earned.http.connection:Connection"
_START_SECONDS = 60
_GRACE_SECONDS = 30


def run_workers(
    settings: ServerSettings, host: str, port: int, count: int, on_start: Callable[[str], None]
) -> None:
    """Serve with `count` processes until told to stop; one that dies is replaced.

    `on_start` is called with the address once all of them answer. Raises `CannotListen`.
    """
    configure_logs(settings)
    config = uvicorn.Config(
        f"{__name__}:create",
        factory=True,
        workers=count,
        loop="uvloop",
        http=_CONNECTION,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    with listening(host, port) as bound, sharing_metrics():
        supervisor = _Supervisor(config, sockets=[bound])
        supervisor.on_start = lambda: on_start(address_of(bound))
        supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        message = "The server processes did not start; their log says why."
        raise CommandFailed(Exit.INTERNAL, message)


def create() -> Any:  # noqa: ANN401 - Whatever the server is, uvicorn runs it.
    """Return the application of one process, which ends when the process that runs it is gone.

    Otherwise `kill -9` of the parent would leave processes that serve on and hold the port.
    """
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=[parent], name="earned-parent", daemon=True).start()
    return resolve_name(_FACTORY)()


def _end_after(parent: Any) -> None:  # noqa: ANN401 - multiprocessing does not say what it is.
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


class _Supervisor(Multiprocess):
    """uvicorn's supervisor; says when all processes answer."""

    on_start: Callable[[], None]

    def init_processes(self) -> None:
        """Start the processes and wait for them."""
        super().init_processes()
        if all(
            process.wait_until_ready(_START_SECONDS, self.should_exit) for process in self.processes
        ):
            self.on_start()
