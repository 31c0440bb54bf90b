"""DuckDB on a scratch directory of its own: what does not fit in memory is spilled there.

It never opens the database of the books. SQLite must not be in one file twice in one process: the
copy in DuckDB's scanner would take the locks of the other away when it closes the file. So rows go
in and out through files of their own, which only one of the two has open at a time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import duckdb
import msgspec

from earned.engine.scratch_directory import scratch_directory
from earned.services.batches import batches

MEMORY_LIMIT = "1GB"

_NO_ROOM = "Scratch files in {where} cannot be written: {error} TMPDIR names another directory."

_encode_lines = msgspec.json.Encoder(decimal_format="string").encode_lines

_SCANNER = "duckdb_extension_sqlite_scanner"
_CONFIG: Mapping[str, Any] = {
    "memory_limit": MEMORY_LIMIT,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "preserve_insertion_order": True,
}


@dataclass(frozen=True, slots=True)
class Scratch:
    """An open DuckDB and the directory it may write to."""

    duck: duckdb.DuckDBPyConnection
    directory: Path

    def run(self, statement: str, values: Sequence[object] = ()) -> None:
        """Execute a statement."""
        self.duck.execute(statement, values)

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.duck.execute(query, values).fetchall()

    def value(self, query: str, values: Sequence[object] = ()) -> Any:  # noqa: ANN401 - Whatever the query asks for.
        """Return the one value of a query."""
        return self.rows(query, values)[0][0]

    def fill(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        """Make a table anew, of `columns` by name and type.

        By way of a file: values handed over one by one would take DuckDB a hundred times as long.
        """
        file = self.directory / f"{name}.json"
        names = list(columns)
        with file.open("wb") as lines:
            for batch in batches(dict(zip(names, row, strict=True)) for row in rows):
                lines.write(_encode_lines(batch))
        typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        kinds = ", ".join(f"{column}: {quoted(kind)}" for column, kind in columns.items())
        options = f"format = 'newline_delimited', columns = {{{kinds}}}"
        self.run(f"CREATE OR REPLACE TABLE {name} ({typed})")
        if file.stat().st_size:
            self.run(f"INSERT INTO {name} FROM read_json({quoted(str(file))}, {options})")
        file.unlink()


def quoted(text: str) -> str:
    """Write a text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def open_scratch() -> Iterator[Scratch]:
    """Lend a DuckDB with nothing in it; what it wrote is gone afterwards.

    Raises `OSError` where there is no room for what it writes.
    """
    with scratch_directory() as directory:
        duck = duckdb.connect(config=dict(_CONFIG))
        try:
            duck.execute("SET TimeZone = 'UTC'")
            duck.execute(f"SET temp_directory = {quoted(str(directory / 'spilled'))}")
            yield Scratch(duck, directory)
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            raise OSError(_NO_ROOM.format(where=gettempdir(), error=error)) from None
        finally:
            duck.close()


def load_scanner(scratch: Scratch) -> None:
    """Let DuckDB read and write SQLite files, with the extension that came as a wheel."""
    spec = find_spec(_SCANNER)
    assert spec is not None, "the extension is a dependency of this package"
    assert spec.origin is not None
    release = f"v{duckdb.__version__}"
    file = Path(spec.origin).parent / "extensions" / release / "sqlite_scanner.duckdb_extension"
    scratch.run(f"LOAD '{file}'")
