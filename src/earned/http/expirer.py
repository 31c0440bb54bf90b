"""Funds that expire by themselves, once a day, where `autoExpireFunds` is on (U 2.14).

Expiring again finds nothing, so neither a restart nor another server process does harm; the books
of an entity are one's alone while its funds expire.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import date

import structlog

from earned.bootstrap.application import Application
from earned.domain.tenancy import Entity, Scope
from earned.http.errands import Errands
from earned.http.meanwhile import meanwhile
from earned.services.expire_funds import EXPIRE_THROUGH, expiring_through
from earned.storage.writer import Writer

PERIOD_SECONDS = 600
USER = "expiry"

_log = structlog.get_logger("earned.http")


class Expirer:
    """Expires what is over in each entity that wants it, when its day begins."""

    def __init__(
        self, application: Application, writer: Writer, readers: ThreadPoolExecutor
    ) -> None:
        """Have `writer` do it; look for entities in `readers`."""
        self._application = application
        self._errands = Errands(writer)
        self._readers = readers
        self._done: dict[str, date] = {}

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Expire funds while the block runs."""
        async with meanwhile(self._work()):
            yield

    async def _work(self) -> None:
        while True:
            for scope, through in await self._due():
                await self._expire(scope, through)
            await asyncio.sleep(PERIOD_SECONDS)

    async def _due(self) -> Sequence[tuple[Scope, date]]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._readers, self._find)
        except Exception:  # noqa: BLE001 - The database may be away or not migrated yet.
            _log.warning("funds to expire were not looked for", exc_info=True)
            return ()
        return [(scope, day) for scope, day in found if self._done.get(scope.entity_id) != day]

    def _find(self) -> Sequence[tuple[Scope, date]]:
        """Return the entities that want funds expired, and through which day."""
        found = []
        for entity in self._application.clients.list(Entity):
            scope = Scope(entity.tenant_id, entity.id, USER)
            with self._application.database.reading(scope) as books:
                if books.settings.auto_expire_funds:
                    found.append((scope, expiring_through(books)))
        return found

    async def _expire(self, scope: Scope, through: date) -> None:
        """Expire funds; a failure is for the log, and tried again with the next look."""
        try:
            done = await self._errands.run(scope, EXPIRE_THROUGH, through)
        except Exception:  # noqa: BLE001 - Whatever it is, other entities wait.
            _log.exception("funds not expired", entity=scope.entity_id)
            return
        self._done[scope.entity_id] = through
        _log.info("funds expired", entity=scope.entity_id, through=through, funds=done.funds)
