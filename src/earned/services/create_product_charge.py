"""Create a charge of a product rate plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from earned.domain.catalog import ProductRatePlanCharge
from earned.domain.charge_spelling import canonical
from earned.domain.errors import Duplicate, Invalid
from earned.domain.tenancy import CustomFields
from earned.services.check_charge import check_charge
from earned.services.ports import Books, NumberKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProductCharge:
    """What the caller says of the charge; `terms` are fields of `ChargeTerms`, in any spelling."""

    product_rate_plan_id: str
    terms: Mapping[str, Any]
    number: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)


def create_product_charge(books: Books, command: CreateProductCharge) -> ProductRatePlanCharge:
    """Create a charge, numbered `PRPC-00000001` unless the caller gives a number.

    Checked in this order: rate plan, number, spellings, then as `check_charge` does. Raises
    `EarnedError`.
    """
    plan_id = command.product_rate_plan_id
    if books.product_rate_plans.find(id=plan_id) is None:
        raise Invalid(
            f"Invalid value for field ProductRatePlanId: {plan_id}",
            field="ProductRatePlanId",
            code="INVALID_ID",
        )
    refuse_taken_number(books, command.number)
    charge = canonical(
        ProductRatePlanCharge(
            **command.terms,
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            number=command.number or books.next_number(NumberKind.PRODUCT_RATE_PLAN_CHARGE),
            product_rate_plan_id=plan_id,
            custom_fields=command.custom_fields,
            **books.stamp(),
        )
    )
    check_charge(books, charge)
    return books.product_charges.add(charge)


def refuse_taken_number(books: Books, number: str | None) -> None:
    """Refuse the number of another charge. Raises `Duplicate`."""
    if number and books.product_charges.find(number=number):
        text = f"The product rate plan charge number '{number}' already exists."
        raise Duplicate(text, field="ProductRatePlanChargeNumber")
