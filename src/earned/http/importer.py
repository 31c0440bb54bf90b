"""Imports of usage files, after the upload was answered: one at a time, by the one writer."""

from collections.abc import Sequence

import structlog

from earned.bootstrap.application import Application
from earned.domain.tenancy import Scope
from earned.domain.usage_import import Begun
from earned.engine.usage_files.large import record_large
from earned.engine.usage_files.reading import open_cells
from earned.http.errands import Errands
from earned.services.import_usage import BEGIN_IMPORT, IMPORT_USAGE, ImportUsage
from earned.storage.imports import waiting_imports
from earned.storage.writer import Writer

_log = structlog.get_logger("earned.http")


class Importer:
    """Carries imports out in the order they were uploaded."""

    name = "imports"
    period_seconds = 60

    def __init__(self, application: Application, writer: Writer) -> None:
        """Have `writer` do it."""
        self._application = application
        self._errands = Errands(writer)

    def find(self) -> Sequence[tuple[Scope, Begun]]:
        """Return the imports that are not over, and whose they are."""
        return waiting_imports(self._application.database.engine)

    async def carry_out(self, work: tuple[Scope, Begun]) -> None:
        """Have an import begun, then carried out, in two transactions.

        One that fails is begun again with the next look, a few times.
        """
        scope, found = work
        try:
            begun = await self._errands.run(scope, BEGIN_IMPORT, found)
            if begun is not None:
                command = ImportUsage(begun=begun, open_file=open_cells, record_file=record_large)
                status = await self._errands.run(scope, IMPORT_USAGE, command)
                _log.info("usage file imported", usage_import=found.id, status=status)
        except Exception:  # noqa: BLE001 - Whatever it is, other imports wait.
            _log.exception("usage file not imported", usage_import=found.id)
