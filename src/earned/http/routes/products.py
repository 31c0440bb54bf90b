"""Products and their rate plans: `/v1/object/product`, `/v1/object/product-rate-plan`."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from earned.domain.catalog import Product, ProductRatePlan
from earned.domain.stamps import object_stamps
from earned.http.answers import ObjectChanged
from earned.http.dialect import Dialect
from earned.http.object_answers import ObjectDeleted, changed, deleted
from earned.http.operation import Call, Operation, Read, Write
from earned.http.validation import ObjectRequest, WireDay, custom_fields
from earned.services.change_product import ChangeProduct, change_product, delete_product
from earned.services.change_rate_plan import ChangeRatePlan, change_rate_plan, delete_rate_plan
from earned.services.create_product import CreateProduct, create_product
from earned.services.create_rate_plan import CreateRatePlan, create_rate_plan
from earned.services.find import row_by_id
from earned.services.ports import Books
from earned.services.work import single

PRODUCT, RATE_PLAN = 502000, 502100
PRODUCTS, RATE_PLANS = "/v1/object/product", "/v1/object/product-rate-plan"

Number = Annotated[str, Field(min_length=1, max_length=100)]
Sku = Annotated[str, Field(min_length=1, max_length=50)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
PlanName = Annotated[str, Field(min_length=1, max_length=255)]
Description = Annotated[str, Field(max_length=500)]
Category = Literal["Base Products", "Add On Services", "Miscellaneous Products"]
Id = Annotated[str, Field(max_length=32)]


class NewProduct(ObjectRequest):
    """A product, sold from its start date to its end date, both included."""

    name: Name
    effective_start_date: WireDay
    effective_end_date: WireDay
    number: Number | None = Field(default=None, alias="ProductNumber")
    sku: Sku | None = Field(default=None, alias="SKU")
    category: Category | None = None
    description: Description | None = None
    allow_feature_changes: bool = False


class ChangedProduct(ObjectRequest):
    """What becomes of a product; what is not named stays."""

    name: Name = ""
    effective_start_date: WireDay = date.min
    effective_end_date: WireDay = date.max
    number: Number = Field(default="", alias="ProductNumber")
    sku: Sku = Field(default="", alias="SKU")
    category: Category | None = None
    description: Description | None = None
    allow_feature_changes: bool = False


class NewRatePlan(ObjectRequest):
    """A rate plan of a product."""

    name: PlanName
    product_id: Id
    number: Number | None = Field(default=None, alias="ProductRatePlanNumber")
    description: Description | None = None
    effective_start_date: WireDay | None = None
    effective_end_date: WireDay | None = None


class ChangedRatePlan(ObjectRequest):
    """What becomes of a rate plan; what is not named stays."""

    name: PlanName = ""
    product_id: Id = ""
    number: Number = Field(default="", alias="ProductRatePlanNumber")
    description: Description | None = None
    effective_start_date: WireDay | None = None
    effective_end_date: WireDay | None = None


def _new_product(call: Call) -> CreateProduct:
    body: NewProduct = call.body
    return CreateProduct(**body.model_dump(), custom_fields=custom_fields(call.payload))


def _changed_product(call: Call) -> ChangeProduct:
    return ChangeProduct(id=call.path["id"], changes=_given(call), custom_fields=_custom(call))


def _new_plan(call: Call) -> CreateRatePlan:
    body: NewRatePlan = call.body
    return CreateRatePlan(**body.model_dump(), custom_fields=_custom(call))


def _changed_plan(call: Call) -> ChangeRatePlan:
    return ChangeRatePlan(id=call.path["id"], changes=_given(call), custom_fields=_custom(call))


def _given(call: Call) -> Mapping[str, object]:
    body: BaseModel = call.body
    return body.model_dump(exclude_unset=True)


def _custom(call: Call) -> Mapping[str, object]:
    return custom_fields(call.payload)


def _get_product(books: Books, call: Call) -> Mapping[str, object]:
    product: Product = row_by_id(books.products, call.path["id"])
    return {
        "Id": product.id,
        "Name": product.name,
        "ProductNumber": product.number,
        "SKU": product.sku,
        "Category": product.category,
        "Description": product.description,
        "EffectiveStartDate": product.effective_start_date,
        "EffectiveEndDate": product.effective_end_date,
        "AllowFeatureChanges": product.allow_feature_changes,
        **object_stamps(product, books.settings.zone),
        **product.custom_fields,
    }


def _get_plan(books: Books, call: Call) -> Mapping[str, object]:
    plan: ProductRatePlan = row_by_id(books.product_rate_plans, call.path["id"])
    return {
        "Id": plan.id,
        "ProductId": plan.product_id,
        "Name": plan.name,
        "ProductRatePlanNumber": plan.number,
        "Description": plan.description,
        "EffectiveStartDate": plan.effective_start_date,
        "EffectiveEndDate": plan.effective_end_date,
        **object_stamps(plan, books.settings.zone),
        **plan.custom_fields,
    }


OPERATIONS = (
    Operation(
        method="POST",
        path=PRODUCTS,
        id="createProduct",
        tag="Catalog",
        summary="CRUD: Create a product",
        dialect=Dialect.OBJECT,
        resource=PRODUCT,
        body=NewProduct,
        answer=ObjectChanged,
        work=Write(single(create_product), _new_product, changed),
    ),
    Operation(
        method="GET",
        path=f"{PRODUCTS}/{{id}}",
        id="getProductObject",
        tag="Catalog",
        summary="CRUD: Retrieve a product",
        dialect=Dialect.OBJECT,
        work=Read(_get_product),
    ),
    Operation(
        method="PUT",
        path=f"{PRODUCTS}/{{id}}",
        id="updateProduct",
        tag="Catalog",
        summary="CRUD: Update a product",
        dialect=Dialect.OBJECT,
        resource=PRODUCT,
        body=ChangedProduct,
        answer=ObjectChanged,
        work=Write(single(change_product), _changed_product, changed),
    ),
    Operation(
        method="DELETE",
        path=f"{PRODUCTS}/{{id}}",
        id="deleteProduct",
        tag="Catalog",
        summary="CRUD: Delete a product",
        dialect=Dialect.OBJECT,
        answer=ObjectDeleted,
        work=Write(single(delete_product), lambda call: call.path["id"], deleted),
    ),
    Operation(
        method="POST",
        path=RATE_PLANS,
        id="createProductRatePlan",
        tag="Catalog",
        summary="CRUD: Create a product rate plan",
        dialect=Dialect.OBJECT,
        resource=RATE_PLAN,
        body=NewRatePlan,
        answer=ObjectChanged,
        work=Write(single(create_rate_plan), _new_plan, changed),
    ),
    Operation(
        method="GET",
        path=f"{RATE_PLANS}/{{id}}",
        id="getProductRatePlanObject",
        tag="Catalog",
        summary="CRUD: Retrieve a product rate plan",
        dialect=Dialect.OBJECT,
        work=Read(_get_plan),
    ),
    Operation(
        method="PUT",
        path=f"{RATE_PLANS}/{{id}}",
        id="updateProductRatePlan",
        tag="Catalog",
        summary="CRUD: Update a product rate plan",
        dialect=Dialect.OBJECT,
        resource=RATE_PLAN,
        body=ChangedRatePlan,
        answer=ObjectChanged,
        work=Write(single(change_rate_plan), _changed_plan, changed),
    ),
    Operation(
        method="DELETE",
        path=f"{RATE_PLANS}/{{id}}",
        id="deleteProductRatePlan",
        tag="Catalog",
        summary="CRUD: Delete a product rate plan",
        dialect=Dialect.OBJECT,
        answer=ObjectDeleted,
        work=Write(single(delete_rate_plan), lambda call: call.path["id"], deleted),
    ),
)
