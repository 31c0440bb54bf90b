"""What a server process counts: plain numbers that can be added to those of another process."""

from bisect import bisect_left
from itertools import accumulate

import msgspec

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_JOBS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Histogram(msgspec.Struct):
    """Counts of values up to each bound and beyond, and their sum."""

    bounds: tuple[float, ...] = _SECONDS
    counts: list[int] = []
    total: float = 0.0

    def __post_init__(self) -> None:
        """Start at nothing, unless it was counted elsewhere."""
        if not self.counts:
            self.counts = [0] * (len(self.bounds) + 1)

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def buckets(self) -> list[tuple[str, float]]:
        """Return the counts as Prometheus wants them: each bound with all that is up to it."""
        names = [*(str(bound) for bound in self.bounds), "+Inf"]
        return list(zip(names, accumulate(self.counts), strict=True))

    def add(self, other: "Histogram") -> None:
        """Count what another has counted into the same bounds."""
        self.counts = [one + more for one, more in zip(self.counts, other.counts, strict=True)]
        self.total += other.total


def _of_jobs() -> Histogram:
    return Histogram(_JOBS)


class Counts(msgspec.Struct):
    """The answers of a process by operation, status and whether they were replays; its commits."""

    answers: dict[tuple[str, int, bool], int] = {}
    durations: dict[str, Histogram] = {}
    group_sizes: Histogram = msgspec.field(default_factory=_of_jobs)
    commits: Histogram = msgspec.field(default_factory=Histogram)
    waiting: int = 0

    def add(self, other: "Counts") -> None:
        """Count what another process has counted."""
        for answer, count in list(other.answers.items()):
            self.answers[answer] = self.answers.get(answer, 0) + count
        for operation_id, histogram in list(other.durations.items()):
            self.durations.setdefault(operation_id, Histogram()).add(histogram)
        self.group_sizes.add(other.group_sizes)
        self.commits.add(other.commits)
        self.waiting += other.waiting
