"""Chains of hashes: rows that each start from the hash of the row before it.

A link's hash is the SHA-256 of the canonical text of what it says, its place and the hash before it
among that. A row that is changed by hand no longer has its hash; where one is removed or inserted,
places have a gap or the next row starts from another hash.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from earned.domain.audit import Break

GENESIS = "0" * 64
"""What the first link of a chain starts from."""


class Link(Protocol):
    """A row of a chain; places begin with one."""

    @property
    def sequence(self) -> int:
        """Its place."""

    @property
    def previous_hash(self) -> str:
        """The hash of the row before it."""

    @property
    def hash(self) -> str:
        """Its own hash."""


def next_place(previous: Link | None) -> tuple[int, str]:
    """Return the place of the link that follows, and the hash it starts from."""
    if previous is None:
        return 1, GENESIS
    return previous.sequence + 1, previous.hash


def digest(facts: Mapping[str, object]) -> str:
    """Return the hash of what a link says: one text for one content, so one hash.

    Names are sorted, there are no spaces, and numbers that are not whole are texts.
    """
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return sha256(text.encode()).hexdigest()


def instant(value: datetime) -> str:
    """Return the one text of an instant."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def check_place(one: Link, previous: Link | None, check: str, object_type: str) -> Iterator[Break]:
    """A link has the next place, and starts from the hash before it."""
    place, start = next_place(previous)
    told = str(one.sequence)
    if one.sequence != place:
        yield Break(check, object_type, told, f"place {place}", "a gap")
    if one.previous_hash != start:
        yield Break(check, object_type, told, start, one.previous_hash)
