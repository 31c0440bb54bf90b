"""Change or delete a product."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from earned.domain.catalog import Product
from earned.domain.errors import RuleBroken
from earned.domain.tenancy import CustomFields
from earned.services.create_product import check_dates, refuse_taken
from earned.services.find import row_by_id
from earned.services.leave_trace import leave_change, leave_trace
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProduct:
    """Which product, and what becomes of its fields."""

    id: str
    changes: Mapping[str, Any]
    custom_fields: CustomFields = field(default_factory=dict)


def change_product(books: Books, command: ChangeProduct) -> Product:
    """Change a product. Raises `NotFound`, and what `create_product` raises."""
    product = row_by_id(books.products, command.id)
    new = replace(product, **command.changes)
    check_dates(new.effective_start_date, new.effective_end_date)
    refuse_taken(
        books,
        new.number if new.number != product.number else None,
        new.sku if new.sku != product.sku else None,
    )
    custom = {**product.custom_fields, **command.custom_fields}
    changed = books.products.change(product, **command.changes, custom_fields=custom)
    return leave_change(books, "Product", product, changed)


def delete_product(books: Books, product_id: str) -> Product:
    """Delete a product that has no rate plans; it stays in the audit log.

    Raises `NotFound`, or `RuleBroken` while it has rate plans.
    """
    product = row_by_id(books.products, product_id)
    if books.product_rate_plans.count(product_id=product.id):
        raise RuleBroken(
            f"Product '{product.number}' cannot be deleted: it has rate plans.",
            code="CANNOT_DELETE",
        )
    books.products.remove(product)
    detail = {"number": product.number, "name": product.name}
    leave_trace(books, "deleted", "Product", product.id, detail)
    return product
