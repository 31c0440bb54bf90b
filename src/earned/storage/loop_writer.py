"""Group commit on an event loop: the loop carries out what is brief, a thread waits for the disk.

Two threads that run Python hinder each other: every step of a transaction, and every answer sent,
lets go of the interpreter and has to win it back. So a group of brief jobs is carried out between
two polls of the loop, and only its commit, which waits for the disk, happens in the writer's
thread, while the loop reads the requests of the next group. A group with anything else in it goes
to the thread whole, and so does one that would have to wait. There is one group at a time, and
jobs are carried out in the order they were submitted.
"""

from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Final

from earned.services.work import Job
from earned.storage.database import Database
from earned.storage.groups import Groups, Observe, unobserved
from earned.storage.writer import ThreadWriter, Writer

BRIEF_MAX: Final = 128
"""The most jobs of a group: the loop does nothing else while it carries them out."""

Task = Callable[[], None]


class LoopWriter:
    """Writes for an event loop. Only `waiting` and `is_alive` may be asked from other threads."""

    def __init__(
        self,
        database: Database,
        loop: AbstractEventLoop,
        observe: Observe = unobserved,
        group_max: int = BRIEF_MAX,
    ) -> None:
        """Start the thread, which tells `observe` of each commit of at most `group_max` jobs."""
        self._groups = Groups(database, observe)
        self._group_max = max(1, min(group_max, BRIEF_MAX))
        self._loop = loop
        self._jobs: list[Job] = []
        self._is_busy = False
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="earned-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Have `job` carried out after those submitted before it."""
        self._jobs.append(job)
        if not self._is_busy:
            self._is_busy = True
            self._gather()

    def waiting(self) -> int:
        """Return how many jobs wait."""
        return len(self._jobs)

    def is_alive(self) -> bool:
        """Say whether what is submitted will be carried out."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Finish what was submitted, then stop."""
        self._is_busy = True
        while self._jobs:
            if group := self._take():
                self._tasks.put(partial(self._groups.carry_out, group))
        self._tasks.put(None)
        self._thread.join()

    def _gather(self, known: int = 0) -> None:
        """Begin a group once the loop brings no more jobs: what came together goes together.

        It takes the loop two turns to make jobs of what it can read: one to poll, one to parse.
        """
        if known < len(self._jobs) < self._group_max:
            self._loop.call_soon(self._loop.call_soon, self._gather, len(self._jobs))
        elif group := self._take():
            self._begin(group)
        elif self._jobs:
            self._loop.call_soon(self._gather)
        else:
            self._is_busy = False

    def _take(self) -> list[Job]:
        """Take what comes next, but for what was given up meanwhile; a patient job alone."""
        count = min(self._group_max, len(self._jobs))
        patient = (place for place in range(count) if self._jobs[place].is_patient)
        count = max(1, next(patient, count))
        group = [job for job in self._jobs[:count] if job.turn.take()]
        del self._jobs[:count]
        return group

    def _begin(self, group: list[Job]) -> None:
        is_brief = all(job.use_case.brief for job in group)
        uncommitted = self._groups.begin(group) if is_brief else None
        if uncommitted is None:
            self._tasks.put(partial(self._groups.carry_out, group))
        else:
            self._tasks.put(partial(self._groups.commit, uncommitted))

    def _work(self) -> None:
        while task := self._tasks.get():
            task()
            self._loop.call_soon_threadsafe(self._gather)


def open_writer(database: Database, observe: Observe, group_max: int) -> Writer:
    """Open the writer that suits a database, for the loop that is running.

    Statements to a server are waited for, and the loop must not: a thread makes them.
    """
    if database.is_embedded:
        return LoopWriter(database, get_running_loop(), observe, group_max)
    return ThreadWriter(database, observe, group_max)
