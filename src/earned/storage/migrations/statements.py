"""Read the SQL of a migration, one file a database system."""

from collections.abc import Iterator
from importlib import resources


def statements(name: str, dialect: str) -> Iterator[str]:
    """Yield the statements of `<name>.<dialect>.sql`, which end in a semicolon and a newline."""
    folder = resources.files("earned.storage.migrations") / "versions"
    script = (folder / f"{name}.{dialect}.sql").read_text(encoding="utf-8")
    for statement in script.split(";\n"):
        if statement.strip():
            # Alembic would read `:name` as a bind; there are none in a migration.
            yield statement.strip().replace(":", "\\:")
