"""Change or delete a product rate plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from earned.domain.catalog import ProductRatePlan
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.tenancy import CustomFields
from earned.services.create_product import check_dates
from earned.services.create_rate_plan import refuse_taken_plan
from earned.services.find import row_by_id
from earned.services.leave_trace import leave_change, leave_trace
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRatePlan:
    """Which rate plan, and what becomes of its fields."""

    id: str
    changes: Mapping[str, Any]
    custom_fields: CustomFields = field(default_factory=dict)


def change_rate_plan(books: Books, command: ChangeRatePlan) -> ProductRatePlan:
    """Change a rate plan; it stays with its product.

    Raises `NotFound`, and what `create_rate_plan` raises.
    """
    plan = row_by_id(books.product_rate_plans, command.id)
    new = replace(plan, **command.changes)
    if new.product_id != plan.product_id:
        raise Invalid("'ProductId' cannot be changed", field="ProductId")
    check_dates(new.effective_start_date, new.effective_end_date)
    refuse_taken_plan(
        books,
        plan.product_id,
        new.name if new.name != plan.name else None,
        new.number if new.number != plan.number else None,
    )
    custom = {**plan.custom_fields, **command.custom_fields}
    changed = books.product_rate_plans.change(plan, **command.changes, custom_fields=custom)
    return leave_change(books, "ProductRatePlan", plan, changed)


def delete_rate_plan(books: Books, plan_id: str) -> ProductRatePlan:
    """Delete a rate plan without charges that nobody subscribed to; it stays in the audit log.

    Raises `NotFound`, or `RuleBroken` while it has charges or subscriptions.
    """
    plan = row_by_id(books.product_rate_plans, plan_id)
    charges = books.product_charges.count(product_rate_plan_id=plan.id)
    if charges or books.rate_plans.count(product_rate_plan_id=plan.id):
        raise RuleBroken(
            f"Product rate plan '{plan.number}' cannot be deleted: it has charges or"
            " subscriptions.",
            code="CANNOT_DELETE",
        )
    books.product_rate_plans.remove(plan)
    detail = {"number": plan.number, "name": plan.name, "productId": plan.product_id}
    leave_trace(books, "deleted", "ProductRatePlan", plan.id, detail)
    return plan
