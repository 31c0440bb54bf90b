"""Rate and concurrency limits, and the headers that tell of them (R 8.7, 8.8)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil

from earned.domain.errors import LimitExceeded
from earned.http.operation import Traffic

Headers = Sequence[tuple[str, str]]
MonotonicClock = Callable[[], float]

TOO_MANY_AT_ONCE = (
    "The total number of concurrent requests has exceeded the limit allowed by the system. "
    "Please resubmit your request later."
)
TOO_MANY = "The number of requests has exceeded the rate limit. Please retry later."

# Callers to keep windows for; beyond it, those that have passed are forgotten.
_CALLERS_MAX = 10_000


class OverLimit(LimitExceeded):
    """Over a rate or concurrency limit; carries the headers that say when to come back."""

    def __init__(self, message: str, headers: Headers, retry_seconds: int) -> None:
        """Refuse, to be retried after `retry_seconds`."""
        super().__init__(message)
        self.headers = [*headers, ("retry-after", str(max(1, retry_seconds)))]


@dataclass(slots=True)
class _Window:
    """A fixed window of one limit: when it began and what it has counted."""

    requests: int
    seconds: int
    limit_header: tuple[str, str]
    began: float
    used: int = 0


class RateLimiter:
    """Counts every request of a caller, failed ones included, in all windows."""

    def __init__(self, limits: Iterable[tuple[int, int]], clock: MonotonicClock) -> None:
        """Allow each caller the `limits` (requests, seconds); anything if there are none."""
        self._limits = tuple(limits)
        self._clock = clock
        self._callers: dict[str, tuple[_Window, ...]] = {}
        policy = ", ".join(f"{requests};w={seconds}" for requests, seconds in self._limits)
        self._headers = [
            ("ratelimit-limit", f"{requests}, {policy}") for requests, _ in self._limits
        ]

    def count(self, caller: str) -> Headers:
        """Count a request and return its headers, of the window nearest exhaustion.

        Raises `OverLimit`.
        """
        if not self._limits:
            return []
        now = self._clock()
        windows = self._callers.get(caller) or self._open(caller, now)
        nearest = windows[0]
        least = 1.0
        for window in windows:
            if now - window.began >= window.seconds:
                window.began, window.used = now, 0
            window.used += 1
            share = 1.0 - window.used / window.requests
            if share < least:
                nearest, least = window, share
        reset = max(0, ceil(nearest.began + nearest.seconds - now))
        left = nearest.requests - nearest.used
        headers = [
            nearest.limit_header,
            ("ratelimit-remaining", str(left) if left > 0 else "0"),
            ("ratelimit-reset", str(reset)),
        ]
        if left < 0:
            raise OverLimit(TOO_MANY, headers, reset)
        return headers

    def _open(self, caller: str, now: float) -> tuple[_Window, ...]:
        if len(self._callers) >= _CALLERS_MAX:
            self._callers = {
                known: windows
                for known, windows in self._callers.items()
                if any(now - window.began < window.seconds for window in windows)
            }
        windows = tuple(
            _Window(requests, seconds, header, now)
            for (requests, seconds), header in zip(self._limits, self._headers, strict=True)
        )
        self._callers[caller] = windows
        return windows


@dataclass(slots=True)
class ConcurrencyLimiter:
    """Counts the requests of an entity that are under way, by kind of traffic. 0 is no limit."""

    limits: dict[Traffic, int]
    _under_way: dict[tuple[str, Traffic], int] = field(default_factory=dict)

    @contextmanager
    def hold(self, entity_id: str, traffic: Traffic) -> Iterator[Headers]:
        """Hold a place while the block runs; lend the headers. Raises `OverLimit`."""
        limit = self.limits[traffic]
        place = (entity_id, traffic)
        used = self._under_way.get(place, 0) + 1
        if limit and used > limit:
            raise OverLimit(TOO_MANY_AT_ONCE, _concurrency_headers(traffic, limit, 0), 1)
        self._under_way[place] = used
        try:
            yield _concurrency_headers(traffic, limit, limit - used)
        finally:
            left = self._under_way[place] - 1
            if left:
                self._under_way[place] = left
            else:
                del self._under_way[place]


def _concurrency_headers(traffic: Traffic, limit: int, remaining: int) -> Headers:
    """Return the headers that tell of a limit; none where there is no limit."""
    if not limit:
        return []
    return [
        ("concurrency-limit-type", traffic.value),
        ("concurrency-limit-limit", str(limit)),
        ("concurrency-limit-remaining", str(remaining)),
    ]
