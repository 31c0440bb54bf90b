"""Change or delete a charge of a product rate plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from earned.domain.catalog import ProductRatePlanCharge
from earned.domain.charge_spelling import canonical
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.tenancy import CustomFields
from earned.services.check_charge import check_charge
from earned.services.create_product_charge import refuse_taken_number
from earned.services.find import row_by_id
from earned.services.leave_trace import leave_change, leave_trace
from earned.services.ports import Books

_FIXED = {
    "product_rate_plan_id": "ProductRatePlanId",
    "prepaid_operation_type": "PrepaidOperationType",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProductCharge:
    """Which charge, and what becomes of its fields; tiers are replaced as a whole."""

    id: str
    changes: Mapping[str, Any]
    custom_fields: CustomFields = field(default_factory=dict)


def change_product_charge(books: Books, command: ChangeProductCharge) -> ProductRatePlanCharge:
    """Change a charge of the catalog; what is subscribed keeps the terms it was sold with.

    Raises `NotFound`, `Invalid` for a change of rate plan or prepaid operation (U 1.4: immutable),
    and what `create_product_charge` raises.
    """
    charge = row_by_id(books.product_charges, command.id)
    custom = {**charge.custom_fields, **command.custom_fields}
    new = canonical(replace(charge, **command.changes, custom_fields=custom))
    for attribute, name in _FIXED.items():
        if getattr(new, attribute) != getattr(charge, attribute):
            raise Invalid(f"'{name}' cannot be changed", field=name)
    if new.number != charge.number:
        refuse_taken_number(books, new.number)
    check_charge(books, new, charge)
    changes = {known.name: getattr(new, known.name) for known in fields(new)}
    changed = books.product_charges.change(charge, **changes)
    return leave_change(books, "ProductRatePlanCharge", charge, changed)


def delete_product_charge(books: Books, charge_id: str) -> ProductRatePlanCharge:
    """Delete a charge that nobody subscribed to; it stays in the audit log.

    Raises `NotFound`, or `RuleBroken` while subscriptions have it.
    """
    charge = row_by_id(books.product_charges, charge_id)
    if books.entire.charges.count(product_rate_plan_charge_id=charge.id):
        raise RuleBroken(
            f"Product rate plan charge '{charge.number}' cannot be deleted: it is subscribed to.",
            code="CANNOT_DELETE",
        )
    books.product_charges.remove(charge)
    detail = {"number": charge.number, "name": charge.name, "planId": charge.product_rate_plan_id}
    leave_trace(books, "deleted", "ProductRatePlanCharge", charge.id, detail)
    return charge
