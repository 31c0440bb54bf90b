"""What can go wrong, in words a client can act on.

A refusal is an `EarnedError`: one or more `Problem`s, each with a `Kind`. A kind says what
sort of fault it is and nothing about HTTP; `earned.http.errors` holds the one table from kind
to status, category and object code, `earned.cli.exits` the one to exit codes. Anything raised
that is not an `EarnedError` is a defect of ours and answers as an internal error.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar


class Kind(IntEnum):
    """The sort of fault, after the category digits of the Zuora error code (R 8.2)."""

    PERMISSION = 10
    AUTHENTICATION = 11
    INVALID = 20
    UNKNOWN_FIELD = 21
    MISSING = 22
    MISSING_PARAMETER = 23
    INVALID_QUERY = 27
    RULE = 30
    NOT_FOUND = 40
    UNSUPPORTED = 45
    CONTENTION = 50
    INTERNAL = 60
    TEMPORARY = 61
    LIMIT = 70
    MALFORMED = 90


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: its kind, a message for people, and the field at fault.

    `code` names the fault in the object vocabulary (`INVALID_VALUE`, `DUPLICATE_VALUE`, ...)
    where it is more precise than what the kind alone says.
    """

    kind: Kind
    message: str
    field: str = ""
    code: str = ""


class EarnedError(Exception):
    """A refusal: the request was understood and could not be done, and nothing was changed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Collect `problems`; there is at least one, in the documented order of checks."""
        self.problems = tuple(problems)
        assert self.problems, "a refusal names at least one problem"
        super().__init__("; ".join(problem.message for problem in self.problems))

    @property
    def kind(self) -> Kind:
        """The kind of the first problem, which decides the status of the answer."""
        return self.problems[0].kind


class _Refusal(EarnedError):
    """A refusal for a single problem of one kind."""

    problem_kind: ClassVar[Kind]
    problem_code: ClassVar[str] = ""

    def __init__(self, message: str, *, field: str = "", code: str = "") -> None:
        """State the broken rule in `message`, and the `field` that broke it if there is one."""
        super().__init__([Problem(self.problem_kind, message, field, code or self.problem_code)])


class Malformed(_Refusal):
    """The request cannot be read at all."""

    problem_kind = Kind.MALFORMED


class Missing(_Refusal):
    """A required field is absent, null or blank."""

    problem_kind = Kind.MISSING


class MissingParameter(_Refusal):
    """A required query or path parameter is absent."""

    problem_kind = Kind.MISSING_PARAMETER


class Invalid(_Refusal):
    """A value has the wrong type, format, length or range."""

    problem_kind = Kind.INVALID


class UnknownField(_Refusal):
    """A field the operation does not know, where unknown fields are refused."""

    problem_kind = Kind.UNKNOWN_FIELD


class InvalidQuery(_Refusal):
    """A query parameter of an object query that cannot be used."""

    problem_kind = Kind.INVALID_QUERY


class RuleBroken(_Refusal):
    """The values are well formed and a business rule forbids them."""

    problem_kind = Kind.RULE


class PeriodClosed(RuleBroken):
    """The date lies in a closed accounting period (R 5)."""

    problem_code = "ACCOUNTING_PERIOD_CLOSED"


class Duplicate(RuleBroken):
    """A name, number or key that must be unique is taken."""

    problem_code = "DUPLICATE_VALUE"


class NotFound(_Refusal):
    """No object answers to the key, or it is not visible to the caller."""

    problem_kind = Kind.NOT_FOUND

    @classmethod
    def by_key(cls, key: str) -> "NotFound":
        """The literal text clients match on (R 8.2)."""
        return cls(f"Cannot find entity by key: '{key}'.")


class Denied(_Refusal):
    """The caller may not do this, or the feature is off for the tenant."""

    problem_kind = Kind.PERMISSION


class Unauthenticated(_Refusal):
    """There is no valid token."""

    problem_kind = Kind.AUTHENTICATION


class Unsupported(_Refusal):
    """The method or media type is not supported by the resource."""

    problem_kind = Kind.UNSUPPORTED


LOCK_COMPETITION = "Operation failed due to a lock competition, please retry later."


class Contended(_Refusal):
    """Another request holds what this one needs; a retry will do."""

    problem_kind = Kind.CONTENTION
    problem_code = "LOCK_COMPETITION"


class LimitExceeded(_Refusal):
    """Too many or too large requests."""

    problem_kind = Kind.LIMIT
    problem_code = "REQUEST_EXCEEDED_LIMIT"
