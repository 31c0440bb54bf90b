"""What an exit code means: the one table, after `earned.domain.errors.Kind`."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Self

from earned.domain.errors import Kind


class Exit(IntEnum):
    """How a command ended, with what a script may conclude from it."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Self:
        """Make the member `code`, which means `meaning`."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    DONE = 0, "Done as asked."
    INTERNAL = 1, "A defect of Earned; `earned --debug ...` shows where."
    USAGE = 2, "The command line itself is wrong: an unknown option, a missing argument."
    REFUSED = 3, "A value or a rule forbids it; nothing was changed."
    NOT_FOUND = 4, "What was named is not there."
    DENIED = 5, "Not allowed: wrong credentials, or a feature that is off."
    TRY_AGAIN = 6, "The database cannot be reached or is busy; the same command may work later."
    SET_UP = 7, "The set-up is wrong: an `EARNED_*` value, a database that is not migrated, a port."
    BROKEN = 8, "`earned audit` found books that do not tie out."
    PARTLY = 9, "Done in part: `earned usage import` refused rows, `earned bill run` accounts."
    INTERRUPTED = 130, "Stopped by Ctrl-C or SIGTERM before the end."


EXITS: Mapping[Kind, Exit] = {
    Kind.PERMISSION: Exit.DENIED,
    Kind.AUTHENTICATION: Exit.DENIED,
    Kind.INVALID: Exit.REFUSED,
    Kind.UNKNOWN_FIELD: Exit.REFUSED,
    Kind.MISSING: Exit.REFUSED,
    Kind.MISSING_PARAMETER: Exit.REFUSED,
    Kind.INVALID_QUERY: Exit.REFUSED,
    Kind.RULE: Exit.REFUSED,
    Kind.NOT_FOUND: Exit.NOT_FOUND,
    Kind.UNSUPPORTED: Exit.REFUSED,
    Kind.CONTENTION: Exit.TRY_AGAIN,
    Kind.INTERNAL: Exit.INTERNAL,
    Kind.TEMPORARY: Exit.TRY_AGAIN,
    Kind.LIMIT: Exit.REFUSED,
    Kind.MALFORMED: Exit.REFUSED,
}
