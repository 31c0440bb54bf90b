"""Writes that no request asks for: carried out by the one writer, between those of requests."""

import asyncio
from functools import partial
from typing import Any

from earned.domain.tenancy import Scope
from earned.http.line import Line
from earned.http.mailbox import Mailbox
from earned.services.work import Job, Reply, UseCase
from earned.storage.writer import Writer

_NOT_ANSWERED = Reply(200, (), b"")


class Errands:
    """Has commands carried out, and returns what came of them.

    They wait for their turn, and for locks, as long as that takes.
    """

    def __init__(self, writer: Writer, line: Line | None = None) -> None:
        """Have `writer` do it; with a `line`, for somebody who waits only so long."""
        self._writer = writer
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._mailbox = Mailbox(self._loop)

    async def run(self, scope: Scope, use_case: UseCase[Any, Any], command: object) -> Any:  # noqa: ANN401 - What the use case returns.
        """Carry out a command in a transaction; return after its commit. Raises its refusal."""
        future: asyncio.Future[Reply] = self._loop.create_future()
        outcomes: list[object] = []

        def render(outcome: object) -> Reply:
            outcomes.append(outcome)
            return _NOT_ANSWERED

        post = partial(self._mailbox.put, future)
        job = Job(scope, use_case, command, render, post, post, is_patient=self._line is None)
        self._writer.submit(job)
        await (self._line.wait(future, job.turn) if self._line else future)
        outcome = outcomes[-1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
