"""Explain a number: what it is made of, down to usage records, and what it went into."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from earned.domain.errors import NotFound
from earned.domain.explaining import (
    NODES_MAX,
    STEPS,
    Branch,
    Direction,
    NodeKind,
    Sums,
    Tree,
)
from earned.services.ports import Books
from earned.services.trail import Trail

_NOTHING = Sums(0, None, None, None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a long list goes on: of what the thing leads to, which kind, and from where on."""

    direction: Direction
    kind: NodeKind
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """What to explain, in which directions, and how many of a kind to list for each thing.

    With `place`, only that one list of the thing itself is explained, from there on.
    """

    key: str
    directions: Sequence[Direction] = tuple(Direction)
    limit: int
    place: Place | None = None


def explain(books: Books, command: Explain) -> Tree:
    """Return the thing with what it is made of and what it went into, as one tree each way.

    Counts and sums are of all there is; lists have `limit` members at most, and fewer the more
    there are, so that a tree has no more than `NODES_MAX` nodes. Raises `NotFound`.
    """
    node = books.trail.find(command.key)
    if node is None:
        raise NotFound.by_key(command.key)
    tree = Tree(node)
    if command.place is not None:
        _Growth(books.trail, command.place.direction, command.limit).go_on(tree, command.place)
        return tree
    for direction in command.directions:
        _Growth(books.trail, direction, command.limit).grow([tree])
    return tree


class _Growth:
    """Grows trees in one direction, level by level: two statements for each kind of step."""

    def __init__(self, trail: Trail, direction: Direction, limit: int) -> None:
        self._trail = trail
        self._direction = direction
        self._limit = limit
        self._room = NODES_MAX

    def grow(self, level: Sequence[Tree]) -> None:
        """Grow from a level to the end."""
        while level:
            level = [
                grown for step, trees in self._steps(level) for grown in self._take(step, trees)
            ]

    def go_on(self, tree: Tree, place: Place) -> None:
        """Grow one branch only, from a place in its list on."""
        step = (tree.node.kind, place.kind)
        if place.kind in STEPS[self._direction].get(tree.node.kind, ()):
            self.grow(self._take(step, [tree], place.offset))

    def _steps(
        self, level: Iterable[Tree]
    ) -> Sequence[tuple[tuple[NodeKind, NodeKind], Sequence[Tree]]]:
        by_kind: dict[NodeKind, list[Tree]] = defaultdict(list)
        for tree in level:
            by_kind[tree.node.kind].append(tree)
        return [
            ((kind, child), trees)
            for kind, trees in by_kind.items()
            for child in STEPS[self._direction].get(kind, ())
        ]

    def _take(
        self, step: tuple[NodeKind, NodeKind], trees: Sequence[Tree], offset: int = 0
    ) -> Sequence[Tree]:
        """Add the branch of one step to each tree; return the trees that grew on them."""
        keys = [tree.node.key for tree in trees]
        sums = self._trail.sums(self._direction, step, keys)
        limit = min(self._limit, self._room // len(trees))
        found = self._trail.children(self._direction, step, keys, limit, offset) if limit else {}
        grown: list[Tree] = []
        for tree in trees:
            branch = Branch(
                step[1],
                sums.get(tree.node.key, _NOTHING),
                [Tree(node) for node in found.get(tree.node.key, ())],
                offset,
            )
            if branch.sums.count:
                tree.branches.setdefault(self._direction, []).append(branch)
            grown += branch.trees
        self._room -= len(grown)
        return grown
