"""Change or delete a unit of measure, within the locks that keep quantities what they were."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from earned.domain.catalog import UnitOfMeasure
from earned.domain.errors import EarnedError, Kind, Problem, RuleBroken
from earned.domain.tenancy import CustomFields
from earned.services.create_unit import refuse_taken_name
from earned.services.find import row_by_id
from earned.services.leave_trace import leave_change, leave_trace
from earned.services.ports import Books

_LOCKED = (
    ("UomName", "name"),
    ("DecimalPlaces", "decimal_places"),
    ("RoundingMode", "rounding_mode"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUnit:
    """Which unit, and what becomes of its fields."""

    id: str
    changes: Mapping[str, object]
    custom_fields: CustomFields = field(default_factory=dict)


def change_unit(books: Books, command: ChangeUnit) -> UnitOfMeasure:
    """Change a unit; while charges or usage use it, its name and how it rounds stay (U 1.3).

    Rounded otherwise, what is stored would not be what it says any more.

    Raises `NotFound`, `RuleBroken` for a locked field, `Duplicate` for a name that is taken.
    """
    unit = row_by_id(books.units, command.id)
    locked = [
        Problem(Kind.RULE, f"'{name}' cannot be changed: unit '{unit.name}' is in use.", name)
        for name, attribute in _LOCKED
        if command.changes.get(attribute, getattr(unit, attribute)) != getattr(unit, attribute)
    ]
    if locked and is_used(books, unit):
        raise EarnedError(locked)
    name = command.changes.get("name", unit.name)
    if name != unit.name:
        refuse_taken_name(books, str(name))
    custom = {**unit.custom_fields, **command.custom_fields}
    changed = books.units.change(unit, **command.changes, custom_fields=custom)
    return leave_change(books, "UnitOfMeasure", unit, changed)


def delete_unit(books: Books, unit_id: str) -> UnitOfMeasure:
    """Delete a unit that nothing uses; it stays in the audit log.

    Raises `NotFound`, or `RuleBroken` while charges or usage use it (U 1.3).
    """
    unit = row_by_id(books.units, unit_id)
    if is_used(books, unit):
        raise RuleBroken(
            f"Unit '{unit.name}' cannot be deleted: it is in use.", code="CANNOT_DELETE"
        )
    books.units.remove(unit)
    leave_trace(books, "deleted", "UnitOfMeasure", unit.id, {"name": unit.name})
    return unit


def is_used(books: Books, unit: UnitOfMeasure) -> bool:
    """Say whether any charge or usage record of the entity is counted in the unit."""
    return any(_uses(books.entire, unit.name))


def _uses(books: Books, name: str) -> Iterator[int]:
    for attribute in ("uom", "prepaid_uom", "drawdown_uom"):
        yield books.product_charges.count(**{attribute: name})
        yield books.charges.count(**{attribute: name})
    yield len(books.usage.list(uom=name, limit=1))
