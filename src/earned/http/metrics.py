"""What the server counts of itself, for Prometheus.

Requests are counted on the event loop and commits by the writer thread, each in plain integers
nobody else writes; the metrics are made of them only when somebody asks.
"""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from earned.http.counts import Counts, Histogram

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
USAGE_OPERATION = "createUsage"

_NANOSECONDS = 1_000_000_000
_OK = 200


class Meter(Collector):
    """Counts requests and commits of one process."""

    def __init__(self, share: Callable[[Counts], Iterable[Counts]] | None = None) -> None:
        """Start at nothing. `share` takes what was counted here and returns what all have counted.

        With it nothing is told of this process alone: the next to be asked may be another.
        """
        self.waiting: Callable[[], int] = int
        self._share = share or _alone
        self._counts = Counts()
        self._registry = CollectorRegistry()
        self._registry.register(self)
        if share is None:
            ProcessCollector(registry=self._registry)
            GCCollector(registry=self._registry)

    def answered(self, operation_id: str, status: int, seconds: float, *, replayed: bool) -> None:
        """Count an answer; a replayed one is what was answered before under an idempotency key."""
        counts = self._counts
        key = (operation_id, status, replayed)
        counts.answers[key] = counts.answers.get(key, 0) + 1
        durations = counts.durations.get(operation_id)
        if durations is None:
            durations = counts.durations[operation_id] = Histogram()
        durations.observe(seconds)

    def committed(self, jobs: int, nanoseconds: int) -> None:
        """Count a commit that `jobs` requests shared."""
        self._counts.group_sizes.observe(jobs)
        self._counts.commits.observe(nanoseconds / _NANOSECONDS)

    def counts(self) -> Counts:
        """Return what this process has counted."""
        self._counts.waiting = self.waiting()
        return self._counts

    def exposition(self) -> bytes:
        """Return all metrics in the text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Make the metrics of what was counted."""
        total = Counts()
        for counts in self._share(self.counts()):
            total.add(counts)
        yield from _requests(total)
        yield _histogram("earned_commit_seconds", "Time of a commit.", total.commits)
        yield _histogram("earned_commit_jobs", "Requests that shared a commit.", total.group_sizes)
        yield GaugeMetricFamily(
            "earned_jobs_waiting", "Writes that wait for the writer.", value=total.waiting
        )
        yield CounterMetricFamily(
            "earned_usage_records_accepted",
            "Usage records accepted over HTTP, replays apart.",
            value=total.answers.get((USAGE_OPERATION, _OK, False), 0),
        )


def _alone(mine: Counts) -> Iterable[Counts]:
    return (mine,)


def _requests(total: Counts) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "earned_requests", "Requests answered.", labels=("operation", "status")
    )
    replays = CounterMetricFamily(
        "earned_idempotent_replays",
        "Requests answered as they were answered before.",
        labels=("operation",),
    )
    answered: dict[tuple[str, int], int] = {}
    replayed: dict[str, int] = {}
    for (operation_id, status, is_replay), count in total.answers.items():
        answered[operation_id, status] = answered.get((operation_id, status), 0) + count
        if is_replay:
            replayed[operation_id] = replayed.get(operation_id, 0) + count
    for (operation_id, status), count in answered.items():
        requests.add_metric((operation_id, str(status)), count)
    for operation_id, count in replayed.items():
        replays.add_metric((operation_id,), count)
    durations = HistogramMetricFamily(
        "earned_request_seconds", "Time from request to answer.", labels=("operation",)
    )
    for operation_id, histogram in total.durations.items():
        durations.add_metric((operation_id,), histogram.buckets(), histogram.total)
    yield from (requests, replays, durations)


def _histogram(name: str, description: str, histogram: Histogram) -> Metric:
    return HistogramMetricFamily(
        name, description, buckets=histogram.buckets(), sum_value=histogram.total
    )
