"""What the processes of one server share besides its address and its database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

_METRICS_DIRECTORY = "EARNED_METRICS_DIRECTORY"


@contextmanager
def sharing_metrics() -> Iterator[None]:
    """Give the processes started in the block a directory for their counts, if they have none."""
    if os.environ.get(_METRICS_DIRECTORY):
        yield
        return
    with TemporaryDirectory(prefix="earned-metrics-") as directory:
        os.environ[_METRICS_DIRECTORY] = directory
        try:
            yield
        finally:
            del os.environ[_METRICS_DIRECTORY]
