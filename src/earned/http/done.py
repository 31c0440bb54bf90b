"""Answers to changes that have little to say: that they were made, and the id of what is new."""

from collections.abc import Mapping

from earned.domain.traces import Identified
from earned.http.operation import Call


def done(call: Call, changed: object) -> Mapping[str, object]:
    """Answer that it was done."""
    del call, changed
    return {"success": True}


def created(call: Call, made: Identified) -> Mapping[str, object]:
    """Answer the id of what was created."""
    del call
    return {"success": True, "id": made.id}
