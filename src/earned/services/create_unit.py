"""Create a unit of measure."""

from dataclasses import dataclass, field

from earned.domain.catalog import UnitOfMeasure
from earned.domain.errors import Duplicate
from earned.domain.tenancy import CustomFields
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateUnit:
    """What the caller says of the unit (U 1.3)."""

    name: str
    decimal_places: int
    displayed_as: str | None = None
    rounding_mode: str = "Up"
    active: bool = True
    usage_log_file_label: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)


def create_unit(books: Books, command: CreateUnit) -> UnitOfMeasure:
    """Create a unit, displayed as its name unless the caller says otherwise.

    Raises `Duplicate` for a name that is taken.
    """
    refuse_taken_name(books, command.name)
    return books.units.add(
        UnitOfMeasure(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            name=command.name,
            displayed_as=command.displayed_as or command.name,
            decimal_places=command.decimal_places,
            rounding_mode=command.rounding_mode,
            active=command.active,
            usage_log_file_label=command.usage_log_file_label,
            custom_fields=command.custom_fields,
            **books.stamp(),
        )
    )


def refuse_taken_name(books: Books, name: str) -> None:
    """Refuse the name of another unit. Raises `Duplicate`."""
    if books.units.find(name=name) is not None:
        raise Duplicate(f"The unit of measure '{name}' already exists.", field="UomName")
