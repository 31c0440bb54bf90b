"""Scratch directories go with the work, or with the next one if its process was killed."""

import tempfile
from pathlib import Path

import pytest

from earned.engine.duck import open_scratch
from earned.engine.scratch_directory import scratch_directory


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def left_by_a_killed_process(where: Path) -> Path:
    """Make a directory as a process leaves it whose lock is gone with it."""
    left = where / "earned-scratch-left"
    left.mkdir()
    (left / "in-use").touch()
    (left / "staged.db").touch()
    return left


def test_a_directory_is_gone_with_the_work() -> None:
    with scratch_directory() as directory:
        (directory / "rows").touch()

    assert not directory.exists()


def test_what_a_killed_process_left_is_removed_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    with scratch_directory() as in_use:
        left = left_by_a_killed_process(tmp_path)
        with scratch_directory():
            assert in_use.is_dir()
            assert not left.exists()
        with scratch_directory():
            assert in_use.is_dir()


def test_directories_of_others_are_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    (target / "in-use").touch()
    (tmp_path / "earned-scratch-link").symlink_to(target)
    (tmp_path / "earned-scratch-new").mkdir()

    with scratch_directory():
        pass

    assert (target / "in-use").exists()
    assert (tmp_path / "earned-scratch-new").is_dir()


def test_where_scratch_files_have_no_room_it_is_said_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="TMPDIR names another directory"), open_scratch() as scratch:
        scratch.run(f"COPY (SELECT 1) TO '{tmp_path / 'nowhere' / 'rows.csv'}'")
