"""Rate and concurrency limits, and the headers that tell of them (R 8.7, 8.8)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil

from earned.domain.errors import LimitExceeded
from earned.http.operation import Traffic

Headers = list[tuple[str, str]]
MonotonicClock = Callable[[], float]

TOO_MANY_AT_ONCE = (
    "The total number of concurrent requests has exceeded the limit allowed by the system. "
    "Please resubmit your request later."
)
TOO_MANY = "The number of requests has exceeded the rate limit. Please retry later."


class RateExceeded(LimitExceeded):
    """Too many requests in a window; carries the headers that say when to come back."""

    def __init__(self, headers: Headers, retry_seconds: int) -> None:
        """Refuse, to be retried after `retry_seconds`."""
        super().__init__(TOO_MANY)
        self.headers = [*headers, ("retry-after", str(retry_seconds))]


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests a tenant may send in a window of seconds."""

    requests: int
    seconds: int


PRODUCTION_RATES = (RateLimit(50_000, 60), RateLimit(2_250_000, 3600), RateLimit(27_000_000, 86400))


@dataclass(slots=True)
class _Window:
    """A fixed window of one limit: when it began and what it has counted."""

    limit: RateLimit
    began: float = 0.0
    used: int = 0

    def roll(self, now: float) -> None:
        if now - self.began >= self.limit.seconds:
            self.began, self.used = now, 0

    @property
    def left(self) -> int:
        return self.limit.requests - self.used


class RateLimiter:
    """Counts every request of a tenant, failed ones included, in all windows."""

    def __init__(self, limits: tuple[RateLimit, ...], clock: MonotonicClock) -> None:
        """Allow `limits` to each tenant; none at all if it is empty."""
        self._limits = limits
        self._clock = clock
        self._windows: dict[str, list[_Window]] = {}
        self._policy = ", ".join(f"{limit.requests};w={limit.seconds}" for limit in limits)

    def count(self, tenant_id: str) -> Headers:
        """Count a request and return its headers. Raises `RateExceeded`."""
        if not self._limits:
            return []
        now = self._clock()
        windows = self._windows.setdefault(tenant_id, [_Window(limit) for limit in self._limits])
        for window in windows:
            window.roll(now)
            window.used += 1
        nearest = min(windows, key=lambda window: window.left / window.limit.requests)
        reset = max(0, ceil(nearest.began + nearest.limit.seconds - now))
        headers = [
            ("ratelimit-limit", f"{nearest.limit.requests}, {self._policy}"),
            ("ratelimit-remaining", str(max(0, nearest.left))),
            ("ratelimit-reset", str(reset)),
        ]
        if nearest.left < 0:
            raise RateExceeded(headers, reset)
        return headers


@dataclass(slots=True)
class ConcurrencyLimiter:
    """Counts the requests of an entity that are under way, by kind of traffic."""

    limits: dict[Traffic, int]
    _under_way: dict[tuple[str, Traffic], int] = field(default_factory=dict)

    @contextmanager
    def hold(self, entity_id: str, traffic: Traffic) -> Iterator[Headers]:
        """Hold a place while the block runs; lend the headers. Raises `LimitExceeded`."""
        limit = self.limits[traffic]
        place = (entity_id, traffic)
        used = self._under_way.get(place, 0) + 1
        if limit and used > limit:
            raise LimitExceeded(TOO_MANY_AT_ONCE)
        self._under_way[place] = used
        try:
            yield self.headers(traffic, limit - used)
        finally:
            self._under_way[place] -= 1

    def headers(self, traffic: Traffic, remaining: int) -> Headers:
        """Return the headers that tell of a limit; none where there is no limit."""
        limit = self.limits[traffic]
        if not limit:
            return []
        return [
            ("concurrency-limit-type", traffic.value),
            ("concurrency-limit-limit", str(limit)),
            ("concurrency-limit-remaining", str(max(0, remaining))),
        ]
