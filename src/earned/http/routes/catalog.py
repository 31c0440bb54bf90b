"""The v1 catalog, to be read: products, their rate plans, and the charges of those."""

from collections.abc import Mapping

from earned.domain.catalog import Product, ProductRatePlan
from earned.http.catalog_answers import present_charge, present_plan, present_product
from earned.http.operation import Call, Operation, Read
from earned.http.paging import answer_page, page_of, page_parameters
from earned.services.find import product_by_key, rate_plan_by_key
from earned.services.ports import Books

TAG = "Catalog"


def _products(books: Books, call: Call) -> Mapping[str, object]:
    """Products come in the reverse order of their last change."""
    page = page_of(call)
    order = ["-updated_at", "-id"]
    found = books.products.list(order_by=order, limit=page.limit, offset=page.offset)
    return answer_page(call, page, "products", found, present_product)


def _product(books: Books, call: Call) -> Mapping[str, object]:
    product = product_by_key(books, call.path["product-key"])
    return {**present_product(product), "success": True}


def _plans(books: Books, call: Call) -> Mapping[str, object]:
    page, product = page_of(call), product_by_key(books, call.path["product-key"])
    found = books.product_rate_plans.list(
        product_id=product.id, order_by=["number"], limit=page.limit, offset=page.offset
    )
    return answer_page(
        call, page, "productRatePlans", found, lambda plan: _with_charges(books, plan, product)
    )


def _plan(books: Books, call: Call) -> Mapping[str, object]:
    plan = rate_plan_by_key(books, call.path["id"])
    product = product_by_key(books, plan.product_id)
    return {**present_plan(plan, product, books.today()), "success": True}


def _with_charges(books: Books, plan: ProductRatePlan, product: Product) -> Mapping[str, object]:
    charges = books.product_charges.list(product_rate_plan_id=plan.id, order_by=["number"])
    return {
        **present_plan(plan, product, books.today()),
        "productRatePlanCharges": [present_charge(charge) for charge in charges],
    }


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/catalog/products",
        id="getProducts",
        tag=TAG,
        summary="List all products, the last changed first",
        parameters=page_parameters(),
        work=Read(_products),
    ),
    Operation(
        method="GET",
        path="/v1/catalog/product/{product-key}",
        id="getProduct",
        tag=TAG,
        summary="Retrieve a product by its id or number",
        work=Read(_product),
    ),
    Operation(
        method="GET",
        path="/v1/rateplan/{product-key}/productRatePlan",
        id="getRatePlansByProduct",
        tag=TAG,
        summary="List the rate plans of a product with their charges",
        parameters=page_parameters(),
        work=Read(_plans),
    ),
    Operation(
        method="GET",
        path="/v1/product-rate-plans/{id}",
        id="getProductRatePlan",
        tag=TAG,
        summary="Retrieve a product rate plan by its id or number",
        work=Read(_plan),
    ),
)
