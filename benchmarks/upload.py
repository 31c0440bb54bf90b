"""A usage file sent to `earned serve` in a form, from its first byte until all is recorded."""

from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from json import loads
from pathlib import Path
from resource import struct_rusage
from time import perf_counter, sleep
from typing import Any

from benchmarks.servers import EARNED, running
from benchmarks.sold_books import token

_HEAD = (
    b'--of-the-load\r\nContent-Disposition: form-data; name="file"; filename="usage.csv"\r\n\r\n'
)
_TAIL = b"\r\n--of-the-load--\r\n"
_FORM = "multipart/form-data; boundary=of-the-load"
_BLOCK = 1024 * 1024
_KILOBYTES_A_MEGABYTE = 1024
_PAUSE = 0.2


@dataclass(frozen=True)
class Ran:
    """What a process took, on all cores and of memory, and what it answered."""

    seconds: float
    busy: float
    megabytes: int
    answer: dict[str, int]

    @classmethod
    def by(cls, used: struct_rusage, seconds: float, answer: dict[str, int]) -> "Ran":
        """Return what a process took that has ended."""
        busy = used.ru_utime + used.ru_stime
        return cls(seconds, busy, used.ru_maxrss // _KILOBYTES_A_MEGABYTE, answer)


def upload(url: str, file: Path) -> Ran:
    """Send a file to a server on a database; return what that took until it was recorded."""
    with running(EARNED, url) as served:
        headers = {"authorization": f"Bearer {token(served.port)}"}
        began = perf_counter()
        size = len(_HEAD) + file.stat().st_size + len(_TAIL)
        about = {**headers, "content-type": _FORM, "content-length": str(size)}
        accepted = _ask(served.port, "POST", "/v1/usage", about, _form(file))
        status = _ended(served.port, accepted["checkImportStatus"], headers)
        seconds = perf_counter() - began
    assert served.used is not None, "the server has ended"
    return Ran.by(served.used, seconds, {"stored": status["importedCount"]})


def _form(file: Path) -> Iterator[bytes]:
    yield _HEAD
    with file.open("rb") as rows:
        while block := rows.read(_BLOCK):
            yield block
    yield _TAIL


def _ended(port: int, path: str, headers: dict[str, str]) -> dict[str, Any]:
    """Ask for the status of an import until it is completed."""
    while True:
        status = _ask(port, "GET", path, headers)
        if status["importStatus"] == "Completed":
            return status
        if status["importStatus"] == "Failed":
            raise SystemExit(f"the import failed: {status}")
        sleep(_PAUSE)


def _ask(
    port: int, method: str, path: str, headers: dict[str, str], body: Iterator[bytes] | None = None
) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request(method, path, body, headers)
    answer: dict[str, Any] = loads(connection.getresponse().read())
    connection.close()
    if not answer.get("success"):
        raise SystemExit(f"{method} {path}: {answer}")
    return answer
