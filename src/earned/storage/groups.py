"""Groups of jobs: what requests in flight together have done in one durable transaction.

The jobs are carried out in the order they arrived, committed once, and only then answered. A
refused job is answered alone and spoils nobody's commit; when a group fails as a whole, its jobs
are tried one by one, so that only the one at fault fails. Where the connection was lost nothing is
tried again: the commit may have happened, and what it holds must not happen twice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from time import perf_counter_ns
from typing import Final

from sqlalchemy.exc import DBAPIError

from earned.domain.errors import LOCK_COMPETITION, Contended, EarnedError
from earned.services.work import Job, Reply
from earned.storage.contention import is_locked_out, is_retryable
from earned.storage.database import Database, OpenTransaction, Transaction
from earned.storage.pipeline import CommitLost
from earned.storage.replies import ClaimMismatch, find_replies, replay, store_replies

_ATTEMPTS: Final = 5
HURRY_MILLISECONDS: Final = 200
"""Less than PostgreSQL waits before it looks for a deadlock: so there is never one to be found."""

Answers = Sequence[tuple[Job, Reply | ClaimMismatch]]
Observe = Callable[[int, int], None]
"""Told of each commit: how many jobs shared it, and how many nanoseconds it took."""


def unobserved(jobs: int, nanoseconds: int) -> None:
    """Take no notice of a commit."""
    del jobs, nanoseconds


@dataclass(frozen=True, slots=True)
class Uncommitted:
    """A group that is carried out, and waits for its commit."""

    opened: OpenTransaction
    answers: Answers
    began: int

    @property
    def jobs(self) -> list[Job]:
        """The jobs of the group."""
        return [job for job, _ in self.answers]


class LockedOut(Contended):
    """Somebody else held what was needed for as long as may be waited."""


class Groups:
    """Carries out groups, one at a time."""

    def __init__(self, database: Database, observe: Observe) -> None:
        """Tell `observe` of each commit."""
        self._database = database
        self._observe = observe

    def carry_out(self, group: list[Job]) -> None:
        """Carry a group out and answer it, whatever happens and however long it takes."""
        hurried = not self._database.is_embedded and _locks_again(group)
        failure = self._try(group, hurried=hurried)
        if failure is not None:
            self._recover(group, failure, hurried=hurried)

    def begin(self, group: list[Job]) -> Uncommitted | None:
        """Carry a group out as far as the commit, if that can be without waiting for anything.

        None if it cannot, or fails: nothing has been done then, and `carry_out` will find out.
        """
        began = perf_counter_ns()
        opened = None
        try:
            opened = self._database.begin_at_once()
            if opened is None:
                return None
            return Uncommitted(opened, list(_execute(opened.transaction, group)), began)
        except Exception:  # noqa: BLE001 - It is tried again where there is time for it.
            if opened is not None:
                opened.roll_back()
            return None

    def commit(self, uncommitted: Uncommitted) -> None:
        """Commit a group that has begun, and answer it."""
        try:
            uncommitted.opened.commit()
        except Exception as failure:  # noqa: BLE001 - Whatever happened, somebody waits for an answer.
            self._recover(uncommitted.jobs, failure, hurried=False)
        else:
            self._answer(uncommitted.answers, uncommitted.began)

    def _answer(self, answers: Answers, began: int) -> None:
        self._observe(len(answers), perf_counter_ns() - began)
        for job, answer in answers:
            if isinstance(answer, Reply):
                job.answer(answer)
            else:
                job.fail(answer)

    def _try(self, group: list[Job], *, hurried: bool) -> Exception | None:
        """Carry a group out and answer it; return what kept it from being done, unanswered."""
        began = perf_counter_ns()
        try:
            answers = self._commit(group, hurried=hurried)
        except Exception as failure:  # noqa: BLE001 - Whatever happened, somebody waits for an answer.
            return failure
        self._answer(answers, began)
        return None

    def _recover(self, group: list[Job], failure: Exception, *, hurried: bool) -> None:
        """Carry jobs out one by one; once one has waited for a lock in full, no other does."""
        is_locked_out = isinstance(failure, LockedOut)
        if len(group) == 1 or _is_lost(failure) or (is_locked_out and self._database.is_embedded):
            for job in group:
                job.fail(failure)
            return
        has_waited = is_locked_out and not hurried
        for job in group:
            own = self._try([job], hurried=has_waited)
            if own is not None:
                has_waited = has_waited or isinstance(own, LockedOut)
                job.fail(own)

    def _commit(self, group: list[Job], *, hurried: bool) -> Answers:
        """Carry a group out in a transaction; again where others were in the way.

        What is patient may have worked long for nothing: it has the books to itself then.
        """
        structural, is_patient = any(job.use_case.structural for job in group), group[0].is_patient
        for remaining in range(_ATTEMPTS, 0, -1):
            alone = is_patient and remaining < _ATTEMPTS
            try:
                with self._database.writing(structural=structural, alone=alone) as transaction:
                    if hurried or is_patient:
                        transaction.limit_waiting(HURRY_MILLISECONDS if hurried else 0)
                    return list(_execute(transaction, group))
            except Exception as error:
                if is_locked_out(error):
                    raise LockedOut(LOCK_COMPETITION) from error
                if not is_retryable(error):
                    raise
                if remaining == 1:
                    raise Contended(LOCK_COMPETITION) from error
        raise AssertionError  # pragma: no cover - The last attempt returns or raises.


def _execute(
    transaction: Transaction, group: Sequence[Job]
) -> Iterator[tuple[Job, Reply | ClaimMismatch]]:
    """Carry out a group; yield each job's answer."""
    keys = [job.claim.key for job in group if job.claim]
    stored = find_replies(transaction.connection, keys, transaction.clock()) if keys else {}
    fresh = []
    for job in group:
        if job.claim and job.claim.key in stored:
            yield job, _replay_or_mismatch(job, stored[job.claim.key])
        else:
            fresh.append(job)
    answered = [(job, job.render(outcome)) for job, outcome in _outcomes(transaction, fresh)]
    if keys and answered:  # Else what was sent need not be answered before the commit.
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


def _locks_again(group: Sequence[Job]) -> bool:
    """Say whether a group asks for locks while it holds others, and so may not wait for them long.

    A run of brief jobs takes its locks at once, in the order that everybody takes them in.
    """
    first = group[0]
    same = all((job.use_case, job.scope) == (first.use_case, first.scope) for job in group)
    return len(group) > 1 and not (same and first.use_case.brief)


def _replay_or_mismatch(job: Job, stored: tuple[object, ...]) -> Reply | ClaimMismatch:
    try:
        return replay(job, stored)  # type: ignore[arg-type]
    except ClaimMismatch as mismatch:
        return mismatch


def _is_lost(error: Exception) -> bool:
    """Say whether the connection broke: the group may have been committed, or may not."""
    if isinstance(error, CommitLost):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated
