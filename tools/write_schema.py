"""Write the SQL of the first migration from the table definitions.

Run by `make schema` until the first release; after it, a change is a migration of its own.
"""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from earned.storage.tables import metadata
from earned.storage.triggers import TRIGGERS

_FOLDER = Path("src/earned/storage/migrations/versions")
_DIALECTS: dict[str, Dialect] = {
    "sqlite": sqlite.dialect(),
    "postgresql": postgresql.dialect(),  # type: ignore[no-untyped-call]
}


def main() -> None:
    """Write one file for each database system."""
    for name, dialect in _DIALECTS.items():
        path = _FOLDER / f"0001_first_books.{name}.sql"
        path.write_text(";\n\n".join(_statements(dialect)) + ";\n", encoding="utf-8")


def _statements(dialect: Dialect) -> Iterator[str]:
    for table in metadata.sorted_tables:
        yield _tidy(str(CreateTable(table).compile(dialect=dialect)))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield _tidy(str(CreateIndex(index).compile(dialect=dialect)))
    yield from TRIGGERS[dialect.name]


def _tidy(statement: str) -> str:
    lines = (line.rstrip().replace("\t", "  ") for line in statement.strip().splitlines())
    return "\n".join(line for line in lines if line)


if __name__ == "__main__":
    main()
