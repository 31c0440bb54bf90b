"""What every object (CRUD) operation answers when it has changed something."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from earned.http.operation import Call


class HasId(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """Its id."""


class ObjectDeleted(BaseModel):
    """The answer to a deletion: in lower case, as the official client reads it."""

    model_config = ConfigDict(extra="allow")

    success: bool = True
    id: str


def changed(call: Call, row: HasId) -> Mapping[str, object]:
    """Answer a creation or an update."""
    del call
    return {"Success": True, "Id": row.id}


def deleted(call: Call, row: HasId) -> Mapping[str, object]:
    """Answer a deletion."""
    del call
    return {"success": True, "id": row.id}
