"""A scratch database with the functions that the statements of this package are written in."""

from collections.abc import Iterator
from contextlib import contextmanager

from earned.engine.bulk import reading_rows, writing
from earned.engine.duck import Scratch, open_scratch


@contextmanager
def open_desk() -> Iterator[Scratch]:
    """Lend it; what was made on it is gone afterwards."""
    with open_scratch() as scratch:
        for macro in (*reading_rows.MACROS, *writing.MACROS):
            scratch.run(macro)
        yield scratch
