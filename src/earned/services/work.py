"""The shape of a write: a use case, the command it carries out, and what is answered.

Writes are grouped: commands of one use case that wait together are carried out together, in the
order they arrived, in one transaction. A use case that knows how to work on many commands at once
takes a sequence; `single` makes one of a use case for one command.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from earned.domain.errors import EarnedError
from earned.domain.tenancy import Scope
from earned.services.ports import Books

INTERNAL_ERROR = 500

C = TypeVar("C")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, eq=False)
class UseCase(Generic[C, R]):
    """How commands of one kind are carried out; one result or refusal for each, in order.

    `structural` use cases change what others are resolved against (accounts, charges, periods,
    settings) and run with the entity's books to themselves. `brief` ones take no longer than their
    rows, and say `take_time` before they do.
    """

    name: str
    run: Callable[[Books, Sequence[C]], Sequence[R | EarnedError]]
    structural: bool = True
    brief: bool = False


def single(use_case: Callable[[Books, C], R], *, structural: bool = True) -> UseCase[C, R]:
    """Make a use case of a function for one command. A refusal undoes what it stored, alone."""

    def run(books: Books, commands: Sequence[C]) -> Sequence[R | EarnedError]:
        return [_attempt(books, use_case, command) for command in commands]

    return UseCase(use_case.__name__, run, structural)


@dataclass(frozen=True, slots=True)
class Many:
    """Commands of one use case in one request, and refusals in place of those that are none."""

    use_case: UseCase[Any, Any]
    commands: Sequence[object]


def in_batches(use_case: UseCase[Any, Any]) -> UseCase[Many, Sequence[object]]:
    """Make a use case for many commands a request; one result or refusal for each, in order.

    One that is refused keeps none of the others from being carried out.
    """

    def run(books: Books, batches: Sequence[Many]) -> Sequence[Sequence[object]]:
        rows = [row for batch in batches for row in batch.commands]
        sound = [row for row in rows if not isinstance(row, EarnedError)]
        outcomes = iter(use_case.run(books, sound) if sound else ())
        return [
            [row if isinstance(row, EarnedError) else next(outcomes) for row in batch.commands]
            for batch in batches
        ]

    return UseCase(f"{use_case.name}_in_batches", run, use_case.structural)


def _attempt(books: Books, use_case: Callable[[Books, C], R], command: C) -> R | EarnedError:
    try:
        with books.attempt():
            return use_case(books, command)
    except EarnedError as refusal:
        return refusal


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered, byte for byte, so that it can be answered again."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def with_headers(self, *more: tuple[str, str]) -> "Reply":
        """Return the same answer with more headers."""
        return Reply(self.status, (*self.headers, *more), self.body)

    @property
    def is_fault(self) -> bool:
        """Whether the server failed, so that the same request may be tried again."""
        return self.status >= INTERNAL_ERROR


@dataclass(frozen=True, slots=True)
class Claim:
    """A request's claim on an idempotency key: what must be the same for a replay (R 8.4)."""

    key: str
    method: str
    url: str
    fingerprint: str


class Turn:
    """The turn of a job: whoever carries it out takes it, or whoever waits gives it up.

    Threads may ask at once; one of them has it.
    """

    __slots__ = ("_is_free",)

    def __init__(self) -> None:
        """Leave it to be taken."""
        self._is_free = [True]

    def take(self) -> bool:
        """Say whether it was still there; now it is not."""
        try:
            return self._is_free.pop()
        except IndexError:
            return False


@dataclass(frozen=True, slots=True)
class Job:
    """One request's write.

    `render` turns the outcome into the answer inside the transaction, because the answer to a
    claimed request is stored with its effect. `answer` gets it after the commit; `fail` gets what
    kept it from being carried out. A patient one waits for locks as long as that takes, and is
    carried out alone: nobody has to wait with it.
    """

    scope: Scope
    use_case: UseCase[Any, Any]
    command: Any
    render: Callable[[Any], Reply]
    answer: Callable[[Reply], None]
    fail: Callable[[BaseException], None]
    claim: Claim | None = None
    turn: Turn = field(default_factory=Turn)
    is_patient: bool = False
