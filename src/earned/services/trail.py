"""What explaining needs of the outside: stored things, and what they lead to."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from earned.domain.explaining import Direction, Key, Node, NodeKind, Sums


class Trail(Protocol):
    """The chain from journal lines to usage records, as far as the caller may see it."""

    def find(self, key: str) -> Node | None:
        """Return what an id or number names, None if it is nothing that can be explained.

        Items have the number of what they are of, a colon, and the name of their period or place:
        `RS-00000001:Jan'2026`, `RE-00000002:Jan'2026`, `JE-00000001:1`.
        """

    def sums(
        self, direction: Direction, step: tuple[NodeKind, NodeKind], keys: Sequence[Key]
    ) -> Mapping[Key, Sums]:
        """Count and add up what each of the things with these keys leads to."""

    def children(
        self,
        direction: Direction,
        step: tuple[NodeKind, NodeKind],
        keys: Sequence[Key],
        limit: int,
        offset: int = 0,
    ) -> Mapping[Key, Sequence[Node]]:
        """Return the first things that each of them leads to, in a lasting order."""
