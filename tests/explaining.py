"""Asking for explanations over the wire."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tests.api import Api
from tests.reports import close

POSTED = ("Revenue Event Item",)


def explained(api: Api, identity: str, query: str = "") -> dict[str, Any]:
    """Ask what must be explained; amounts come back as they were written."""
    response = api.get(f"/v1/explain/{quote(identity, safe='')}{query}")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.loads(response.text, parse_float=str, parse_int=str)
    assert found["success"] is True
    node: dict[str, Any] = found["node"]
    return node


def branches(node: dict[str, Any], direction: str = "down") -> dict[str, dict[str, Any]]:
    """Return the branches of a node by their type."""
    return {branch["type"]: branch for branch in node.get(direction, ())}


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a node with all below and above it."""
    yield node
    for direction in ("down", "up"):
        for branch in node.get(direction, ()):
            for child in branch["nodes"]:
                yield from nodes(child)


def path(node: dict[str, Any], direction: str) -> list[str]:
    """Return the types on the way through the first of each."""
    found = [node["type"]]
    while node.get(direction):
        node = node[direction][0]["nodes"][0]
        found.append(node["type"])
    return found


def journalled(api: Api, period: str) -> None:
    """Close a period and make its journal entries."""
    close(api, period)
    run = {"journalEntryDate": "2026-01-31", "accountingPeriodName": period}
    api.made("/v1/journal-runs", {**run, "transactionTypes": [{"type": kind} for kind in POSTED]})


def masked(text: str) -> str:
    """Leave out ids, which are others each time."""
    return re.sub(r"[0-9a-f]{32}", "(id)", text)
