"""The rules of the house that no tool checks: each finds problems and says why they matter.

A cap here may only be lowered.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50

EXACT_LAYERS = frozenset({"domain", "services", "storage", "engine"})
BANNED_NAMES = frozenset(
    {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
)

# Alembic loads the revisions of the schema by path, so they are no package.
REVISIONS = "versions"

Rule = Callable[[Path], Iterator[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef

_NOTE = re.compile(r"\b(TODO|FIXME)\b(?!\s*\(?#\d+)")


def modules(package: Path) -> Iterator[Path]:
    """Yield every module under `package`, in a stable order."""
    return iter(sorted(package.rglob("*.py")))


def binary_floats(package: Path) -> Iterator[str]:
    """Find the name `float`, and float literals, where money and units are counted."""
    for path in modules(package):
        if path.relative_to(package).parts[0] not in EXACT_LAYERS:
            continue
        for node in ast.walk(_tree(path)):
            if _is_float(node):
                yield f"{_at(path, package, node)}: a binary float loses digits; use Decimal or int"


def long_files(package: Path) -> Iterator[str]:
    """Find files too long to read in one go."""
    for path in modules(package):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > FILE_LINES_MAX:
            yield (
                f"{path.relative_to(package)}: {lines} lines; a file of more than "
                f"{FILE_LINES_MAX} holds two ideas, so give each its module"
            )


def long_functions(package: Path) -> Iterator[str]:
    """Find functions too long to see whole; a revision is a list of steps and may be long."""
    for path in modules(package):
        if path.parent.name == REVISIONS:
            continue
        for node in ast.walk(_tree(path)):
            if isinstance(node, Function) and (lines := _length(node)) > FUNCTION_LINES_MAX:
                yield (
                    f"{_at(path, package, node)}: {node.name} has {lines} lines; a function of "
                    f"more than {FUNCTION_LINES_MAX} does several things, so name them"
                )


def vague_names(package: Path) -> Iterator[str]:
    """Find modules and packages whose name says nothing about what is in them."""
    for path in modules(package):
        for name in path.relative_to(package).with_suffix("").parts:
            if name in BANNED_NAMES:
                yield (
                    f"{path.relative_to(package)}: a module called {name} collects what belongs "
                    "elsewhere; name it after what it knows"
                )


def prints(package: Path) -> Iterator[str]:
    """Find output that bypasses the logs; only the command line talks to a terminal."""
    for path in modules(package):
        if path.relative_to(package).parts[0] == "cli":
            continue
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Call) and _is_name(node.func, "print"):
                yield f"{_at(path, package, node)}: print is for earned.cli; log, or return a value"


def unowned_notes(package: Path) -> Iterator[str]:
    """Find notes about unfinished work that no issue tracks."""
    for path in modules(package):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if match := _NOTE.search(line):
                yield (
                    f"{path.relative_to(package)}:{number}: {match[1]} without an issue number is "
                    f"forgotten; write {match[1]} #12, or do it now"
                )


def silent_packages(package: Path) -> Iterator[str]:
    """Find directories of modules that do not say what they are for."""
    for directory in sorted({path.parent for path in modules(package)}):
        if directory.name == REVISIONS:
            continue
        marker = directory / "__init__.py"
        where = directory.relative_to(package.parent)
        if not marker.exists():
            yield f"{where}: has modules but no __init__.py; make it a package"
        elif ast.get_docstring(_tree(marker)) is None:
            yield f"{where}/__init__.py: say in one sentence what the package is for"


RULES: tuple[Rule, ...] = (
    binary_floats,
    long_files,
    long_functions,
    vague_names,
    prints,
    unowned_notes,
    silent_packages,
)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _at(path: Path, package: Path, node: ast.AST) -> str:
    return f"{path.relative_to(package)}:{getattr(node, 'lineno', 1)}"


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_float(node: ast.AST) -> bool:
    return _is_name(node, "float") or (
        isinstance(node, ast.Constant) and isinstance(node.value, float)
    )


def _length(node: Function) -> int:
    """Count the lines of a function from `def` on, decorators apart."""
    return (node.end_lineno or node.lineno) - node.lineno + 1
