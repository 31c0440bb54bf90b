"""Work that is left, or comes, and that no request waits for: looked for, and carried out in order.

What there is to do stands in the database and nowhere else, so a server that was stopped, however
it was, finds it again when it starts.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Generic, Protocol, TypeVar

import structlog

from earned.http.meanwhile import meanwhile

W = TypeVar("W")

_log = structlog.get_logger("earned.http")


class Worker(Protocol[W]):
    """Somebody who knows what there is to do, and how."""

    @property
    def name(self) -> str:
        """What it does, for the log."""

    @property
    def period_seconds(self) -> float:
        """How long until the next look, if nobody says that there is something."""

    def find(self) -> Sequence[W]:
        """Return what there is to do, from a thread of its own."""

    async def carry_out(self, work: W) -> None:
        """Do it. A failure is for the log: other work waits."""


class Backlog(Generic[W]):
    """Has a worker look for work, and do it, as long as the server runs."""

    def __init__(self, worker: Worker[W], readers: ThreadPoolExecutor) -> None:
        """Have `worker` do it, and look for it in `readers`."""
        self._worker = worker
        self._readers = readers
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Have a look: there may be something to do."""
        self._woken.set()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Do what is left, and what comes, while the block runs."""
        async with meanwhile(self._work()):
            yield

    async def _work(self) -> None:
        while True:
            self._woken.clear()
            for work in await self._look():
                await self._worker.carry_out(work)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._worker.period_seconds):
                    await self._woken.wait()

    async def _look(self) -> Sequence[W]:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._readers, self._worker.find)
        except Exception:  # noqa: BLE001 - The database may be away or not migrated yet.
            _log.warning("work was not looked for", work=self._worker.name, exc_info=True)
            return ()
