"""Which entries a command is of: those of a journal run, or all of an accounting period."""

from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed


def check_one(run: str | None, period: str | None) -> None:
    """Refuse both, and neither."""
    if (run is None) == (period is None):
        raise CommandFailed(Exit.REFUSED, "Name either a journal run or a --period.")
