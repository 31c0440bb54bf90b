"""No file names a package index or a place on somebody's machine.

Where packages come from is the business of whoever installs: an address in the repository
would override it, and an absolute path works for one person only.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Put together here, so that this file does not contain what it forbids.
FORBIDDEN = tuple(
    "".join(parts)
    for parts in (
        ("pypi", ".org"),
        ("python", "hosted"),
        ("npm", "js"),
        ("debian", ".org"),
        ("ubuntu", ".com"),
        ("index", "-url"),
        ("find", "-links"),
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("/ho", "me/"),
    )
)


def test_no_tracked_file_names_an_address() -> None:
    problems = list(addresses(ROOT, tracked_files()))

    assert not problems, "name no index and no place on a machine:\n" + "\n".join(problems)


@pytest.mark.parametrize("forbidden", FORBIDDEN)
def test_address_is_caught(forbidden: str, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(f"One.\nSee {forbidden.upper()} for two.\n")

    assert list(addresses(tmp_path, ["notes.md"])) == [f"notes.md:2: {forbidden}"]


def tracked_files() -> list[str]:
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(  # noqa: S603 - the command is ours.
        command, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name]


def addresses(root: Path, names: list[str]) -> Iterator[str]:
    """Find forbidden words in the files called `names`; one removed but tracked has none."""
    for name in names:
        path = root / name
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace").lower()
        for number, line in enumerate(text.splitlines(), start=1):
            yield from (f"{name}:{number}: {word}" for word in FORBIDDEN if word in line)
