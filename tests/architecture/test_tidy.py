"""The tree keeps the rules of the house, and each rule catches what it is there for."""

from pathlib import Path

import pytest

from tests.architecture import tidy

PACKAGE = Path(__file__).parents[2] / "src" / "earned"

LONG_FUNCTION = "def f():\n" + "    x = 1\n" * tidy.FUNCTION_LINES_MAX

VIOLATIONS = {
    "a float annotation": (tidy.binary_floats, "domain/x.py", "rate: float"),
    "a float conversion": (tidy.binary_floats, "services/x.py", "x = float('1')"),
    "a float literal": (tidy.binary_floats, "storage/x.py", "x = 0.1"),
    "a float in exponent form": (tidy.binary_floats, "engine/deep/x.py", "x = 1e3"),
    "a long file": (tidy.long_files, "http/x.py", "x = 1\n" * (tidy.FILE_LINES_MAX + 1)),
    "a long function": (tidy.long_functions, "cli/x.py", LONG_FUNCTION),
    "a long method": (
        tidy.long_functions,
        "ui/x.py",
        "class C:\n    async def f(self):\n" + "        x = 1\n" * tidy.FUNCTION_LINES_MAX,
    ),
    "a vague module": (tidy.vague_names, "http/utils.py", ""),
    "a vague package": (tidy.vague_names, "storage/common/x.py", ""),
    "a print": (tidy.prints, "services/x.py", "print('here')"),
    "a note nobody owns": (tidy.unowned_notes, "domain/x.py", "# TODO: round"),
    "a package that does not speak": (tidy.silent_packages, "domain/deep/__init__.py", ""),
    "a directory that is no package": (tidy.silent_packages, "domain/deep/x.py", ""),
}

ALLOWED = {
    "a decimal": (tidy.binary_floats, "domain/x.py", "x = Decimal('0.1')"),
    "a float on the wire": (tidy.binary_floats, "http/x.py", "timeout = 0.5"),
    "a long revision": (tidy.long_functions, "storage/migrations/versions/x.py", LONG_FUNCTION),
    "revisions that are no package": (tidy.silent_packages, "storage/migrations/versions/x.py", ""),
    "a print to the terminal": (tidy.prints, "cli/x.py", "print('here')"),
    "a note with its issue": (tidy.unowned_notes, "domain/x.py", "# TODO #12: round"),
}


@pytest.mark.parametrize("rule", tidy.RULES, ids=lambda rule: rule.__name__)
def test_tree_is_tidy(rule: tidy.Rule) -> None:
    problems = list(rule(PACKAGE))

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(("rule", "name", "source"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_rule_catches(rule: tidy.Rule, name: str, source: str, tmp_path: Path) -> None:
    plant(tmp_path, name, source)

    assert len(list(rule(tmp_path))) == 1


@pytest.mark.parametrize(("rule", "name", "source"), ALLOWED.values(), ids=ALLOWED)
def test_rule_lets_pass(rule: tidy.Rule, name: str, source: str, tmp_path: Path) -> None:
    plant(tmp_path, name, source)

    assert list(rule(tmp_path)) == []


def test_every_rule_has_a_violation_planted() -> None:
    planted = {rule for rule, _, _ in VIOLATIONS.values()}

    assert planted == set(tidy.RULES)


def plant(package: Path, name: str, source: str) -> None:
    path = package / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
