"""Requests that wait for the writer: for so long, and no longer.

The writer may be busy for minutes with what cannot be parted, such as a large upload. Whoever waits
too long is told to come back; nothing of the request is done then, nor will it be.
"""

from asyncio import AbstractEventLoop, Future, TimerHandle

from earned.domain.errors import LOCK_COMPETITION, Contended
from earned.services.work import Reply, Turn


class Line:
    """Everybody who waits, in the order they came. One timer looks after all of them."""

    def __init__(self, loop: AbstractEventLoop, seconds: float) -> None:
        """Have nobody wait longer than `seconds`; 0 is without end."""
        self._loop = loop
        self._seconds = seconds
        self._waiting: dict[Future[Reply], tuple[float, Turn]] = {}
        self._timer: TimerHandle | None = None

    async def wait(self, future: "Future[Reply]", turn: Turn) -> Reply:
        """Wait for an answer. Raises `Contended` where the turn does not come in time."""
        if not self._seconds:
            return await future
        until = self._loop.time() + self._seconds
        self._waiting[future] = until, turn
        if self._timer is None:
            self._timer = self._loop.call_at(until, self._look)
        try:
            return await future
        finally:
            self._waiting.pop(future, None)

    def _look(self) -> None:
        """Send away who has waited too long; what has begun is waited for to its end."""
        self._timer = None
        now = self._loop.time()
        for future, (until, turn) in list(self._waiting.items()):
            if until > now:
                self._timer = self._loop.call_at(until, self._look)
                return
            del self._waiting[future]
            if not future.done() and turn.take():
                future.set_exception(Contended(LOCK_COMPETITION))
