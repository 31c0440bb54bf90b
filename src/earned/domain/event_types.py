"""Types of revenue events: the built-in ones, and those an entity defines for itself (R 2.7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earned.domain.errors import Invalid, Missing
from earned.domain.scheduling import (
    BUILT_IN,
    EVENT_TYPE_LENGTH_MAX,
    RESERVED_SUFFIX,
    REVENUE_DISTRIBUTED,
    DistributionType,
    optional_text,
    required_text,
)
from earned.domain.tenancy import Stamped

OWN_TYPES_MAX = 500
LABEL, SYSTEM_ID = "eventType", "eventTypeSystemId"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueEventType(Stamped):
    """A type that an entity defined. Labels may repeat, system ids may not.

    Events keep label and system id as they were, so a type may be renamed and deactivated freely.
    """

    id: str
    entity_id: str
    label: str
    system_id: str
    active: bool = True


def read_new_event_type(value: object, own: Sequence[RevenueEventType]) -> DistributionType:
    """Return the type that `revenueEvent` of a new schedule names (R 2.9, check 15).

    Both its label and its system id are required. Without the object, it is `Revenue Distributed`.
    """
    if value is None:
        return REVENUE_DISTRIBUTED
    if not isinstance(value, Mapping):
        raise Invalid("'revenueEvent' value is invalid", field="revenueEvent")
    prefix = "revenueEvent."
    for name in (LABEL, SYSTEM_ID):
        required_text(value.get(name), f"{prefix}{name}", EVENT_TYPE_LENGTH_MAX)
    return read_event_type(value, own, prefix)


def read_event_type(
    fields: Mapping[str, object], own: Sequence[RevenueEventType], prefix: str = ""
) -> DistributionType:
    """Return the type that `eventType` and `eventTypeSystemId` name; either of them will do.

    With neither it is `Revenue Distributed`. Raises `Invalid` for a type that is not there or not
    active, `Missing` for a label that several types have.
    """
    label = _text(fields, prefix, LABEL)
    system_id = _text(fields, prefix, SYSTEM_ID)
    if system_id is not None:
        return _by_system_id(system_id, label, own, f"{prefix}{SYSTEM_ID}")
    if label is not None:
        return _by_label(label, own, prefix)
    return REVENUE_DISTRIBUTED


def check_own_system_id(system_id: str) -> None:
    """Refuse a system id that is reserved for built-in types. Raises `Invalid`."""
    if system_id.endswith(RESERVED_SUFFIX):
        message = f"'{SYSTEM_ID}' value should not end with '{RESERVED_SUFFIX}'"
        raise Invalid(message, field=SYSTEM_ID)


def _text(fields: Mapping[str, object], prefix: str, name: str) -> str | None:
    """Return a text, or None where it is absent or blank."""
    text = optional_text(fields.get(name), f"{prefix}{name}", EVENT_TYPE_LENGTH_MAX)
    return text if text and text.strip() else None


def _by_system_id(
    system_id: str, label: str | None, own: Sequence[RevenueEventType], field: str
) -> DistributionType:
    """Return the type of that id, which a label that is given too must fit.

    An id that nobody defined is taken for a client's own id of a built-in type if it comes with
    that type's label: so does the sample of the seed (`Revenue Distributed`, `1111111`).
    """
    known = BUILT_IN.get(system_id)
    mine = next((one for one in own if one.system_id == system_id), None)
    if mine is not None:
        _check_active(mine, field)
        known = mine.label
    elif known is None and not system_id.endswith(RESERVED_SUFFIX) and label in BUILT_IN.values():
        known = label
    if known is None:
        raise Invalid(f"Cannot find revenue event type '{system_id}'.", field=field)
    if label not in {None, known}:
        raise Invalid(f"'{field}' value is invalid", field=field)
    return DistributionType(known, system_id)


def _by_label(label: str, own: Sequence[RevenueEventType], prefix: str) -> DistributionType:
    ids = [system_id for system_id, known in BUILT_IN.items() if known == label]
    mine = [one for one in own if one.label == label]
    ids += [one.system_id for one in mine if one.active]
    if len(ids) > 1:
        field = f"{prefix}{SYSTEM_ID}"
        message = f"'{field}' may not be null: several revenue event types are called '{label}'."
        raise Missing(message, field=field)
    field = f"{prefix}{LABEL}"
    if not ids and mine:
        _check_active(mine[0], field)
    if not ids:
        raise Invalid(f"Cannot find revenue event type '{label}'.", field=field)
    return DistributionType(label, ids[0])


def _check_active(mine: RevenueEventType, field: str) -> None:
    if not mine.active:
        raise Invalid(f"Revenue event type '{mine.system_id}' is not active.", field=field)
