"""What the documents tell a reader to type works, and answers what they say it answers."""

import doctest
import json
import re
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from earned.bootstrap.settings import ServerSettings
from earned.cli.story.books import CLIENT_ID, CLIENT_SECRET
from earned.http.serve import background
from tests.cli.conftest import answered, runner

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
WITH_PYTHON = [page for page in PAGES if "```pycon" in page.read_text(encoding="utf-8")]

ADDRESS = "http://127.0.0.1:8000"
PATIENCE = 100
MARK = "-- end of block --"

_BLOCK = re.compile(r"^```(bash|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PYTHON = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ID = re.compile(r"[0-9a-f]{32}")
# What depends on the day on which an example was copied.
_DAY = re.compile(r"\d{4}-\d\d-\d\d|[A-Z][a-z]{2}'\d{4}")


@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.stem)
def test_numbers_in_python_are_those_of_the_domain(page: Path) -> None:
    blocks = "\n".join(_PYTHON.findall(page.read_text(encoding="utf-8")))
    example = doctest.DocTestParser().get_doctest(blocks, {}, page.name, str(page), 0)

    assert example.examples
    report: list[str] = []
    outcome = doctest.DocTestRunner(verbose=False).run(example, out=report.append)
    assert outcome.failed == 0, "\n".join(report)


def test_the_tutorial_answers_what_it_says(empty_sqlite_url: str) -> None:
    page = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")
    init = next(line for line in page.splitlines() if line.startswith("$ .venv/bin/earned init"))
    answered(runner(empty_sqlite_url)(*init.split()[2:], "--json"))

    run(page, empty_sqlite_url, on_any_day=False)

    assert answered(runner(empty_sqlite_url)("audit", "--json"))["clean"] is True


def test_the_example_of_the_readme_answers_what_it_says(empty_sqlite_url: str) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert CLIENT_ID in page
    assert CLIENT_SECRET in page
    answered(runner(empty_sqlite_url)("demo", "--json"))

    run(page, empty_sqlite_url, on_any_day=True)

    assert answered(runner(empty_sqlite_url)("audit", "--json"))["clean"] is True


def run(page: str, database_url: str, *, on_any_day: bool) -> None:
    """Run the bash blocks of a page in one shell; compare with the JSON blocks that follow."""
    blocks = _BLOCK.findall(page)
    script = "".join(f"{text}echo '{MARK}'\n" for kind, text in blocks if kind == "bash")
    with background(ServerSettings(database_url, log_level="error")) as address:
        done = subprocess.run(
            ["bash", "-eu"],  # noqa: S607 - Whichever bash there is.
            input=script.replace(ADDRESS, address),
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
    outputs = iter(done.stdout.split(f"{MARK}\n"))
    compared = 0
    output = ""
    for kind, text in blocks:
        if kind == "bash":
            output = next(outputs)
            continue
        found = json.loads(output.splitlines()[-1], parse_float=Decimal)
        expected = json.loads(text, parse_float=Decimal)
        assert list(differences(expected, found, on_any_day=on_any_day)) == []
        compared += 1
    assert compared


def differences(expected: Any, found: Any, *, on_any_day: bool, at: str = "") -> Iterator[str]:
    """Say where an answer lacks what a document shows of it; it may have more fields."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            if name not in found:
                yield f"{at}.{name}: missing"
            else:
                yield from differences(value, found[name], on_any_day=on_any_day, at=f"{at}.{name}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for place, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(one, other, on_any_day=on_any_day, at=f"{at}[{place}]")
    elif masked(expected, on_any_day=on_any_day) != masked(found, on_any_day=on_any_day):
        yield f"{at}: {expected!r} is {found!r}"


def masked(value: Any, *, on_any_day: bool) -> Any:
    if not isinstance(value, str):
        return value if isinstance(value, bool | None) else repr(value)
    value = _ID.sub("(id)", value)
    return _DAY.sub("(day)", value) if on_any_day else value
