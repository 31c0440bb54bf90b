"""Parquet: values as the texts that CSV would have."""

from collections.abc import Iterator, Sequence
from shutil import copyfileobj
from typing import IO

import duckdb

from earned.domain.errors import Invalid
from earned.engine.bulk.spooling import parquet_header, sent_rows, spool_parquet
from earned.engine.duck import open_scratch

UNREADABLE = "File Import Failed: The Parquet file cannot be read"


def parquet_cells(file: IO[bytes]) -> Iterator[Sequence[str]]:
    """Yield the names of the columns, then the cells of each row. Raises `Invalid`."""
    with open_scratch() as scratch:
        path = scratch.directory / "usage.parquet"
        with path.open("wb") as copy:
            copyfileobj(file, copy)
        try:
            header = parquet_header(scratch, path)
            spool_parquet(scratch, path, header)
        except duckdb.Error:
            raise Invalid(UNREADABLE) from None
        yield header
        for _, cells in sent_rows(scratch, len(header), "true"):
            yield cells
