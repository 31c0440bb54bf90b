"""Ids that follow from a key."""

from hashlib import sha256


def derived_id(*parts: object) -> str:
    """Return the id that belongs to a key: the same key has the same id, always and everywhere."""
    return sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]
