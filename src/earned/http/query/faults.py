"""What is wrong with a query, collected so that the caller is told all of it."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from earned.domain.errors import EarnedError, InvalidQuery, Problem

T = TypeVar("T")


class Faults:
    """The problems found so far, in the order they were found."""

    def __init__(self) -> None:
        """Begin with none."""
        self._problems: list[Problem] = []

    def add(self, parameter: str, message: str) -> None:
        """Note a problem with a parameter."""
        self._problems += InvalidQuery(message, field=parameter).problems

    def attempt(self, parse: Callable[..., T], *arguments: object) -> Sequence[T]:
        """Return what `parse` returns, alone; if it refuses, note why and return nothing."""
        try:
            return [parse(*arguments)]
        except EarnedError as refusal:
            self._problems += refusal.problems
            return []

    def refuse(self) -> None:
        """Raise all of them, if there are any."""
        if self._problems:
            raise EarnedError(self._problems)
