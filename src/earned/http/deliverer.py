"""Delivers notifications after the commit that wrote them into the outbox (U 2.18).

Nothing about them is in memory, so a server that was stopped, however it was, goes on where it was;
of several server processes each takes what no other has claimed. A notification may come twice, and
says by its id that it did.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import structlog

from earned.bootstrap.application import Application
from earned.domain.notifying import headers_of
from earned.http.callout import call_out
from earned.http.meanwhile import meanwhile
from earned.storage.outbox import Claimed, claim_due, report

PERIOD_SECONDS = 1
TOGETHER = 8

_log = structlog.get_logger("earned.http")


class Deliverer:
    """Sends what is due, a few at a time."""

    def __init__(self, application: Application) -> None:
        """Deliver what is in the outbox of `application`, in threads of its own."""
        self._application = application
        self._threads = ThreadPoolExecutor(TOGETHER, "earned-deliverer")

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Deliver while the block runs; what is being sent at its end is waited for."""
        with self._threads:
            async with meanwhile(self._work()):
                yield

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            claimed = await loop.run_in_executor(self._threads, self._claim)
            sending = [loop.run_in_executor(self._threads, self._deliver, one) for one in claimed]
            await asyncio.gather(*sending)
            if len(claimed) < TOGETHER:
                await asyncio.sleep(PERIOD_SECONDS)

    def _claim(self) -> Sequence[Claimed]:
        database = self._application.database
        try:
            return claim_due(database.engine, database.latest(), TOGETHER)
        except Exception:  # noqa: BLE001 - The database may be away or not migrated yet.
            _log.warning("notifications were not looked for", exc_info=True)
            return ()

    def _deliver(self, claimed: Claimed) -> None:
        """Send one and note what came of it; where that fails too, the claim lapses."""
        application = self._application
        database, body = application.database, claimed.body.encode()
        try:
            headers = headers_of(claimed.id, claimed.secret, body, database.latest())
            private = application.settings.callouts_to_private
            attempt = call_out(claimed.url, headers, body, may_be_private=private)
            state = report(database.engine, claimed, attempt, database.latest())
        except Exception:  # noqa: BLE001 - Whatever it is, others wait.
            _log.warning("notification not delivered", notification=claimed.id, exc_info=True)
            return
        facts = {"state": state, "status": attempt.status, "error": attempt.error}
        _log.info("notification sent", notification=claimed.id, **facts)
