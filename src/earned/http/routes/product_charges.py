"""Charges of product rate plans: `/v1/object/product-rate-plan-charge`.

The real API takes the prepaid fields only with `X-Zuora-WSDL-Version` 114 or higher ("otherwise an
error occurs"). The official client does not send that header, so they are accepted always.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from earned.domain.catalog import ProductRatePlanCharge
from earned.domain.charge import Tier
from earned.domain.charge_rules import prepaid_total
from earned.domain.charge_spelling import (
    CHOICES,
    NULLABLE,
    TERMS,
    long_form,
    object_name,
    parse_price_format,
)
from earned.domain.stamps import object_stamps
from earned.http.answers import ObjectChanged
from earned.http.breakage_terms import EXPECTED_RATE, BreakageChoice
from earned.http.dialect import Dialect
from earned.http.object_answers import ObjectDeleted, changed, deleted
from earned.http.operation import Call, Operation, Read, Write
from earned.http.validation import ObjectRequest, WireDay, WireInt, custom_fields
from earned.services.change_product_charge import (
    ChangeProductCharge,
    change_product_charge,
    delete_product_charge,
)
from earned.services.create_product_charge import CreateProductCharge, create_product_charge
from earned.services.find import row_by_id
from earned.services.ports import Books
from earned.services.work import single

RESOURCE = 502200
PATH = "/v1/object/product-rate-plan-charge"

Name = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(max_length=100)]
Id = Annotated[str, Field(max_length=32)]
TIERS = "ProductRatePlanChargeTierData"


class PriceTier(ObjectRequest):
    """A price in one currency, of all units or of a band of them."""

    currency: Annotated[str, Field(min_length=3, max_length=3)]
    price: Decimal
    starting_unit: Decimal | None = None
    ending_unit: Decimal | None = None
    price_format: str | None = None
    tier: Annotated[int, Field(ge=1)] = 1
    is_overage_price: bool = False


class PriceTiers(ObjectRequest):
    """The prices of a charge."""

    product_rate_plan_charge_tier: tuple[PriceTier, ...] = ()


class ChargeFields(ObjectRequest):
    """The fields of a charge. Choices are accepted in any spelling (`charge_spelling`)."""

    description: Annotated[str, Field(max_length=500)] | None = None
    uom: Annotated[str, Field(max_length=50)] | None = Field(default=None, alias="UOM")
    default_quantity: Decimal | None = None
    included_units: Decimal | None = None
    tiers: PriceTiers | None = Field(default=None, alias=TIERS)
    list_price_base: Text | None = None
    billing_period: Text | None = None
    specific_billing_period: WireInt | None = None
    billing_period_alignment: Text | None = None
    billing_timing: Text | None = None
    bill_cycle_type: Text | None = None
    bill_cycle_day: WireInt | None = None
    trigger_event: Text | None = None
    end_date_condition: Text | None = None
    up_to_periods: Annotated[int, Field(gt=0, lt=65535)] | None = None
    up_to_periods_type: Text | None = None
    rating_group: Text | None = None
    is_prepaid: bool | None = None
    prepaid_operation_type: Text | None = None
    prepaid_quantity: Decimal | None = None
    prepaid_total_quantity: Decimal | None = None
    prepaid_uom: Annotated[str, Field(max_length=50)] | None = None
    validity_period_type: Text | None = None
    validity_period_alignment: Text | None = None
    validity_period_alignment_old: Text | None = Field(default=None, alias="VpAlignment")
    validity_period_anchor_date: WireDay | None = None
    validity_period_anchor_date_old: WireDay | None = Field(default=None, alias="VpAnchorDate")
    validity_period_proration_option: Text | None = None
    validity_period_proration_option_old: Text | None = Field(
        default=None, alias="VpProrationOption"
    )
    specific_validity_period_length: WireInt | None = None
    credit_option: Text | None = None
    breakage_policy: BreakageChoice | None = None
    expected_breakage_rate: Decimal | None = Field(default=None, description=EXPECTED_RATE)
    drawdown_rate: Decimal | None = None
    drawdown_uom: Annotated[str, Field(max_length=50)] | None = None
    is_rollover: bool | None = None
    rollover_apply: Text | None = None
    rollover_periods: WireInt | None = None
    rollover_period_length: WireInt | None = None
    rollover_period_type: Text | None = None
    rollover_fund_priority: WireInt | None = None
    rollover_end_date_type: Text | None = None
    rollover_end_date: WireDay | None = None
    charge_function: Text | None = None
    commitment_type: Text | None = Field(default=None, alias="PrepaymentUnitType")
    commitment_type_old: Text | None = Field(default=None, alias="CommitmentType")
    commitment_level: Text | None = Field(default=None, alias="DrawdownScope")
    commitment_level_old: Text | None = Field(default=None, alias="CommitmentLevel")
    drawdown_priority: WireInt | None = None
    fund_support_account_hierarchy: bool | None = None
    proration_option: Text | None = None
    accounting_code: Text | None = None
    recognized_revenue_account: Text | None = None
    deferred_revenue_account: Text | None = None
    adjustment_revenue_account: Text | None = None
    revenue_recognition_rule_name: Text | None = None
    rev_rec_code: Annotated[str, Field(max_length=70)] | None = None
    rev_rec_trigger_condition: Text | None = None
    exclude_booking_from_revenue: bool | None = Field(
        default=None, alias="ExcludeItemBookingFromRevenueAccounting"
    )
    exclude_billing_from_revenue: bool | None = Field(
        default=None, alias="ExcludeItemBillingFromRevenueAccounting"
    )
    use_discount_specific_accounting_code: bool | None = None
    number: Name | None = Field(default=None, alias="ProductRatePlanChargeNumber")


class NewCharge(ChargeFields):
    """A charge of a rate plan. Its numbers of units and prices are exact decimals."""

    product_rate_plan_id: Id
    name: Name
    charge_type: Text
    charge_model: Text


class ChangedCharge(ChargeFields):
    """What becomes of a charge; what is not named stays, and tiers are replaced as a whole."""

    product_rate_plan_id: Id | None = None
    name: Name | None = None
    charge_type: Text | None = None
    charge_model: Text | None = None


_DEFAULTS = {
    "bill_cycle_type": "DefaultFromCustomer",
    "trigger_event": "ContractEffective",
    "end_date_condition": "SubscriptionEnd",
}


def _new(call: Call) -> CreateProductCharge:
    body: NewCharge = call.body
    given = {name: value for name, value in _given(body).items() if value is not None}
    return CreateProductCharge(
        product_rate_plan_id=given.pop("product_rate_plan_id"),
        number=given.pop("number", None),
        terms={**_DEFAULTS, **given},
        custom_fields=custom_fields(call.payload),
    )


def _changed(call: Call) -> ChangeProductCharge:
    """What may not be nothing is left as it is when it is sent as null."""
    given = _given(call.body).items()
    return ChangeProductCharge(
        id=call.path["id"],
        changes={name: value for name, value in given if value is not None or name in NULLABLE},
        custom_fields=custom_fields(call.payload),
    )


_RENAMED = (
    *("commitment_type", "commitment_level", "validity_period_alignment"),
    *("validity_period_anchor_date", "validity_period_proration_option"),
)


def _given(body: ChargeFields) -> dict[str, Any]:
    """Return the fields that were sent, by the names of `ProductRatePlanCharge`.

    Some are known by an older name too, which is deprecated. The total of a prepayment is computed,
    so what is sent is ignored.
    """
    given = body.model_dump(exclude_unset=True, exclude={"tiers", "prepaid_total_quantity"})
    for name in _RENAMED:
        old = given.pop(f"{name}_old", None)
        if old is not None:
            given.setdefault(name, old)
    if body.tiers is not None:
        given["tiers"] = tuple(_tier(row) for row in body.tiers.product_rate_plan_charge_tier)
    return given


def _tier(row: PriceTier) -> Tier:
    return Tier(
        currency=row.currency.upper(),
        tier=row.tier,
        starting_unit=row.starting_unit,
        ending_unit=row.ending_unit,
        price=row.price,
        price_format=parse_price_format(row.price_format),
        is_overage=row.is_overage_price,
    )


def _get(books: Books, call: Call) -> Mapping[str, object]:
    charge: ProductRatePlanCharge = row_by_id(books.product_charges, call.path["id"])
    return {
        "Id": charge.id,
        "ProductRatePlanId": charge.product_rate_plan_id,
        "ProductRatePlanChargeNumber": charge.number,
        **{object_name(field): _shown(charge, field) for field in TERMS if field != "tiers"},
        TIERS: {"ProductRatePlanChargeTier": _shown_tiers(charge.tiers)},
        **_twice_named(charge),
        **object_stamps(charge, books.settings.zone),
        **charge.custom_fields,
    }


def _shown(charge: ProductRatePlanCharge, field: str) -> object:
    value = getattr(charge, field)
    return long_form(field, value) if field in CHOICES and value is not None else value


def _twice_named(charge: ProductRatePlanCharge) -> Mapping[str, object]:
    """Return what the documented answer has under an older name, or in the other case."""
    total = prepaid_total(charge)
    return {
        "CommitmentType": charge.commitment_type,
        "CommitmentLevel": charge.commitment_level,
        "PrepaidTotalQuantity": total,
        "prepaidQuantity": charge.prepaid_quantity,
        "prepaidTotalQuantity": total,
        "prepaidUom": charge.prepaid_uom,
    }


def _shown_tiers(tiers: Sequence[Tier]) -> Sequence[Mapping[str, object]]:
    return [
        {
            "Currency": tier.currency,
            "Tier": tier.tier,
            "StartingUnit": tier.starting_unit,
            "EndingUnit": tier.ending_unit,
            "Price": tier.price,
            "PriceFormat": {"PerUnit": "Per Unit", "FlatFee": "Flat Fee"}[tier.price_format],
            "IsOveragePrice": tier.is_overage,
        }
        for tier in tiers
    ]


OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        id="createProductRatePlanCharge",
        tag="Catalog",
        summary="CRUD: Create a product rate plan charge",
        dialect=Dialect.OBJECT,
        resource=RESOURCE,
        body=NewCharge,
        answer=ObjectChanged,
        work=Write(single(create_product_charge), _new, changed),
    ),
    Operation(
        method="GET",
        path=f"{PATH}/{{id}}",
        id="getProductRatePlanCharge",
        tag="Catalog",
        summary="CRUD: Retrieve a product rate plan charge",
        dialect=Dialect.OBJECT,
        work=Read(_get),
    ),
    Operation(
        method="PUT",
        path=f"{PATH}/{{id}}",
        id="updateProductRatePlanCharge",
        tag="Catalog",
        summary="CRUD: Update a product rate plan charge",
        dialect=Dialect.OBJECT,
        resource=RESOURCE,
        body=ChangedCharge,
        answer=ObjectChanged,
        work=Write(single(change_product_charge), _changed, changed),
    ),
    Operation(
        method="DELETE",
        path=f"{PATH}/{{id}}",
        id="deleteProductRatePlanCharge",
        tag="Catalog",
        summary="CRUD: Delete a product rate plan charge",
        dialect=Dialect.OBJECT,
        answer=ObjectDeleted,
        work=Write(single(delete_product_charge), lambda call: call.path["id"], deleted),
    ),
)
