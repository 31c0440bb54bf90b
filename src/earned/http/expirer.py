"""Funds that expire by themselves, once a day, where `autoExpireFunds` is on (U 2.14).

Expiring again finds nothing, so neither a restart nor another server process does harm; the books
of an entity are one's alone while its funds expire.
"""

from collections.abc import Sequence
from datetime import date

import structlog

from earned.bootstrap.application import Application
from earned.domain.tenancy import Entity, Scope
from earned.http.errands import Errands
from earned.services.expire_funds import EXPIRE_THROUGH, expiring_through
from earned.storage.writer import Writer

USER = "expiry"

_log = structlog.get_logger("earned.http")


class Expirer:
    """Expires what is over in each entity that wants it, when its day begins."""

    name = "funds to expire"
    period_seconds = 600

    def __init__(self, application: Application, writer: Writer) -> None:
        """Have `writer` do it."""
        self._application = application
        self._errands = Errands(writer)
        self._done: dict[str, date] = {}

    def find(self) -> Sequence[tuple[Scope, date]]:
        """Return the entities that want funds expired, and through which day, once a day."""
        found = []
        for entity in self._application.clients.list(Entity):
            scope = Scope(entity.tenant_id, entity.id, USER)
            with self._application.database.reading(scope) as books:
                through = expiring_through(books)
                if books.settings.auto_expire_funds and self._done.get(entity.id) != through:
                    found.append((scope, through))
        return found

    async def carry_out(self, work: tuple[Scope, date]) -> None:
        """Expire funds; what fails is tried again with the next look."""
        scope, through = work
        try:
            done = await self._errands.run(scope, EXPIRE_THROUGH, through)
        except Exception:  # noqa: BLE001 - Whatever it is, other entities wait.
            _log.exception("funds not expired", entity=scope.entity_id)
            return
        self._done[scope.entity_id] = through
        _log.info("funds expired", entity=scope.entity_id, through=through, funds=done.funds)
