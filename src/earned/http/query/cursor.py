"""Cursors: where a page ended, written so that nobody depends on what is inside."""

import base64
import binascii
import json
import re
from zoneinfo import ZoneInfo

from earned.domain.errors import InvalidQuery
from earned.domain.query import Position, Sort, parse_value, write_value

_KEY = re.compile("[0-9a-z]{32}")


def write_cursor(position: Position, sort: Sort | None) -> str:
    """Return the cursor for the page after `position` in the order of `sort`."""
    parts = [_order(sort), position.id, sort and write_value(sort.kind, position.value)]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def read_cursor(text: str, sort: Sort | None, zone: ZoneInfo) -> Position:
    """Return the position a cursor holds. Raises `InvalidQuery`.

    A cursor goes on in the order it was made in and no other.
    """
    match _decoded(text):
        case [str(order), str(key), None | str() as value] if _KEY.fullmatch(key):
            pass
        case _:
            raise InvalidQuery("'cursor' value is not one that a nextPage gave.", field="cursor")
    if order != _order(sort):
        raise InvalidQuery("'cursor' value belongs to another sort[] order.", field="cursor")
    if sort is None or value is None:
        return Position(key)
    return Position(key, parse_value(sort.kind, value, "cursor", zone))


def _order(sort: Sort | None) -> str:
    return f"{sort.column}.{'DESC' if sort.descending else 'ASC'}" if sort else ""


def _decoded(text: str) -> object:
    padding = "=" * (-len(text) % 4)
    try:
        return json.loads(base64.b64decode(text + padding, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
