"""How requests say what is subscribed to: rate plans, and overrides of their charges.

Orders nest prices, billing and dates of a charge (`pricing`, `billing`, `startDate`, `endDate`);
the subscription resource has them side by side. Both become the same command.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from earned.domain.charge import Tier
from earned.domain.exact import fits
from earned.domain.subscribing import ChargeOverride
from earned.domain.terms import Length, PeriodType
from earned.http.breakage_terms import EXPECTED_RATE, BreakageChoice
from earned.http.validation import V1Request, WireDay, custom_fields
from earned.services.add_rate_plans import ChosenPlan

TermType = Literal["TERMED", "EVERGREEN"]
RenewalSetting = Literal["RENEW_WITH_SPECIFIC_TERM", "RENEW_TO_EVERGREEN"]

_PRICINGS = {
    *("oneTimeFlatFee", "oneTimePerUnit", "oneTimeTiered", "oneTimeVolume"),
    *("recurringFlatFee", "recurringPerUnit", "recurringTiered", "recurringVolume"),
    *("recurringDelivery", "usageFlatFee", "usagePerUnit", "usageTiered", "usageVolume"),
    *("usageOverage", "usageTieredWithOverage"),
}


def _number(value: Decimal) -> Decimal:
    if not all(fits(value)):
        raise PydanticCustomError("number", "too many digits")
    return value


Number = Annotated[Decimal, AfterValidator(_number)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Text = Annotated[str, Field(max_length=500)]
Period = Literal["Month", "Year", "Day", "Week"]


def length(count: int | None, unit: Period) -> Length | None:
    """Return a term of `count` units, None where there is no count."""
    return None if count is None else Length(count, PeriodType(unit))


class Extended(V1Request):
    """A nested object that may have custom fields, by themselves or under `customFields`."""

    model_config = ConfigDict(extra="allow", frozen=True, alias_generator=to_camel)

    contained: dict[str, Any] | None = Field(default=None, alias="customFields")

    @property
    def custom(self) -> dict[str, Any]:
        """All its custom fields."""
        return custom_fields({**(self.model_extra or {}), **(self.contained or {})})


class TierPrice(V1Request):
    """A price band."""

    tier: Annotated[int, Field(ge=1, le=1000)]
    price: Number
    starting_unit: Number | None = None
    ending_unit: Number | None = None
    price_format: Literal["PerUnit", "FlatFee"] = "PerUnit"

    def band(self) -> Tier:
        """Return it as a tier that has no currency yet."""
        return Tier(currency="", **self.model_dump())


class Billing(V1Request):
    """When and how a charge is billed."""

    bill_cycle_day: Annotated[int, Field(ge=1, le=31)] | None = None
    bill_cycle_type: Text | None = None
    billing_period: Text | None = None
    billing_period_alignment: Text | None = None
    billing_timing: Text | None = None
    specific_billing_period: Annotated[int, Field(ge=1, le=1200)] | None = None


class Ending(V1Request):
    """When a charge ends."""

    end_date_condition: Text | None = None
    up_to_periods: Annotated[int, Field(ge=1, le=1200)] | None = None
    up_to_periods_type: Text | None = None
    specific_end_date: WireDay | None = None


class Starting(V1Request):
    """What starts a charge."""

    trigger_event: Text | None = None
    specific_trigger_date: WireDay | None = None


class ChargeTermsOverride(Extended):
    """What both kinds of request may say of a charge, next to its price."""

    product_rate_plan_charge_id: str | None = None
    product_rate_plan_charge_number: str | None = None
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    description: Text | None = None
    prepaid_quantity: Number | None = None
    validity_period_type: Text | None = None
    validity_period_alignment: Text | None = None
    validity_period_anchor_date: WireDay | None = None
    validity_period_proration_option: Text | None = None
    specific_validity_period_length: Count | None = None
    vp_alignment: Text | None = None
    vp_anchor_date: WireDay | None = None
    vp_proration_option: Text | None = None
    breakage_policy: BreakageChoice | None = None
    expected_breakage_rate: Number | None = Field(default=None, description=EXPECTED_RATE)
    drawdown_rate: Number | None = None
    is_rollover: bool | None = None
    rollover_apply: Text | None = None
    rollover_periods: Count | None = None
    rollover_period_length: Count | None = None
    rollover_period_type: Text | None = None
    rollover_fund_priority: Count | None = None
    rollover_end_date_type: Text | None = None
    rollover_end_date: WireDay | None = None
    drawdown_priority: Count | None = None
    fund_support_account_hierarchy: bool | None = None
    commitment_level: Text | None = None
    drawdown_scope: Text | None = None
    proration_option: Text | None = None
    rev_rec_code: Text | None = None
    rev_rec_trigger_condition: Text | None = None
    revenue_recognition_rule_name: Text | None = None
    exclude_item_billing_from_revenue_accounting: bool | None = None
    exclude_item_booking_from_revenue_accounting: bool | None = None

    def said(self) -> dict[str, Any]:
        """Return the fields of `ChargeTerms` that it sets."""
        names = set(ChargeTermsOverride.model_fields) - set(_RENAMED) - set(_NOT_TERMS)
        terms = self.model_dump(include=names, exclude_none=True)
        renamed = {new: getattr(self, old) for old, new in _RENAMED.items()}
        return terms | {name: value for name, value in renamed.items() if value is not None}


_NOT_TERMS = ("contained", "product_rate_plan_charge_id", "product_rate_plan_charge_number")
_RENAMED = {
    "drawdown_scope": "commitment_level",
    "vp_alignment": "validity_period_alignment",
    "vp_anchor_date": "validity_period_anchor_date",
    "vp_proration_option": "validity_period_proration_option",
    "exclude_item_billing_from_revenue_accounting": "exclude_billing_from_revenue",
    "exclude_item_booking_from_revenue_accounting": "exclude_booking_from_revenue",
}


class SubscribedCharge(Billing, Ending, ChargeTermsOverride):
    """A charge of a rate plan in a request to create a subscription."""

    price: Number | None = None
    overage_price: Number | None = None
    quantity: Number | None = None
    tiers: list[TierPrice] | None = None
    included_units: Number | None = None
    list_price_base: Text | None = None
    rating_group: Text | None = None
    trigger_event: Text | None = None
    trigger_date: WireDay | None = None

    def override(self) -> ChargeOverride:
        """Return it as the command has it."""
        beside = {"included_units", "list_price_base", "rating_group", "trigger_event"}
        names = {*Billing.model_fields, *Ending.model_fields, *beside} - {"specific_end_date"}
        return ChargeOverride(
            product_rate_plan_charge_id=self.product_rate_plan_charge_id,
            product_rate_plan_charge_number=self.product_rate_plan_charge_number,
            terms=self.said() | self.model_dump(include=names, exclude_none=True),
            price=self.price,
            overage_price=self.overage_price,
            quantity=self.quantity,
            tiers=tuple(tier.band() for tier in self.tiers) if self.tiers else None,
            trigger_date=self.trigger_date,
            specific_end_date=self.specific_end_date,
            custom_fields=self.custom,
        )


class Pricing(V1Request):
    """The price of a charge, under the name of its type and model (`recurringFlatFee`)."""

    list_price: Number | None = None
    list_price_base: Text | None = None
    quantity: Number | None = None
    included_units: Number | None = None
    overage_price: Number | None = None
    tiers: list[TierPrice] | None = None
    rating_group: Text | None = None

    def prices(self) -> dict[str, Any]:
        """Return what it says of prices and quantity, as fields of a `ChargeOverride`."""
        return {
            "price": self.list_price,
            "overage_price": self.overage_price,
            "quantity": self.quantity,
            "tiers": tuple(tier.band() for tier in self.tiers) if self.tiers else None,
        }


class OrderedCharge(ChargeTermsOverride):
    """A charge of a rate plan in an order."""

    pricing: dict[str, Pricing | None] | None = None
    billing: Billing | None = None
    start_date: Starting | None = None
    end_date: Ending | None = None

    def override(self) -> ChargeOverride:
        """Return it as the command has it."""
        model, pricing = chosen_pricing(self.pricing, Pricing())
        starting, ending = self.start_date or Starting(), self.end_date or Ending()
        terms = self.said()
        beside = {"list_price_base", "included_units", "rating_group"}
        for part, fields in (
            (pricing, beside),
            (self.billing or Billing(), set(Billing.model_fields)),
            (starting, {"trigger_event"}),
            (ending, set(Ending.model_fields) - {"specific_end_date"}),
        ):
            terms |= part.model_dump(include=fields, exclude_none=True)
        return ChargeOverride(
            product_rate_plan_charge_id=self.product_rate_plan_charge_id,
            product_rate_plan_charge_number=self.product_rate_plan_charge_number,
            terms=terms,
            pricing_model=model,
            **pricing.prices(),
            trigger_date=starting.specific_trigger_date,
            specific_end_date=ending.specific_end_date,
            custom_fields=self.custom,
        )


Priced = TypeVar("Priced", bound=Pricing)


def chosen_pricing(
    given: Mapping[str, Priced | None] | None, none: Priced
) -> tuple[str | None, Priced]:
    """Return the first pricing given that prices anything here, and its name."""
    for name, pricing in (given or {}).items():
        if pricing is not None and name in _PRICINGS:
            return name, pricing
    return None, none


class RatePlanChoice(Extended):
    """A rate plan of the catalog."""

    product_rate_plan_id: str | None = None
    product_rate_plan_number: str | None = None


class SubscribedRatePlan(RatePlanChoice):
    """A rate plan in a request to create a subscription."""

    charge_overrides: list[SubscribedCharge] | None = None

    def chosen(self) -> ChosenPlan:
        """Return it as the command has it."""
        return _chosen(self, [charge.override() for charge in self.charge_overrides or ()])


class OrderedRatePlan(RatePlanChoice):
    """A rate plan in an order."""

    charge_overrides: list[OrderedCharge] | None = None

    def chosen(self) -> ChosenPlan:
        """Return it as the command has it."""
        return _chosen(self, [charge.override() for charge in self.charge_overrides or ()])


def _chosen(choice: RatePlanChoice, overrides: list[ChargeOverride]) -> ChosenPlan:
    return ChosenPlan(
        product_rate_plan_id=choice.product_rate_plan_id,
        product_rate_plan_number=choice.product_rate_plan_number,
        charge_overrides=overrides,
        custom_fields=choice.custom,
    )
