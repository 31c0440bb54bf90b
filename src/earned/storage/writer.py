"""Group commit: requests in flight together share one durable transaction.

One thread takes whatever is waiting: what queued while the last commit ran. A job that waits alone
is carried out at once. Where there are several, those who were just answered are about to ask
again, and a group costs as much for two as for twenty: it begins when no more have come for a
moment.
"""

from queue import SimpleQueue
from threading import Thread
from time import sleep
from typing import Final, Protocol

from earned.services.work import Job
from earned.storage.database import Database
from earned.storage.groups import Groups, Observe, unobserved

GROUP_MAX: Final = 512
_MOMENTS_A_SECOND: Final = 1000
_MOMENTS_MAX: Final = 4


class Writer(Protocol):
    """Whoever has jobs carried out, in the order they are submitted."""

    def submit(self, job: Job) -> None:
        """Have `job` carried out after those submitted before it."""

    def waiting(self) -> int:
        """Return how many jobs wait."""

    def is_alive(self) -> bool:
        """Say whether what is submitted will be carried out."""

    def close(self) -> None:
        """Finish what was submitted, then stop."""


class ThreadWriter:
    """The one thread of a process that writes."""

    def __init__(
        self, database: Database, observe: Observe = unobserved, group_max: int = GROUP_MAX
    ) -> None:
        """Start the thread, which tells `observe` of each commit of at most `group_max` jobs."""
        self._groups = Groups(database, observe)
        self._group_max = max(1, group_max)
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._held: list[Job | None] = []
        self._thread = Thread(target=self._work, name="earned-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Have `job` carried out after those submitted before it."""
        self._queue.put(job)

    def waiting(self) -> int:
        """Return how many jobs wait."""
        return self._queue.qsize()

    def is_alive(self) -> bool:
        """Say whether what is submitted will be carried out."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Finish what was submitted, then stop."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while group := self._take():
            self._groups.carry_out(group)

    def _take(self) -> list[Job]:
        """Wait for a job, then take all that wait with it. Empty means stop.

        Jobs that were given up meanwhile are left out, and a patient one is carried out alone.
        """
        first = self._next()
        if first is None or first.is_patient:
            return [first] if first else []
        self._let_more_come()
        group = [first]
        while len(group) < self._group_max and not self._queue.empty():
            job = self._queue.get()
            if job is None or job.is_patient:
                self._held.append(job)
                break
            if job.turn.take():
                group.append(job)
        return group

    def _next(self) -> Job | None:
        """Wait for the next job that was not given up; None means stop."""
        while True:
            job = self._held.pop() if self._held else self._queue.get()
            if job is None or job.turn.take():
                return job

    def _let_more_come(self) -> None:
        """Wait while jobs follow one another, for a few moments at most."""
        known = 0
        for _ in range(_MOMENTS_MAX):
            waiting = self._queue.qsize()
            if not known < waiting < self._group_max:
                return
            known = waiting
            sleep(1 / _MOMENTS_A_SECOND)
