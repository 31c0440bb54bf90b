"""Create a product rate plan."""

from dataclasses import dataclass, field
from datetime import date

from earned.domain.catalog import Product, ProductRatePlan
from earned.domain.errors import Duplicate, Invalid
from earned.domain.tenancy import CustomFields
from earned.services.create_product import check_dates
from earned.services.ports import Books, NumberKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRatePlan:
    """What the caller says of the rate plan."""

    name: str
    product_id: str
    number: str | None = None
    description: str | None = None
    effective_start_date: date | None = None
    effective_end_date: date | None = None
    custom_fields: CustomFields = field(default_factory=dict)


def create_rate_plan(books: Books, command: CreateRatePlan) -> ProductRatePlan:
    """Create a rate plan, numbered `PRP-00000001` unless the caller gives a number.

    Raises `Invalid` for an unknown product or dates in the wrong order, `Duplicate` for a name
    that the product has already or a number that is taken.
    """
    product = _product(books, command.product_id)
    check_dates(command.effective_start_date, command.effective_end_date)
    refuse_taken_plan(books, product.id, command.name, command.number)
    return books.product_rate_plans.add(
        ProductRatePlan(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            number=command.number or books.next_number(NumberKind.PRODUCT_RATE_PLAN),
            product_id=product.id,
            name=command.name,
            description=command.description,
            effective_start_date=command.effective_start_date,
            effective_end_date=command.effective_end_date,
            custom_fields=command.custom_fields,
            **books.stamp(),
        )
    )


def refuse_taken_plan(books: Books, product_id: str, name: str | None, number: str | None) -> None:
    """Refuse the name of a sister plan or the number of any. Raises `Duplicate`."""
    plans = books.product_rate_plans
    if name and plans.find(product_id=product_id, name=name):
        raise Duplicate(f"The product has a rate plan named '{name}' already.", field="Name")
    if number and plans.find(number=number):
        text = f"The product rate plan number '{number}' already exists."
        raise Duplicate(text, field="ProductRatePlanNumber")


def _product(books: Books, product_id: str) -> Product:
    found = books.products.find(id=product_id)
    if found is None:
        raise Invalid(
            f"Invalid value for field ProductId: {product_id}", field="ProductId", code="INVALID_ID"
        )
    return found
