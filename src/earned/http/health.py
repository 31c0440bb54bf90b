"""Whether the server is alive, and whether it can do its work."""

import asyncio

from earned.bootstrap.application import Application
from earned.http.dialect import JSON, encode_json
from earned.http.exchange import Exchange
from earned.services.work import Reply
from earned.storage.writer import Writer

DATABASE_SECONDS = 5.0
_OK, _UNAVAILABLE = 200, 503


class Health:
    """Answers the questions of whoever keeps the server running."""

    def __init__(self, application: Application, writer: Writer) -> None:
        """Tell of `application` and its writer."""
        self._application = application
        self._writer = writer

    async def alive(self, exchange: Exchange) -> Reply:
        """Answer that the process does: nothing else is looked at."""
        del exchange
        return Reply(_OK, (JSON,), encode_json({"status": "alive"}))

    async def ready(self, exchange: Exchange) -> Reply:
        """Answer whether requests can be served now; 503 with what is wrong if not."""
        del exchange
        checks = {
            "database": await self._database(),
            "writer": "ok" if self._writer.is_alive() else "stopped",
        }
        is_ready = all(state == "ok" for state in checks.values())
        body = {"status": "ready" if is_ready else "not ready", "checks": checks}
        return Reply(_OK if is_ready else _UNAVAILABLE, (JSON,), encode_json(body))

    async def _database(self) -> str:
        """Say whether the database answers and has the schema of this program."""
        try:
            look = asyncio.to_thread(self._application.is_migrated)
            is_migrated = await asyncio.wait_for(look, DATABASE_SECONDS)
        except TimeoutError:
            return "slow"
        except Exception:  # noqa: BLE001 - Whatever the reason, it cannot be used.
            return "unreachable"
        return "ok" if is_migrated else "not migrated"
