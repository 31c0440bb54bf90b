"""Answers on their way from the writer thread to the event loop."""

import asyncio
from collections import deque

from earned.services.work import Reply

Delivery = tuple["asyncio.Future[Reply]", Reply | BaseException]


class Mailbox:
    """Carries a group's answers over with one wake-up of the loop instead of one each."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Deliver to futures of `loop`."""
        self._loop = loop
        self._letters: deque[Delivery] = deque()
        self._is_called = False

    def put(self, future: "asyncio.Future[Reply]", answer: Reply | BaseException) -> None:
        """Send an answer; from any thread.

        The letter goes in before the flag is read, and the flag is lowered before letters are
        taken out: either this call wakes the loop, or a delivery to come sees the letter.
        """
        self._letters.append((future, answer))
        if not self._is_called:
            self._is_called = True
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._is_called = False
        while self._letters:
            future, answer = self._letters.popleft()
            if future.done():
                continue
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
