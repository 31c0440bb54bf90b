"""Group commit: requests in flight together share one durable transaction.

One thread takes whatever is waiting, with no timer: what queued while the last commit ran. It
carries the jobs out in the order they arrived, commits once, and only then answers each. A refused
job is answered alone and spoils nobody's commit; when a group fails as a whole, its jobs are tried
one by one, so that only the one at fault fails. Where the connection was lost nothing is tried
again: the commit may have happened, and what it holds must not happen twice.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from queue import SimpleQueue
from threading import Thread
from time import perf_counter_ns
from typing import Final

from sqlalchemy.exc import DBAPIError

from earned.domain.errors import Contended, EarnedError
from earned.services.work import Job, Reply
from earned.storage.database import Database, Transaction
from earned.storage.replies import ClaimMismatch, find_replies, replay, store_replies

GROUP_MAX: Final = 512
_ATTEMPTS: Final = 5
# PostgreSQL: serialization failure, deadlock, lock timeout, and a key claimed by another server.
_RETRYABLE: Final = {"40001", "40P01", "55P03", "23505"}


Observe = Callable[[int, int], None]
"""Told of each commit: how many jobs shared it, and how many nanoseconds it took."""


def _unobserved(jobs: int, nanoseconds: int) -> None:
    del jobs, nanoseconds


class Writer:
    """The one thread of a process that writes."""

    def __init__(self, database: Database, observe: Observe = _unobserved) -> None:
        """Start the thread, which tells `observe` of each commit."""
        self._database = database
        self._observe = observe
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
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
            self._carry_out(group)

    def _take(self) -> list[Job]:
        """Wait for a job, then take all that wait with it. Empty means stop."""
        first = self._queue.get()
        if first is None:
            return []
        group = [first]
        while len(group) < GROUP_MAX and not self._queue.empty():
            job = self._queue.get()
            if job is None:
                self._queue.put(None)
                break
            group.append(job)
        return group

    def _carry_out(self, group: list[Job]) -> None:
        began = perf_counter_ns()
        try:
            answers = self._commit(group)
        except Exception as failure:  # noqa: BLE001 - Whatever happened, somebody waits for an answer.
            self._recover(group, failure)
            return
        self._observe(len(group), perf_counter_ns() - began)
        for job, answer in answers:
            if isinstance(answer, Reply):
                job.answer(answer)
            else:
                job.fail(answer)

    def _recover(self, group: list[Job], failure: Exception) -> None:
        if len(group) > 1 and not _is_lost(failure):
            for job in group:
                self._carry_out([job])
            return
        for job in group:
            job.fail(failure)

    def _commit(self, group: list[Job]) -> Sequence[tuple[Job, Reply | ClaimMismatch]]:
        structural = any(job.use_case.structural for job in group)
        for remaining in range(_ATTEMPTS, 0, -1):
            try:
                with self._database.writing(structural=structural) as transaction:
                    return list(_execute(transaction, group))
            except Exception as error:
                if not _is_retryable(error):
                    raise
                if remaining == 1:
                    raise Contended(
                        "Operation failed due to a lock competition, please retry later."
                    ) from error
        raise AssertionError  # pragma: no cover - The last attempt returns or raises.


def _execute(
    transaction: Transaction, group: Sequence[Job]
) -> Iterator[tuple[Job, Reply | ClaimMismatch]]:
    """Carry out a group; yield each job's answer."""
    keys = [job.claim.key for job in group if job.claim]
    stored = find_replies(transaction.connection, keys, transaction.now)
    fresh = []
    for job in group:
        if job.claim and job.claim.key in stored:
            yield job, _replay_or_mismatch(job, stored[job.claim.key])
        else:
            fresh.append(job)
    answered = [(job, job.render(outcome)) for job, outcome in _outcomes(transaction, fresh)]
    store_replies(transaction.connection, answered, transaction.now)
    yield from answered


def _outcomes(
    transaction: Transaction, jobs: Sequence[Job]
) -> Iterator[tuple[Job, object | EarnedError]]:
    """Run neighbours of one use case and one scope together."""
    for (use_case, scope), neighbours in groupby(jobs, lambda job: (job.use_case, job.scope)):
        run = list(neighbours)
        outcomes = use_case.run(transaction.books(scope), [job.command for job in run])
        yield from zip(run, outcomes, strict=True)


def _replay_or_mismatch(job: Job, stored: tuple[object, ...]) -> Reply | ClaimMismatch:
    try:
        return replay(job, stored)  # type: ignore[arg-type]
    except ClaimMismatch as mismatch:
        return mismatch


def _is_lost(error: Exception) -> bool:
    """Say whether the connection broke: the group may have been committed, or may not."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _is_retryable(error: Exception) -> bool:
    """Say whether PostgreSQL asks to try again; the driver's error may come wrapped or bare."""
    driver_error = error.orig if isinstance(error, DBAPIError) else error
    return getattr(driver_error, "sqlstate", None) in _RETRYABLE
