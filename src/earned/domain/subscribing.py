"""From a charge of the catalog to one of a subscription: its price, and what orders override."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from earned.domain.catalog import ProductRatePlanCharge
from earned.domain.charge import ChargeTerms, Tier
from earned.domain.charge_rules import check_terms
from earned.domain.charge_spelling import canonical
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.exact import ONE, fits
from earned.domain.rating import is_rated
from earned.domain.subscription import RatePlanCharge
from earned.domain.tenancy import CustomFields, Stamped

_ONE_PRICE = {"FlatFee", "PerUnit", "Delivery"}
_STAMPS = {stamp.name for stamp in fields(Stamped)}
_TERMS = [term.name for term in fields(ChargeTerms) if term.name not in _STAMPS]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeOverride:
    """What an order says of one charge of a rate plan; the catalog says the rest.

    `terms` are fields of `ChargeTerms` by name. `pricing_model` is set where the order names the
    model it prices (`recurringFlatFee`). Tiers come without a currency: it is the subscription's.
    """

    product_rate_plan_charge_id: str | None = None
    product_rate_plan_charge_number: str | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)
    pricing_model: str | None = None
    price: Decimal | None = None
    overage_price: Decimal | None = None
    quantity: Decimal | None = None
    tiers: tuple[Tier, ...] | None = None
    trigger_date: date | None = None
    specific_end_date: date | None = None
    custom_fields: CustomFields = field(default_factory=dict)

    def is_for(self, offered: ProductRatePlanCharge) -> bool:
        """Say whether it is this charge that the order means."""
        by_id, by_number = self.product_rate_plan_charge_id, self.product_rate_plan_charge_number
        named = by_id is not None or by_number is not None
        return named and by_id in {None, offered.id} and by_number in {None, offered.number}


def subscribed_terms(
    offered: ProductRatePlanCharge, override: ChargeOverride, currency: str
) -> ProductRatePlanCharge:
    """Return a charge as the order has it, prices in the currency of the subscription.

    Raises `RuleBroken` for a charge model that nothing is rated or billed by, where there is no
    price in the currency, or it is not this model's, and what the catalog would refuse of a charge
    like that.
    """
    if not is_rated(offered.charge_model):
        message = (
            f"The charge '{offered.name}' cannot be sold: nothing is billed by the charge model"
        )
        raise RuleBroken(f"{message} {offered.charge_model} here.")
    _check_pricing_model(offered, override)
    tiers = _tiers(offered, override, currency)
    if not tiers:
        raise RuleBroken(f"The charge '{offered.name}' has no price in the currency {currency}.")
    terms = canonical(replace(offered, **override.terms, tiers=tiers))
    check_terms(terms)
    return terms


def updated_charge(charge: RatePlanCharge, override: ChargeOverride) -> RatePlanCharge:
    """Return a charge of a subscription as an order changes it: prices, quantities, units.

    Raises `RuleBroken` or `Invalid` for what could not be sold so.
    """
    _check_pricing_model(charge, override)
    tiers = _tiers(charge, override, charge.currency)
    custom = {**charge.custom_fields, **override.custom_fields}
    changed = canonical(replace(charge, **override.terms, tiers=tiers, custom_fields=custom))
    check_terms(changed)
    if override.quantity is None or charge.quantity is None:
        return changed
    if override.quantity < 0 or not all(fits(override.quantity)):
        raise Invalid("'quantity' value is invalid", field="quantity")
    return replace(changed, quantity=override.quantity)


def term_fields(terms: ChargeTerms) -> dict[str, Any]:
    """Return the terms of a charge by field, to make another charge with the same terms."""
    return {name: getattr(terms, name) for name in _TERMS}


def subscribed_quantity(offered: ProductRatePlanCharge, override: ChargeOverride) -> Decimal | None:
    """Return how many units are bought; a usage charge and a flat fee have no quantity."""
    if offered.charge_type == "Usage" or offered.charge_model == "FlatFee":
        return None
    quantity = override.quantity if override.quantity is not None else offered.default_quantity
    if quantity is not None and (quantity < 0 or not all(fits(quantity))):
        raise Invalid("'quantity' value is invalid", field="quantity")
    return ONE if quantity is None else quantity


def _check_pricing_model(offered: ChargeTerms, override: ChargeOverride) -> None:
    expected = offered.charge_type[0].lower() + offered.charge_type[1:] + offered.charge_model
    if override.pricing_model not in {None, expected}:
        raise RuleBroken(
            f"The pricing of the charge '{offered.name}' should be given as '{expected}'."
        )


def _tiers(offered: ChargeTerms, override: ChargeOverride, currency: str) -> tuple[Tier, ...]:
    tiers = tuple(tier for tier in offered.tiers if tier.currency == currency)
    if override.tiers:
        given = tuple(replace(tier, currency=currency) for tier in override.tiers)
        tiers = (*given, *(tier for tier in tiers if tier.is_overage))
    if override.price is not None and offered.charge_model in _ONE_PRICE:
        tiers = (Tier(currency=currency, price=override.price),)
    if override.overage_price is not None:
        tiers = _with_overage_price(offered.charge_model, tiers, override.overage_price, currency)
    return tiers


def _with_overage_price(
    model: str, tiers: tuple[Tier, ...], price: Decimal, currency: str
) -> tuple[Tier, ...]:
    """Replace the price of units beyond those included, which is all that `Overage` prices."""
    if model == "Overage":
        return (Tier(currency=currency, price=price),)
    if model != "TieredWithOverage":
        return tiers
    included = tuple(tier for tier in tiers if not tier.is_overage)
    return (*included, Tier(currency=currency, price=price, is_overage=True))
