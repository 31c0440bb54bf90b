"""Refusals that only the wire knows: with a status, a code or headers of their own."""

from collections.abc import Sequence

from earned.domain.errors import EarnedError, Kind, Problem

HEADER_CODE = 50000020
KEY_IN_PROGRESS_CODE = 50000050
ENTITY_HEADER_CODE = 90000020

_BAD_REQUEST = 400


class WireError(EarnedError):
    """A refusal with a status, a code or headers of its own."""

    def __init__(
        self,
        problem: Problem,
        status: int | None = None,
        code: int | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Answer `problem` with `status` and the eight-digit `code` where they are given."""
        super().__init__([problem])
        self.status = status
        self.code = code
        self.headers = headers


def bad_header(message: str, code: int = HEADER_CODE) -> WireError:
    """Return the refusal of a header that cannot be used: 400 whatever the version.

    A header is no part of the payload, so its code names no resource.
    """
    return WireError(Problem(Kind.INVALID, message), status=_BAD_REQUEST, code=code)
