"""Ids and secrets."""

import secrets
from hashlib import scrypt, sha256
from random import Random
from threading import Lock
from time import time_ns

_RANDOM_BITS = 64
_ID_BYTES = 16
_SEED_BITS = 256
SECRET_COST = 14


class IdSource:
    """Makes 32-hex-character ids that sort by the time they were made.

    48 bits of milliseconds, 16 of a counter that never repeats within a millisecond, 64 random
    ones: new rows go to the end of every index, and two processes never make the same id.
    """

    def __init__(self) -> None:
        """Start at the present millisecond."""
        self._lock = Lock()
        self._last = 0
        self._random = Random(secrets.randbits(_SEED_BITS))  # noqa: S311 - Unique, not secret.

    def __call__(self) -> str:
        """Return the next id."""
        moment = (time_ns() // 1_000_000) << 16
        with self._lock:
            self._last = max(self._last + 1, moment)
            number = (self._last << _RANDOM_BITS) | self._random.getrandbits(_RANDOM_BITS)
        return number.to_bytes(_ID_BYTES).hex()


def new_token() -> str:
    """Return a bearer token nobody can guess."""
    return secrets.token_hex(16)


def new_secret() -> str:
    """Return a client secret of 42 characters at most, as the SDK demands."""
    return secrets.token_urlsafe(30)


def token_hash(token: str) -> str:
    """Return the hash a token is stored under; tokens are random, so a plain hash will do."""
    return sha256(token.encode()).hexdigest()


def secret_hash(secret: str, cost: int = SECRET_COST, salt: str | None = None) -> str:
    """Return the salted, deliberately slow hash a client secret is stored as.

    The work doubles with every step of `cost`, which is stored with the hash.
    """
    salt = salt or secrets.token_hex(16)
    digest = scrypt(secret.encode(), salt=bytes.fromhex(salt), n=2**cost, r=8, p=1)
    return f"scrypt${cost}${salt}${digest.hex()}"


def secret_matches(secret: str, stored: str) -> bool:
    """Say whether `secret` is the one that was hashed, taking the same time either way."""
    _, cost, salt, _ = stored.split("$")
    return secrets.compare_digest(secret_hash(secret, int(cost), salt), stored)
