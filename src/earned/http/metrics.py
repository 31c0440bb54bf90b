"""What the server counts of itself, for Prometheus.

Requests are counted on the event loop and commits by the writer thread, each in plain integers
nobody else writes; the metrics are made of them only when somebody asks.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
USAGE_OPERATION = "createUsage"

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_JOBS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_NANOSECONDS = 1_000_000_000
_OK = 200


class Histogram:
    """Counts of values up to each bound, and their sum."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Iterable[float]) -> None:
        """Count into `bounds` and beyond."""
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def buckets(self) -> list[tuple[str, float]]:
        """Return the counts as Prometheus wants them: each bound with all that is up to it."""
        names = [*(str(bound) for bound in self.bounds), "+Inf"]
        return list(zip(names, accumulate(self.counts), strict=True))


class Meter(Collector):
    """Counts requests and commits of one server."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.waiting: Callable[[], int] = int
        self._answers: dict[tuple[str, int, bool], int] = {}
        self._durations: dict[str, Histogram] = {}
        self._group_sizes = Histogram(_JOBS)
        self._commits = Histogram(_SECONDS)
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def answered(self, operation_id: str, status: int, seconds: float, *, replayed: bool) -> None:
        """Count an answer; a replayed one is what was answered before under an idempotency key."""
        key = (operation_id, status, replayed)
        self._answers[key] = self._answers.get(key, 0) + 1
        durations = self._durations.get(operation_id)
        if durations is None:
            durations = self._durations[operation_id] = Histogram(_SECONDS)
        durations.observe(seconds)

    def committed(self, jobs: int, nanoseconds: int) -> None:
        """Count a commit that `jobs` requests shared."""
        self._group_sizes.observe(jobs)
        self._commits.observe(nanoseconds / _NANOSECONDS)

    def exposition(self) -> bytes:
        """Return all metrics in the text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Make the metrics of what was counted."""
        yield from self._requests()
        yield _histogram("earned_commit_seconds", "Time of a commit.", self._commits)
        yield _histogram("earned_commit_jobs", "Requests that shared a commit.", self._group_sizes)
        yield GaugeMetricFamily(
            "earned_jobs_waiting", "Writes that wait for the writer.", value=self.waiting()
        )
        yield CounterMetricFamily(
            "earned_usage_records_accepted",
            "Usage records accepted over HTTP, replays apart.",
            value=self._answers.get((USAGE_OPERATION, _OK, False), 0),
        )

    def _requests(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "earned_requests", "Requests answered.", labels=("operation", "status")
        )
        replays = CounterMetricFamily(
            "earned_idempotent_replays",
            "Requests answered as they were answered before.",
            labels=("operation",),
        )
        totals: dict[tuple[str, int], int] = {}
        replayed: dict[str, int] = {}
        for (operation_id, status, is_replay), count in list(self._answers.items()):
            totals[operation_id, status] = totals.get((operation_id, status), 0) + count
            if is_replay:
                replayed[operation_id] = replayed.get(operation_id, 0) + count
        for (operation_id, status), count in totals.items():
            requests.add_metric((operation_id, str(status)), count)
        for operation_id, count in replayed.items():
            replays.add_metric((operation_id,), count)
        durations = HistogramMetricFamily(
            "earned_request_seconds", "Time from request to answer.", labels=("operation",)
        )
        for operation_id, histogram in list(self._durations.items()):
            durations.add_metric((operation_id,), histogram.buckets(), histogram.total)
        yield from (requests, replays, durations)


def _histogram(name: str, description: str, histogram: Histogram) -> Metric:
    return HistogramMetricFamily(
        name, description, buckets=histogram.buckets(), sum_value=histogram.total
    )
