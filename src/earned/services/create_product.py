"""Create a product."""

from dataclasses import dataclass, field
from datetime import date

from earned.domain.catalog import Product
from earned.domain.errors import Duplicate, Invalid
from earned.domain.tenancy import CustomFields
from earned.services.ports import Books, NumberKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProduct:
    """What the caller says of the product."""

    name: str
    effective_start_date: date
    effective_end_date: date
    number: str | None = None
    sku: str | None = None
    category: str | None = None
    description: str | None = None
    allow_feature_changes: bool = False
    custom_fields: CustomFields = field(default_factory=dict)


def create_product(books: Books, command: CreateProduct) -> Product:
    """Create a product, numbered `PC-00000001` unless the caller gives a number.

    The number is its SKU too unless the caller gives one. Raises `Invalid` for dates in the wrong
    order, `Duplicate` for a number or SKU that is taken.
    """
    check_dates(command.effective_start_date, command.effective_end_date)
    refuse_taken(books, command.number, command.sku)
    number = command.number or books.next_number(NumberKind.PRODUCT)
    return books.products.add(
        Product(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            number=number,
            name=command.name,
            sku=command.sku or number,
            category=command.category,
            description=command.description,
            effective_start_date=command.effective_start_date,
            effective_end_date=command.effective_end_date,
            allow_feature_changes=command.allow_feature_changes,
            custom_fields=command.custom_fields,
            **books.stamp(),
        )
    )


def check_dates(start: date | None, end: date | None) -> None:
    """Refuse an end before the start; both days are sold on. Raises `Invalid`."""
    if start is not None and end is not None and end < start:
        raise Invalid(
            "'EffectiveEndDate' value should not be before EffectiveStartDate",
            field="EffectiveEndDate",
        )


def refuse_taken(books: Books, number: str | None, sku: str | None) -> None:
    """Refuse the number or SKU of another product. Raises `Duplicate`."""
    if number and books.products.find(number=number):
        raise Duplicate(f"The product number '{number}' already exists.", field="ProductNumber")
    if sku and books.products.find(sku=sku):
        raise Duplicate(f"The SKU '{sku}' already exists.", field="SKU")
