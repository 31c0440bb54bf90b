"""Imports of usage files, after the upload was answered: one at a time, by the one writer.

What there is to do stands in the database and nowhere else, so a server that was stopped, however
it was, finds it again when it starts.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress

import structlog

from earned.bootstrap.application import Application
from earned.domain.tenancy import Scope
from earned.domain.usage_import import Begun
from earned.engine.usage_files.large import record_large
from earned.engine.usage_files.reading import open_cells
from earned.http.errands import Errands
from earned.http.meanwhile import meanwhile
from earned.services.import_usage import BEGIN_IMPORT, IMPORT_USAGE, ImportUsage
from earned.storage.imports import waiting_imports
from earned.storage.writer import Writer

PERIOD_SECONDS = 60

_log = structlog.get_logger("earned.http")


class Importer:
    """Carries imports out in the order they were uploaded."""

    def __init__(
        self, application: Application, writer: Writer, readers: ThreadPoolExecutor
    ) -> None:
        """Have `writer` do it; look for imports in `readers`."""
        self._application = application
        self._errands = Errands(writer)
        self._readers = readers
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Have a look: there may be an import."""
        self._woken.set()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Carry out imports while the block runs: those that are left, and those that come."""
        async with meanwhile(self._work()):
            yield

    async def _work(self) -> None:
        while True:
            self._woken.clear()
            for scope, found in await self._waiting():
                await self._carry_out(scope, found)
            with suppress(TimeoutError):
                async with asyncio.timeout(PERIOD_SECONDS):
                    await self._woken.wait()

    async def _waiting(self) -> Sequence[tuple[Scope, Begun]]:
        engine = self._application.database.engine
        try:
            return await self._loop.run_in_executor(self._readers, waiting_imports, engine)
        except Exception:  # noqa: BLE001 - The database may be away or not migrated yet.
            _log.warning("imports were not looked for", exc_info=True)
            return ()

    async def _carry_out(self, scope: Scope, found: Begun) -> None:
        """Have an import begun, then carried out, in two transactions.

        A failure is for the log: the import is begun again with the next look, a few times.
        """
        try:
            begun = await self._errands.run(scope, BEGIN_IMPORT, found)
            if begun is not None:
                command = ImportUsage(begun=begun, open_file=open_cells, record_file=record_large)
                status = await self._errands.run(scope, IMPORT_USAGE, command)
                _log.info("usage file imported", usage_import=found.id, status=status)
        except Exception:  # noqa: BLE001 - Whatever it is, other imports wait.
            _log.exception("usage file not imported", usage_import=found.id)
