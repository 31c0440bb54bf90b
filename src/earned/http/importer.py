"""Imports of usage files, after the upload was answered: one at a time.

What an import needs of the one writer is the recording alone: a large file is read and checked
before, on a thread that nobody waits for.
"""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from threading import Event

import structlog

from earned.bootstrap.application import Application
from earned.domain.errors import Contended
from earned.domain.tenancy import Scope
from earned.domain.usage_import import Begun, ImportStatus
from earned.engine.usage_files.large import prepared
from earned.engine.usage_files.reading import open_cells
from earned.http.errands import Errands
from earned.services.import_usage import (
    BEGIN_IMPORT,
    IMPORT_USAGE,
    PUT_BACK,
    ImportUsage,
    RecordFile,
    import_by_id,
)
from earned.storage.imports import claimed, waiting_imports
from earned.storage.writer import Writer

_log = structlog.get_logger("earned.http")


class _Stopping(Exception):
    """The server ends: the import is left to the next one."""


class Importer:
    """Carries imports out in the order they were uploaded."""

    name = "imports"
    period_seconds = 60

    def __init__(self, application: Application, writer: Writer) -> None:
        """Have `writer` do it."""
        self._application = application
        self._errands = Errands(writer)
        self._is_stopping = Event()

    def find(self) -> Sequence[tuple[Scope, Begun]]:
        """Return the imports that are not over, and whose they are."""
        return waiting_imports(self._application.database.engine)

    async def carry_out(self, work: tuple[Scope, Begun]) -> None:
        """Have an import begun, then carried out, in two transactions.

        One that fails is begun again with the next look, a few times. When the server ends, it is
        broken off where it stands and left as it was found.
        """
        importing = asyncio.create_task(self._import(*work))
        try:
            await asyncio.shield(importing)
        except asyncio.CancelledError:
            self._is_stopping.set()
            await importing
            raise

    async def _import(self, scope: Scope, found: Begun) -> None:
        """Import a file, and never fail: what went wrong is for the log."""
        opened = ExitStack()
        try:
            if not await asyncio.to_thread(self._claim, opened, found):
                return
            begun = await self._errands.run(scope, BEGIN_IMPORT, found)
            if begun is None:
                return
            try:
                record_file = await asyncio.to_thread(self._prepare, opened, scope, begun)
                status = await self._record(scope, begun, record_file)
            except _Stopping:
                await self._errands.run(scope, PUT_BACK, begun)
            else:
                _log.info("usage file imported", usage_import=begun.id, status=status)
        except Exception:  # noqa: BLE001 - Whatever it is, other imports wait.
            _log.exception("usage file not imported", usage_import=found.id)
        finally:
            await asyncio.to_thread(opened.close)

    def _claim(self, opened: ExitStack, found: Begun) -> bool:
        """Say whether no other server is at it; none will be until we are done, or gone."""
        return opened.enter_context(claimed(self._application.database.engine, found.id))

    def _prepare(self, opened: ExitStack, scope: Scope, begun: Begun) -> RecordFile:
        with self._application.database.reading(scope, remembering=True) as books:
            found = import_by_id(books, begun.id)
            return opened.enter_context(prepared(books, found, self._go_on))

    async def _record(
        self, scope: Scope, begun: Begun, record_file: RecordFile
    ) -> ImportStatus | None:
        """Have the rows recorded; again, as long as others keep the books to themselves."""
        command = ImportUsage(begun=begun, open_file=open_cells, record_file=record_file)
        while True:
            try:
                status: ImportStatus | None = await self._errands.run(scope, IMPORT_USAGE, command)
            except Contended:
                self._go_on()
                _log.warning("usage file waits", usage_import=begun.id)
            else:
                return status

    def _go_on(self) -> None:
        if self._is_stopping.is_set():
            raise _Stopping
