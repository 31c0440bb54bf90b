"""Imports point inward, and the contracts that say so still catch what breaks them."""

import ast
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"

LAYERS = "Layers point inward"
PURE = "Domain and services are free of I/O, clock and chance"
ACYCLIC = "No cycles anywhere"

# What is planted, as file and contents, and the contract it has to break.
VIOLATIONS = {
    "I/O in domain": ({"domain/planted.py": "import os"}, PURE),
    "a clock in services": ({"services/planted.py": "import time"}, PURE),
    "a database in services": ({"services/planted.py": "import sqlalchemy"}, PURE),
    "services above storage": ({"services/planted.py": "import earned.storage"}, LAYERS),
    "storage above http": ({"storage/planted.py": "import earned.http"}, LAYERS),
    "storage beside engine": ({"storage/planted.py": "import earned.engine"}, LAYERS),
    "http beside cli": ({"http/planted.py": "import earned.cli"}, LAYERS),
    "a module outside every layer": ({"utils.py": '"""Anything."""'}, LAYERS),
    "two modules in a cycle": (
        {
            "domain/planted.py": "import earned.domain.planted_too",
            "domain/planted_too.py": "import earned.domain.planted",
        },
        ACYCLIC,
    ),
}


def test_tree_keeps_every_contract() -> None:
    result = lint_imports(SOURCE)

    assert result.returncode == 0, result.stdout + result.stderr
    assert broken(result.stdout) == set()


@pytest.mark.parametrize(("files", "contract"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_planted_violation_breaks_its_contract(
    files: dict[str, str], contract: str, tmp_path: Path
) -> None:
    source = copy_of_source(tmp_path)
    for name, contents in files.items():
        (source / "earned" / name).write_text(contents, encoding="utf-8")

    result = lint_imports(source)

    assert result.returncode == 1, result.stdout + result.stderr
    assert contract in broken(result.stdout)


def test_domain_imports_the_standard_library_alone() -> None:
    foreign = list(foreign_imports(SOURCE / "earned" / "domain"))

    assert not foreign, "the rules need no library:\n" + "\n".join(foreign)


def test_foreign_import_is_caught(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("import decimal\nfrom numpy import array\n")

    assert list(foreign_imports(tmp_path)) == ["planted.py:2: numpy"]


def copy_of_source(directory: Path) -> Path:
    ignore = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(SOURCE, directory / "src", ignore=ignore))


def lint_imports(source: Path) -> subprocess.CompletedProcess[str]:
    """Check the package under `source` against the contracts of the project."""
    command = [
        str(Path(sysconfig.get_path("scripts")) / "lint-imports"),
        f"--config={ROOT / 'pyproject.toml'}",
        "--no-cache",
    ]
    environment = {**os.environ, "PYTHONPATH": str(source), "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(  # noqa: S603 - the command is ours.
        command, cwd=source, env=environment, capture_output=True, text=True, check=False
    )


def broken(report: str) -> set[str]:
    """Return the names of the contracts that a report calls broken."""
    verdicts = [line.rsplit(maxsplit=1) for line in report.splitlines() if line.strip()]
    return {words[0] for words in verdicts if words[-1] == "BROKEN"}


def foreign_imports(package: Path) -> Iterator[str]:
    """Find imports of anything but Earned itself and the standard library."""
    known = sys.stdlib_module_names | {"earned"}
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield from (
                f"{path.relative_to(package)}:{line}: {name}"
                for line, name in imported(node)
                if name.partition(".")[0] not in known
            )


def imported(node: ast.AST) -> list[tuple[int, str]]:
    """Return the line and the name of each module that a statement imports."""
    if isinstance(node, ast.Import):
        return [(node.lineno, alias.name) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(node.lineno, node.module or "")]
    return []
