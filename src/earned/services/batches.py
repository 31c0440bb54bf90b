"""Many rows, a few at a time: what is held does not grow with the books."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

BATCH = 500


def batches(rows: Iterable[T]) -> Iterator[Sequence[T]]:
    """Yield the rows in their order, `BATCH` at a time."""
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        yield batch
