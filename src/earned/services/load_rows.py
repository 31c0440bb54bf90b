"""How rows by the million get into the books: made outside, taken in with one statement a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Load:
    """Rows of one table: a query over what was made outside, with a column for each of `columns`.

    The query reads tables of the schema `staged`.
    """

    table: str
    columns: Sequence[str]
    query: str


class Staging(Protocol):
    """Where rows are made."""

    def as_database(self) -> str:
        """Write the schema `staged` to an SQLite file; return its path."""

    def as_csv(self, query: str) -> str:
        """Write the rows of a query to a CSV file, nulls unquoted and empty; return its path."""

    def rows(self, query: str) -> Iterable[Sequence[Sequence[object]]]:
        """Yield the rows of a query, many at a time."""
