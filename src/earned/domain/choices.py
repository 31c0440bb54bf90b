"""Choices of the wire that come in any spelling: letters decide, nothing else does."""

import re
from enum import StrEnum
from typing import TypeVar

from earned.domain.errors import Invalid

Choice = TypeVar("Choice", bound=StrEnum)


def parse_choice(kind: type[Choice], value: object, field: str) -> Choice:
    """Return the member that `value` spells: `daily distribution` is `Daily Distribution`.

    Raises `Invalid` naming all there are.
    """
    found = _find(kind, value) if isinstance(value, str) else None
    if found is None:
        message = f"'{field}' value should be one of: {', '.join(kind)}"
        raise Invalid(message, field=field)
    return found


def _find(kind: type[Choice], text: str) -> Choice | None:
    wanted = _letters(text)
    return next((member for member in kind if _letters(member) == wanted), None)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.casefold())
