"""The wire alone: microseconds that a usage request spends in the pipeline.

The writer answers at once, and the time is that of the processor, so that neighbours do not count.
Run with `python -m benchmarks.pipeline`; the budget is 40 microseconds.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, cast

import uvloop

from earned.bootstrap.application import Application, open_application
from earned.bootstrap.first_run import ensure_books
from earned.bootstrap.settings import ServerSettings
from earned.domain.usage import UsageRecord
from earned.http.auth import Authenticator
from earned.http.exchange import Exchange
from earned.http.limits import ConcurrencyLimiter, RateLimiter
from earned.http.metrics import Meter
from earned.http.operation import Traffic
from earned.http.pipeline import Machinery, Pipeline
from earned.http.table import OPERATIONS
from earned.services.work import Job
from earned.storage import migrate
from earned.storage.writer import Writer

CLIENT_ID, SECRET = "00000000-0000-4000-8000-000000000001", "a-secret"
PATH = "/v1/object/usage"
BODY = (
    b'{"AccountId": "2c92c0f956bc8fb40156d502fc3718b1", "ChargeNumber": "C-00000229",'
    b' "Description": "test", "Quantity": 9, "StartDateTime": "2017-12-01T16:41:36.000+01:00",'
    b' "SubscriptionNumber": "A-S00000100", "UniqueKey": "Test001", "UOM": "Each"}'
)
REQUESTS, ROUNDS = 2000, 15
NO_LIMIT = 10**9


class Recorded:
    """What the use case would return."""

    id = "2c93808457d787030157e02e0a301d0a"


class InstantWriter:
    """Answers a job the moment it is submitted."""

    def submit(self, job: Job) -> None:
        """Render and answer."""
        job.answer(job.render(cast(UsageRecord, Recorded())))


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'wire.db'}"
        migrate.upgrade(url)
        application = open_application(ServerSettings(url))
        ensure_books(application, CLIENT_ID, SECRET)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            times = runner.run(measure(application))
        application.close()
    print(f"pipeline: {min(times):.1f} us a request at best, {median(times):.1f} us in the median")


async def measure(application: Application) -> list[float]:
    """Return the microseconds of a request in each round."""
    client = application.clients.find(CLIENT_ID)
    assert client is not None
    scope = asgi_scope(application.issue_token(client))
    operation = next(row for row in OPERATIONS if (row.method, row.path) == ("POST", PATH))
    with ThreadPoolExecutor(1) as readers:
        pipeline = Pipeline(application, machinery(application, readers))

        async def ask() -> None:
            reply = await pipeline.answer(operation, Exchange.of(scope, receive))
            assert reply.status == 200, reply  # noqa: PLR2004 - HTTP says so.

        return [await round_of(ask) for _ in range(ROUNDS)]


async def round_of(ask: Callable[[], Awaitable[None]]) -> float:
    """Ask many times; return the microseconds of one."""
    began = process_time()
    for _ in range(REQUESTS):
        await ask()
    return (process_time() - began) / REQUESTS * 1e6


def machinery(application: Application, readers: ThreadPoolExecutor) -> Machinery:
    """Return what a server would share, with limits that are counted and never reached."""
    clock = asyncio.get_running_loop().time
    return Machinery(
        cast(Writer, InstantWriter()),
        readers,
        RateLimiter(((NO_LIMIT, 60), (NO_LIMIT, 3600), (NO_LIMIT, 86400)), clock),
        ConcurrencyLimiter(dict.fromkeys(Traffic, 40)),
        Meter(),
        Authenticator(application.find_client, application.clock),
        lambda: None,
    )


def asgi_scope(token: str) -> dict[str, Any]:
    """Return a request as uvicorn hands it over."""
    headers = {
        "host": "localhost:8000",
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "accept": "*/*",
        "user-agent": "benchmark",
        "accept-encoding": "gzip, deflate",
        "zuora-version": "2025-08-12",
    }
    return {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "scheme": "http",
    }


async def receive() -> dict[str, Any]:
    """Receive the whole body at once."""
    return {"type": "http.request", "body": BODY, "more_body": False}


if __name__ == "__main__":
    main()
