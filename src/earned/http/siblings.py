"""What the processes of a server have counted together: whichever is asked tells of all of them.

Each leaves its counts in a file of a directory that they share: every second, and whenever it is
asked, so that no counter ever goes back. The file of a process that has ended stays for the same
reason; only what waited there does not wait any more.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Lock

import msgspec
import structlog

from earned.http.counts import Counts
from earned.http.meanwhile import meanwhile

PERIOD_SECONDS = 1
_SUFFIX = ".counts"

_log = structlog.get_logger("earned.http")


class Siblings:
    """The processes that share a directory."""

    def __init__(self, directory: Path) -> None:
        """Join the processes of `directory`; make it if there is none."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._mine = directory / f"{os.getpid()}-{os.urandom(8).hex()}{_SUFFIX}"
        self._told = b""
        self._lock = Lock()

    def share(self, mine: Counts) -> Sequence[Counts]:
        """Tell what this process has counted, and return what each has told."""
        self.tell(mine)
        return [_counts_in(file) for file in self._directory.glob(f"*{_SUFFIX}")]

    def tell(self, mine: Counts) -> None:
        """Leave what this process has counted; others read the file before or the one after."""
        with self._lock:
            counts = msgspec.msgpack.encode(mine)
            if counts != self._told:
                draft = self._mine.with_suffix(".draft")
                draft.write_bytes(counts)
                draft.replace(self._mine)
                self._told = counts


def _counts_in(file: Path) -> Counts:
    counts = msgspec.msgpack.decode(file.read_bytes(), type=Counts)
    if not _is_running(int(file.name.partition("-")[0])):
        counts.waiting = 0
    return counts


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@asynccontextmanager
async def keep_telling(siblings: Siblings, counts: Callable[[], Counts]) -> AsyncIterator[None]:
    """Tell every second while the block runs, and once more at its end."""
    try:
        async with meanwhile(_keep_on(siblings, counts)):
            yield
    finally:
        await _tell(siblings, counts)


async def _keep_on(siblings: Siblings, counts: Callable[[], Counts]) -> None:
    while True:
        await _tell(siblings, counts)
        await asyncio.sleep(PERIOD_SECONDS)


async def _tell(siblings: Siblings, counts: Callable[[], Counts]) -> None:
    """Take one step; a failure is for the log and the next second, never for a request."""
    try:
        await asyncio.to_thread(siblings.tell, counts())
    except OSError:
        _log.warning("the other processes were not told what was counted", exc_info=True)
