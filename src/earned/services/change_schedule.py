"""Change what revenue schedules and their items say, but not where revenue lies (R 2.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from earned.domain.errors import Invalid, Missing, NotFound, RuleBroken
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem, RevenueSchedule
from earned.domain.scheduling import (
    NOTES_LENGTH_MAX,
    REFERENCE_LENGTH_MAX,
    optional_text,
    required_text,
)
from earned.domain.tenancy import CustomFields
from earned.services.leave_trace import leave_change, leave_trace
from earned.services.move_revenue import schedule_to_change
from earned.services.ports import Books

_ITEMS = "revenueItems"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSchedule:
    """Which schedule, and what becomes of its notes, reference and custom fields."""

    number: str
    fields: Mapping[str, object]
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NamedItem:
    """A revenue item of a request, by the name of its period: its custom fields."""

    period_name: object
    custom_fields: CustomFields


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeItems:
    """Which schedule or event, and what becomes of its items; None if the request has no list."""

    number: str
    items: Sequence[NamedItem] | None


def change_schedule(books: Books, command: ChangeSchedule) -> RevenueSchedule:
    """Change notes, reference and custom fields; what is not named stays, null takes away.

    No event comes of it. Raises `NotFound`, `Invalid` or, for the reference of a schedule that is
    linked to a billing transaction, `RuleBroken`.
    """
    schedule = schedule_to_change(books, command.number)
    changes: dict[str, Any] = {}
    if "notes" in command.fields:
        changes["notes"] = optional_text(command.fields["notes"], "notes", NOTES_LENGTH_MAX)
    if "referenceId" in command.fields:
        changes["reference_id"] = _reference(schedule, command.fields["referenceId"])
    custom = {**schedule.custom_fields, **command.custom_fields}
    changed = books.schedules.change(schedule, **changes, custom_fields=custom)
    return leave_change(books, "RevenueSchedule", schedule, changed)


def change_schedule_items(books: Books, command: ChangeItems) -> RevenueSchedule:
    """Change custom fields of a schedule's items, closed periods included: no amount changes.

    Raises `NotFound`, `Missing`, `Invalid` or `RuleBroken`.
    """
    schedule = schedule_to_change(books, command.number)
    wanted = _wanted(books, command.items)
    held = {item.period_id: item for item in books.items.list(schedule_id=schedule.id)}
    _check_held(books, wanted, held, f"Revenue schedule {schedule.number}")
    books.items.update_all(_merged({"schedule_id": schedule.id}, wanted, held))
    books.touch_schedules([schedule.id])
    leave_trace(books, "annotated", "RevenueSchedule", schedule.id, {"periods": wanted})
    return schedule


def change_event_items(books: Books, command: ChangeItems) -> Distribution:
    """Change custom fields of the items of a revenue event, as those of a schedule."""
    made = books.distributions.find(number=command.number.upper())
    schedule = made and books.schedules.find(id=made.schedule_id, deleted=False)
    if made is None or schedule is None:
        raise NotFound.by_key(command.number)
    schedule_to_change(books, schedule.number)
    wanted = _wanted(books, command.items)
    items = books.distribution_items.list(distribution_id=made.id)
    held = {item.period_id: item for item in items}
    _check_held(books, wanted, held, f"Revenue event {made.number}")
    books.distribution_items.update_all(_merged({"distribution_id": made.id}, wanted, held))
    leave_trace(books, "annotated", "RevenueEvent", made.id, {"periods": wanted})
    return made


def _reference(schedule: RevenueSchedule, value: object) -> str | None:
    name = "referenceId"
    reference = optional_text(value, name, REFERENCE_LENGTH_MAX)
    if reference is not None and schedule.linked_id is not None:
        message = "A revenue schedule that is linked to a billing transaction has no referenceId."
        raise RuleBroken(message, field=name)
    return reference


def _wanted(books: Books, items: Sequence[NamedItem] | None) -> Mapping[str, CustomFields]:
    """Return the custom fields by period id: each period once, and at least one field in all."""
    if not items:
        raise Missing(f"'{_ITEMS}' may not be null", field=_ITEMS)
    periods = {period.name: period.id for period in books.periods.list()}
    wanted: dict[str, CustomFields] = {}
    for place, item in enumerate(items):
        at = f"{_ITEMS}.{place}.accountingPeriodName"
        name = required_text(item.period_name, at)
        if name not in periods:
            raise Invalid(f"Cannot find accounting period '{name}'.", field=at)
        if periods[name] in wanted:
            raise RuleBroken(f"Accounting period '{name}' is given more than once.", field=at)
        wanted[periods[name]] = item.custom_fields
    if not any(wanted.values()):
        raise Missing("At least one custom field is required.", field=_ITEMS)
    return wanted


def _merged(
    whose: Mapping[str, str],
    wanted: Mapping[str, CustomFields],
    held: Mapping[str, RevenueItem] | Mapping[str, DistributionItem],
) -> list[Mapping[str, object]]:
    """Return the custom fields of items as they become: what is not named stays."""
    return [
        {
            **whose,
            "period_id": period_id,
            "custom_fields": {**held[period_id].custom_fields, **custom},
        }
        for period_id, custom in wanted.items()
    ]


def _check_held(
    books: Books, wanted: Mapping[str, object], held: Mapping[str, object], whose: str
) -> None:
    names = {period.id: period.name for period in books.periods.list()}
    for period_id in wanted:
        if period_id not in held:
            message = f"{whose} has no revenue item in accounting period '{names[period_id]}'."
            raise Invalid(message, field=_ITEMS)
