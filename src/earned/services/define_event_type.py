"""Define types of revenue events of one's own, rename and deactivate them (R 2.7)."""

from dataclasses import dataclass

from earned.domain.errors import Duplicate, NotFound, RuleBroken
from earned.domain.event_types import (
    OWN_TYPES_MAX,
    SYSTEM_ID,
    RevenueEventType,
    check_own_system_id,
)
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class DefineEventType:
    """What to call a new type, and the id by which programs know it."""

    label: str
    system_id: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEventType:
    """Which type, by its system id, and what becomes of it; None stays."""

    system_id: str
    label: str | None = None
    active: bool | None = None


def define_event_type(books: Books, command: DefineEventType) -> RevenueEventType:
    """Define a type. Raises `Invalid` for a reserved id, `Duplicate` for one that is taken."""
    check_own_system_id(command.system_id)
    if books.event_types.find(system_id=command.system_id) is not None:
        message = f"The revenue event type '{command.system_id}' already exists."
        raise Duplicate(message, field=SYSTEM_ID)
    if books.event_types.count() >= OWN_TYPES_MAX:
        raise RuleBroken(f"A maximum of {OWN_TYPES_MAX} revenue event types can be defined.")
    return books.event_types.add(
        RevenueEventType(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            label=command.label,
            system_id=command.system_id,
            active=command.active,
            **books.stamp(),
        )
    )


def change_event_type(books: Books, command: ChangeEventType) -> RevenueEventType:
    """Rename a type, deactivate or activate it; events keep what they were made with.

    Built-in types do not change, and are not found. Raises `NotFound`.
    """
    found = books.event_types.find(system_id=command.system_id)
    if found is None:
        raise NotFound.by_key(command.system_id)
    was = {"label": found.label, "active": found.active}
    leave_trace(books, "changed", "RevenueEventType", found.id, was)
    return books.event_types.change(
        found,
        label=found.label if command.label is None else command.label,
        active=found.active if command.active is None else command.active,
    )
