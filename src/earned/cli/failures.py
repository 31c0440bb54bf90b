"""From whatever goes wrong to a sentence, a next step and an exit code; never a traceback."""

from dataclasses import dataclass

from alembic.util import CommandError
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from earned.bootstrap.settings import BadSetting
from earned.cli.exits import EXITS, Exit
from earned.domain.errors import EarnedError
from earned.storage.contention import is_locked_out

_LOCKED_OUT = "Somebody else is writing to the books, for longer than a command waits."


@dataclass(frozen=True, slots=True)
class Failure:
    """What a person is told: what is wrong, line by line, and what to do next."""

    exit: Exit
    messages: tuple[str, ...]
    next_step: str = ""


class CommandFailed(Exception):
    """A command cannot be done, for a reason that only the command line knows."""

    def __init__(self, exit_code: Exit, message: str, next_step: str = "") -> None:
        """Say what is wrong and what to do next."""
        super().__init__(message)
        self.failure = Failure(exit_code, (message,), next_step)


def failure_of(error: Exception) -> Failure:
    """Return what to say about `error`."""
    if isinstance(error, CommandFailed):
        return error.failure
    if isinstance(error, EarnedError):
        messages = tuple(problem.message for problem in error.problems)
        return Failure(EXITS[error.kind], messages)
    if isinstance(error, BadSetting):
        return Failure(
            Exit.SET_UP, (str(error),), "Every variable is in docs/reference/settings.md."
        )
    return _from_below(error)


def _from_below(error: Exception) -> Failure:
    """Return what to say about an error of a library or the operating system."""
    if is_locked_out(error):
        return Failure(Exit.TRY_AGAIN, (_LOCKED_OUT,), "Try again later.")
    if isinstance(error, OperationalError | InterfaceError):
        return Failure(
            Exit.TRY_AGAIN,
            (f"The database cannot be used: {_first_line(error)}",),
            "Check EARNED_DATABASE_URL, and that the database runs and lets this user in.",
        )
    if isinstance(error, ArgumentError):
        return Failure(Exit.SET_UP, (f"EARNED_DATABASE_URL cannot be used: {error}",))
    if isinstance(error, CommandError):
        return Failure(Exit.SET_UP, (f"The database cannot be migrated: {error}",))
    if isinstance(error, OSError):
        return Failure(Exit.SET_UP, (str(error),))
    return Failure(
        Exit.INTERNAL,
        (f"Internal error: {type(error).__name__}: {_first_line(error)}",),
        "This is a defect of Earned. `earned --debug ...` shows where; please report it.",
    )


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]
