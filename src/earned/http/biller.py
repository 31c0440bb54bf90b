"""Bill runs that go on after their answer: a few accounts at a time, between other writes.

What there is to do stands in the database and nowhere else, so a server that was stopped, however
it was, carries on when it starts.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress

import structlog

from earned.bootstrap.application import Application
from earned.domain.tenancy import Scope
from earned.http.errands import Errands
from earned.http.meanwhile import meanwhile
from earned.services.carry_on_bill_run import CARRY_ON, FAIL, CarryOn
from earned.storage.bill_runs import waiting_bill_runs
from earned.storage.writer import Writer

PERIOD_SECONDS = 60

_log = structlog.get_logger("earned.http")


class Biller:
    """Carries bill runs on in the order they were begun."""

    def __init__(
        self, application: Application, writer: Writer, readers: ThreadPoolExecutor
    ) -> None:
        """Have `writer` do it; look for bill runs in `readers`."""
        self._application = application
        self._errands = Errands(writer)
        self._readers = readers
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Have a look: there may be a bill run."""
        self._woken.set()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Carry on bill runs while the block runs: those that are left, and those that come."""
        async with meanwhile(self._work()):
            yield

    async def _work(self) -> None:
        while True:
            self._woken.clear()
            for scope, found in await self._waiting():
                await self._carry_on(scope, found)
            with suppress(TimeoutError):
                async with asyncio.timeout(PERIOD_SECONDS):
                    await self._woken.wait()

    async def _waiting(self) -> Sequence[tuple[Scope, CarryOn]]:
        engine = self._application.database.engine
        try:
            return await self._loop.run_in_executor(self._readers, waiting_bill_runs, engine)
        except Exception:  # noqa: BLE001 - The database may be away or not migrated yet.
            _log.warning("bill runs were not looked for", exc_info=True)
            return ()

    async def _carry_on(self, scope: Scope, found: CarryOn) -> None:
        """Have a run carried on to its end. One that a defect stops is in error."""
        try:
            while (run := await self._errands.run(scope, CARRY_ON, found)) is not None:
                if run.status.is_over:
                    _log.info("bill run done", bill_run=run.number, status=run.status)
                    return
        except Exception:  # noqa: BLE001 - Whatever it is, other runs wait.
            _log.exception("bill run not carried on", bill_run=found.run_id)
            with suppress(Exception):
                await self._errands.run(scope, FAIL, found)
