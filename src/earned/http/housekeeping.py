"""Work that nobody asks for: kept answers and query locators make way when their time is over."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import structlog

from earned.bootstrap.application import Application
from earned.http.meanwhile import meanwhile

PERIOD_SECONDS = 3600
BATCH = 1000

_log = structlog.get_logger("earned.http")


@asynccontextmanager
async def keep_house(application: Application, readers: ThreadPoolExecutor) -> AsyncIterator[None]:
    """Tidy up once, then every hour in small steps while the block runs."""
    await _tidy_up(application, readers)
    async with meanwhile(_keep_on(application, readers)):
        yield


async def _keep_on(application: Application, readers: ThreadPoolExecutor) -> None:
    while True:
        while await _tidy_up(application, readers) == BATCH:
            pass
        await asyncio.sleep(PERIOD_SECONDS)


async def _tidy_up(application: Application, readers: ThreadPoolExecutor) -> int:
    """Take one step; a failure is for the log and the next hour, never for a request."""
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(readers, application.forget_expired, BATCH)
    except Exception:  # noqa: BLE001 - The database may be away or not migrated yet.
        _log.warning("expired answers were not forgotten", exc_info=True)
        return 0
