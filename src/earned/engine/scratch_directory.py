"""A directory for scratch files: gone when the work is over, or when somebody begins other work.

A process that is killed leaves its directory behind, but not its lock on it. So whoever makes the
next one knows which of those that lie there nobody needs any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from os import getuid
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir

_PREFIX = "earned-scratch-"
_LOCK = "in-use"


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """Lend a new directory; remove those that killed processes have left."""
    for lock in Path(gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        # It is another user's, in use, or just being removed.
        with suppress(OSError):
            _remove_left(lock)
    with TemporaryDirectory(prefix=_PREFIX) as name:
        directory = Path(name)
        # Nobody finds the lock before it is taken.
        with (directory / "new-lock").open("wb") as lock_file:
            flock(lock_file, LOCK_EX)
            Path(lock_file.name).rename(directory / _LOCK)
            yield directory


def _remove_left(lock: Path) -> None:
    directory = lock.parent
    if directory.is_symlink() or directory.stat().st_uid != getuid():
        return
    with lock.open("rb") as file:
        flock(file, LOCK_EX | LOCK_NB)
        rmtree(directory, ignore_errors=True)
