"""Writes that no request asks for: carried out by the one writer, between those of requests."""

import asyncio
from functools import partial
from typing import Any

from earned.domain.tenancy import Scope
from earned.http.mailbox import Mailbox
from earned.services.work import Job, Reply, UseCase
from earned.storage.writer import Writer

_NOT_ANSWERED = Reply(200, (), b"")


class Errands:
    """Has commands carried out, and returns what came of them."""

    def __init__(self, writer: Writer) -> None:
        """Have `writer` do it."""
        self._writer = writer
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
        self._writer.submit(Job(scope, use_case, command, render, post, post))
        await future
        outcome = outcomes[-1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
